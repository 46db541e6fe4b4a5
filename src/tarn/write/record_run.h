#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "tarn/write/scratch.h"

namespace tarn::write {

/// Records of one fixed size, appended and read back in order; older ones may lie in a scratch
/// file.
template <typename T>
class RecordRun {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  void Append(const T& record) {
    if (next_ == last_) Grow();
    *next_++ = record;
    ++count_;
  }
  uint64_t count() const { return count_; }
  int64_t bytes_held() const { return bytes_held_; }

  /// Moves everything held to the end of `file`, always the same one.
  Status SpillTo(ScratchFile& file) {
    for (size_t i = 0; i < chunks_.size(); ++i) {
      const std::span<const T> used = Used(i);
      if (used.empty()) continue;
      TARN_ASSIGN_OR_RETURN(const Extent extent, file.Append(std::as_bytes(used)));
      if (!extents_.empty() && extents_.back().offset + extents_.back().size == extent.offset) {
        extents_.back().size += extent.size;
      } else {
        extents_.push_back(extent);
      }
    }
    chunks_.clear();
    next_ = last_ = nullptr;
    bytes_held_ = 0;
    return Status::Ok();
  }

  /// Calls `visit(record)` for each, in the order of Append. `file` may be null if nothing was
  /// spilled.
  template <typename Visit>
  Status ForEach(const ScratchFile* file, Visit&& visit) const {
    std::vector<T> buffer;
    for (const Extent& extent : extents_) {
      for (uint64_t at = 0; at < extent.size;) {
        const uint64_t records = std::min<uint64_t>(kReadRecords, (extent.size - at) / sizeof(T));
        buffer.resize(records);
        TARN_RETURN_IF_ERROR(
            file->ReadAt(extent.offset + at, std::as_writable_bytes(std::span(buffer))));
        for (const T& record : buffer) visit(record);
        at += records * sizeof(T);
      }
    }
    for (size_t i = 0; i < chunks_.size(); ++i) {
      for (const T& record : Used(i)) visit(record);
    }
    return Status::Ok();
  }

 private:
  static constexpr size_t kFirstRecords = 16;
  static constexpr size_t kMostRecords = 4096;  // of one chunk
  static constexpr size_t kReadRecords = 8192;

  struct Chunk {
    std::unique_ptr<T[]> records;
    size_t capacity = 0;
  };

  std::span<const T> Used(size_t i) const {
    const Chunk& chunk = chunks_[i];
    const bool open = i + 1 == chunks_.size();
    return {chunk.records.get(),
            open ? static_cast<size_t>(next_ - chunk.records.get()) : chunk.capacity};
  }

  void Grow() {
    const size_t capacity =
        chunks_.empty() ? kFirstRecords : std::min(chunks_.back().capacity * 2, kMostRecords);
    Chunk& chunk = chunks_.emplace_back();
    chunk.records = std::make_unique_for_overwrite<T[]>(capacity);
    chunk.capacity = capacity;
    next_ = chunk.records.get();
    last_ = next_ + capacity;
    bytes_held_ += static_cast<int64_t>(capacity * sizeof(T));
  }

  std::vector<Chunk> chunks_;
  std::vector<Extent> extents_;
  T* next_ = nullptr;
  T* last_ = nullptr;
  uint64_t count_ = 0;
  int64_t bytes_held_ = 0;
};

}  // namespace tarn::write
