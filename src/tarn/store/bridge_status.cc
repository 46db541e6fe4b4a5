#include "tarn/store/bridge_status.h"

#include <string>
#include <string_view>
#include <utility>

namespace tarn::store {

ErrorId ErrorIdOf(int32_t code) {
  switch (code) {
    case TLB_E_INVALID: return ErrorId::kInvalidArgument;
    case TLB_E_NOT_FOUND: return ErrorId::kObjectNotFound;
    case TLB_E_EXISTS: return ErrorId::kObjectExists;
    case TLB_E_SCHEMA: return ErrorId::kStorageSchemaMismatch;
    case TLB_E_CONFLICT_RETRYABLE:
    case TLB_E_CONFLICT_FATAL:
    case TLB_E_PRECONDITION:
    case TLB_E_REF_IN_USE: return ErrorId::kStorageConflict;
    case TLB_E_FENCED: return ErrorId::kFenced;
    case TLB_E_COMMIT_UNKNOWN: return ErrorId::kCommitUnknown;
    case TLB_E_IO: return ErrorId::kStorageUnavailable;
    case TLB_E_CORRUPT: return ErrorId::kCorruptData;
    case TLB_E_UNSUPPORTED:
    case TLB_E_UNTRAINABLE: return ErrorId::kUnsupported;
    case TLB_E_RESOURCES: return ErrorId::kMemoryBudget;
    case TLB_E_CANCELLED: return ErrorId::kCancelled;
    case TLB_E_DEADLINE: return ErrorId::kDeadlineExceeded;
    case TLB_E_SQL:
    case TLB_E_READONLY: return ErrorId::kSqlRefused;
    default:
      return ErrorId::kInternal;  // REENTRANT, PANIC, INTERNAL, INDEX: nothing a caller can do
  }
}

namespace {

/// What a person can do about an error of the operating system; "" if that is not clear.
std::string_view AdviceFor(std::string_view message) {
  constexpr std::pair<std::string_view, std::string_view> kAdvice[] = {
      {"Permission denied",
       "this user may not do that there: look at owner and mode of the folder"},
      {"Not a directory", "a part of the path is a file, not a folder"},
      {"No space left", "the disk is full"},
      {"Read-only file system", "the file system is mounted read-only"},
  };
  for (const auto& [words, advice] : kAdvice) {
    if (message.find(words) != std::string_view::npos) return advice;
  }
  return "";
}

}  // namespace

Status FromBridge(int32_t code, const ErrorHandle& error) {
  if (code == TLB_OK) return Status::Ok();
  if (error.get() == nullptr)
    return Error(ErrorIdOf(code), "the storage library failed with code {}", code);
  std::string message(ViewOf(tlb_error_message(error.get())));
  std::string hint(AdviceFor(message));
  return Status(ErrorIdOf(code), std::move(message)).WithHint(std::move(hint));
}

}  // namespace tarn::store
