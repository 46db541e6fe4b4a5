#include "tarn/search/reach.h"

#include <algorithm>

#include "tarn/base/check.h"
#include "tarn/search/limits.h"

namespace tarn::search {

Reach::Reach(const Adjacency* side, const Adjacency* other_side)
    : side_(side), other_side_(other_side) {
  TARN_CHECK(other_side == nullptr || other_side->vertices() == side->vertices(),
             "an undirected traversal between two node types");
  stamps_.resize(side->vertices());
}

int64_t Reach::bytes() const {
  return static_cast<int64_t>(stamps_.capacity() * sizeof(uint32_t) +
                              (met_.capacity() + emitted_.capacity()) * sizeof(Dense));
}

Result<std::span<const Dense>> Reach::From(const Request& request, Dense source, HopBounds bounds) {
  TARN_RETURN_IF_ERROR(Search(request, source, bounds, nullptr).status());
  return std::span<const Dense>(emitted_);
}

Result<bool> Reach::Reaches(const Request& request, Dense source, Dense target, HopBounds bounds) {
  if (source == target) return bounds.min == 1 && HasSelfLoop(source);
  TARN_ASSIGN_OR_RETURN(const uint32_t depth, Search(request, source, bounds, &target));
  return depth != 0 && depth >= bounds.min;
}

Result<uint32_t> Reach::Search(const Request& request, Dense source, HopBounds bounds,
                               const Dense* target) {
  TARN_CHECK(bounds.min >= 1 && bounds.min <= bounds.max, "hop bounds that the language refuses");
  if (++stamp_ == 0) {
    std::fill(stamps_.begin(), stamps_.end(), 0);
    stamp_ = 1;
  }
  met_.assign(1, source);
  emitted_.clear();
  stamps_[source] = stamp_;
  size_t frontier = 0;
  for (uint32_t depth = 1; depth <= bounds.max && frontier < met_.size(); ++depth) {
    const size_t next = met_.size();
    for (; frontier < next; ++frontier) {
      const Dense vertex = met_[frontier];
      TARN_RETURN_IF_ERROR(Follow(request, *side_, vertex));
      if (other_side_ != nullptr) TARN_RETURN_IF_ERROR(Follow(request, *other_side_, vertex));
      if (target != nullptr && stamps_[*target] == stamp_) return depth;
    }
    if (depth < bounds.min) continue;
    if (depth == 1 && HasSelfLoop(source)) emitted_.push_back(source);
    emitted_.insert(emitted_.end(), met_.begin() + static_cast<std::ptrdiff_t>(next), met_.end());
  }
  return 0u;
}

Status Reach::Follow(const Request& request, const Adjacency& side, Dense vertex) {
  const std::span<const Dense> neighbours = side.NeighboursOf(vertex);
  for (Dense neighbour : neighbours) {
    if (stamps_[neighbour] == stamp_) continue;
    stamps_[neighbour] = stamp_;
    met_.push_back(neighbour);
  }
  edges_followed_ += neighbours.size();
  if (edges_followed_ < next_check_) return Status::Ok();
  next_check_ = edges_followed_ + kCheckEvery;
  return request.Check();
}

bool Reach::HasSelfLoop(Dense vertex) const {
  // Either side stores every self-loop.
  const std::span<const Dense> neighbours = side_->NeighboursOf(vertex);
  return std::binary_search(neighbours.begin(), neighbours.end(), vertex);
}

}  // namespace tarn::search
