#include "tarn/store/bridge_status.h"

#include <string>

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

Status FromBridge(int32_t code, const ErrorHandle& error) {
  if (code == TLB_OK) return Status::Ok();
  if (error.get() == nullptr)
    return Error(ErrorIdOf(code), "the storage library failed with code {}", code);
  return Status(ErrorIdOf(code), std::string(ViewOf(tlb_error_message(error.get()))));
}

}  // namespace tarn::store
