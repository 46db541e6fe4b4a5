#include "tarn/search/intersect.h"

#include <algorithm>
#include <iterator>

namespace tarn::search {

size_t Gallop(std::span<const Dense> list, size_t from, Dense value) {
  size_t step = 1;
  size_t low = from;
  size_t high = from;
  while (high < list.size() && list[high] < value) {
    low = high + 1;
    high += step;
    step *= 2;
  }
  high = std::min(high, list.size());
  return static_cast<size_t>(std::lower_bound(list.begin() + static_cast<std::ptrdiff_t>(low),
                                              list.begin() + static_cast<std::ptrdiff_t>(high),
                                              value) -
                             list.begin());
}

std::span<const Dense> Intersection::Of(NeighbourLists lists) {
  found_.clear();
  if (lists.empty()) return found_;
  by_size_.assign(lists.begin(), lists.end());
  std::sort(by_size_.begin(), by_size_.end(),
            [](const auto& a, const auto& b) { return a.size() < b.size(); });
  std::unique_copy(by_size_[0].begin(), by_size_[0].end(), std::back_inserter(found_));
  for (size_t i = 1; i < by_size_.size(); ++i) {
    size_t place = 0;
    size_t kept = 0;
    for (Dense member : found_) {
      place = Gallop(by_size_[i], place, member);
      if (place == by_size_[i].size()) break;
      if (by_size_[i][place] == member) found_[kept++] = member;
    }
    found_.resize(kept);
  }
  return found_;
}

std::span<const Dense> Union::Of(NeighbourLists lists) {
  found_.clear();
  for (const std::span<const Dense> list : lists) {
    merged_.clear();
    std::merge(found_.begin(), found_.end(), list.begin(), list.end(), std::back_inserter(merged_));
    merged_.erase(std::unique(merged_.begin(), merged_.end()), merged_.end());
    found_.swap(merged_);
  }
  return found_;
}

}  // namespace tarn::search
