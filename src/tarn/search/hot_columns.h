#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace tarn::search {

/// Which columns are worth holding whole: rent or buy. Fetching a few rows of a column costs a call
/// and a page a row; once the fetches of a column have cost what reading all of it would have, it
/// is hot. Thread safe.
///
///  1. At most twice the least is ever read, whatever comes, and no clock has a say.
///  2. What it remembers is bounded.
class HotColumns {
 public:
  /// `bytes_max`: a larger column is never hot.
  explicit HotColumns(int64_t bytes_max) : bytes_max_(bytes_max) {}

  /// Is reading the whole column of this key the next thing to do?
  bool IsHot(const std::string& key) const;
  /// `rows` cells of the column, `bytes` in all, were fetched out of `rows_of_table`.
  void Fetched(const std::string& key, uint64_t rows, int64_t bytes, uint64_t rows_of_table);
  /// The column was read, or could not be: begins to count anew.
  void Forget(const std::string& key);

 private:
  struct Column {
    uint64_t rows = 0;   // fetched
    uint64_t bytes = 0;  // of them
    uint64_t spent = 0;  // on fetches, as bytes of a scan
    uint64_t whole = 0;  // bytes of the whole column, as those that were fetched let guess
  };

  const int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Column> columns_;  // guarded by mutex_
};

}  // namespace tarn::search
