#include "tarn/search/hot_columns.h"

#include <algorithm>

#include "tarn/search/limits.h"

namespace tarn::search {

bool HotColumns::IsHot(const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto found = columns_.find(key);
  if (found == columns_.end()) return false;
  const Column& column = found->second;
  return column.spent >= column.whole && column.whole <= static_cast<uint64_t>(bytes_max_);
}

void HotColumns::Fetched(const std::string& key, uint64_t rows, int64_t bytes,
                         uint64_t rows_of_table) {
  if (rows == 0 || bytes_max_ == 0) return;
  std::lock_guard lock(mutex_);
  // Versions that nobody reads any more are forgotten with the others: they cost a few fetches.
  if (columns_.size() >= kHotColumnsMax && columns_.count(key) == 0) columns_.clear();
  Column& column = columns_[key];
  column.rows += rows;
  column.bytes += static_cast<uint64_t>(std::max<int64_t>(bytes, 0));
  column.spent += kFetchCallBytes + rows * kFetchRowBytes;
  column.whole = column.bytes / column.rows * rows_of_table;
}

void HotColumns::Forget(const std::string& key) {
  std::lock_guard lock(mutex_);
  columns_.erase(key);
}

}  // namespace tarn::search
