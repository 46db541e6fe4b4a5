#include "tarn/write/scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

Status Failed(std::string_view doing, int error) {
  return Error(ErrorId::kStorageUnavailable, "{} a temporary file failed: {}", doing,
               std::generic_category().message(error));
}

}  // namespace

int64_t AffordableBytes(const Request& request, int64_t bytes_max) {
  if (request.budget == nullptr) return bytes_max;
  const int64_t left = request.budget->bytes_max() - request.budget->bytes_used();
  return std::min(bytes_max, std::max(left, kLoadBytesMin));
}

ScratchFile::~ScratchFile() { ::close(descriptor_); }

Result<Extent> ScratchFile::Append(std::span<const std::byte> bytes) {
  const Extent extent{size_, bytes.size()};
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Failed("writing", errno);
    bytes = bytes.subspan(static_cast<size_t>(written));
    size_ += static_cast<uint64_t>(written);
  }
  return extent;
}

Status ScratchFile::ReadAt(uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("reading", errno);
    if (got == 0) return Error(ErrorId::kStorageUnavailable, "a temporary file ends too early");
    bytes = bytes.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return Status::Ok();
}

ScratchSpace::~ScratchSpace() {
  std::error_code ignored;
  if (made_folder_) std::filesystem::remove(folder_, ignored);
}

Result<std::unique_ptr<ScratchFile>> ScratchSpace::OpenFile() {
  if (folder_.empty()) {
    return Error(ErrorId::kMemoryBudget,
                 "the load needs more memory than its limit and has no folder for temporary files")
        .WithHint("raise the load's memory limit or name a folder to spill to");
  }
  std::error_code failure;
  if (std::filesystem::create_directories(folder_, failure)) made_folder_ = true;
  if (failure) {
    return Error(ErrorId::kStorageUnavailable,
                 "the folder for temporary files cannot be made: {}: {}", folder_,
                 failure.message());
  }
  std::string path = folder_ + "/tarn-load-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return Failed("making", errno).While(folder_);
  ::unlink(path.c_str());
  ++files_opened_;
  return std::make_unique<ScratchFile>(descriptor);
}

Status SpillGroup::Balance() {
  while (true) {
    int64_t held = 0;
    Spillable* largest = nullptr;
    for (Spillable* member : members_) {
      held += member->bytes_held();
      if (largest == nullptr || member->bytes_held() > largest->bytes_held()) largest = member;
    }
    if (held <= bytes_max_ || largest == nullptr || largest->bytes_held() == 0) return Status::Ok();
    TARN_RETURN_IF_ERROR(largest->Spill());
    ++spills_;
  }
}

}  // namespace tarn::write
