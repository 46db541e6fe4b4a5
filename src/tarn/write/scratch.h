#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/base/status.h"

namespace tarn::write {

/// Bytes [offset, offset + size) of a scratch file.
struct Extent {
  uint64_t offset = 0;
  uint64_t size = 0;
};

/// A file without a name: it was unlinked when it was made, so its space comes back when it is
/// closed, also after the process was killed. Not thread safe.
class ScratchFile {
 public:
  explicit ScratchFile(int descriptor) : descriptor_(descriptor) {}
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Errors  kStorageUnavailable naming the reason, such as a full disk.
  Result<Extent> Append(std::span<const std::byte> bytes);
  /// Reads all of `bytes` from `offset`.
  Status ReadAt(uint64_t offset, std::span<std::byte> bytes) const;

 private:
  int descriptor_;
  uint64_t size_ = 0;
};

/// Where a load puts what does not fit in memory. The folder is made when the first file is, and
/// removed again if this made it and nothing else is in it.
class ScratchSpace {
 public:
  /// An empty folder means that spilling is not possible.
  explicit ScratchSpace(std::string folder) : folder_(std::move(folder)) {}
  ~ScratchSpace();
  ScratchSpace(const ScratchSpace&) = delete;
  ScratchSpace& operator=(const ScratchSpace&) = delete;

  /// Errors  kMemoryBudget when there is no folder; kStorageUnavailable when the file cannot be
  /// made.
  Result<std::unique_ptr<ScratchFile>> OpenFile();
  uint64_t files_opened() const { return files_opened_; }

 private:
  std::string folder_;
  bool made_folder_ = false;
  uint64_t files_opened_ = 0;
};

/// What work that can spill may hold: `bytes_max`, or what is left of the request's budget if that
/// is less, but never below kLoadBytesMin.
int64_t AffordableBytes(const Request& request, int64_t bytes_max);

/// Something that holds memory and can move it to a scratch file.
class Spillable {
 public:
  virtual ~Spillable() = default;
  virtual int64_t bytes_held() const = 0;
  /// Frees what bytes_held counts. The content stays readable.
  virtual Status Spill() = 0;
};

/// Keeps the memory of its members below a limit by spilling the largest. Members leave before they
/// die.
class SpillGroup {
 public:
  explicit SpillGroup(int64_t bytes_max) : bytes_max_(bytes_max) {}
  void Join(Spillable* member) { members_.push_back(member); }
  void Leave(Spillable* member) { std::erase(members_, member); }
  /// Call it after members grew by no more than a batch.
  Status Balance();
  uint64_t spills() const { return spills_; }

 private:
  int64_t bytes_max_;
  std::vector<Spillable*> members_;
  uint64_t spills_ = 0;
};

}  // namespace tarn::write
