#include "tarn/columnar/arrow_status.h"

#include <memory>
#include <string>

namespace tarn::columnar {
namespace {

/// Carries a Tarn error through Arrow code that only passes it on.
class TarnDetail final : public arrow::StatusDetail {
 public:
  explicit TarnDetail(Status status) : status_(std::move(status)) {}
  const char* type_id() const override { return "tarn::Status"; }
  std::string ToString() const override { return status_.ToString(); }
  const Status& status() const { return status_; }

 private:
  const Status status_;
};

ErrorId IdOf(arrow::StatusCode code) {
  switch (code) {
    case arrow::StatusCode::OutOfMemory: return ErrorId::kMemoryBudget;
    case arrow::StatusCode::NotImplemented: return ErrorId::kUnsupported;
    case arrow::StatusCode::Cancelled: return ErrorId::kCancelled;
    case arrow::StatusCode::IOError: return ErrorId::kStorageUnavailable;
    case arrow::StatusCode::SerializationError: return ErrorId::kCorruptData;
    case arrow::StatusCode::AlreadyExists: return ErrorId::kObjectExists;
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::KeyError:
    case arrow::StatusCode::TypeError:
    case arrow::StatusCode::IndexError:
    case arrow::StatusCode::CapacityError: return ErrorId::kInvalidArgument;
    default: return ErrorId::kInternal;
  }
}

arrow::StatusCode ArrowCodeOf(Code code) {
  switch (code) {
    case Code::kResourceExhausted: return arrow::StatusCode::OutOfMemory;
    case Code::kUnsupported: return arrow::StatusCode::NotImplemented;
    case Code::kCancelled:
    case Code::kDeadlineExceeded: return arrow::StatusCode::Cancelled;
    case Code::kUnavailable: return arrow::StatusCode::IOError;
    case Code::kInvalidArgument: return arrow::StatusCode::Invalid;
    default: return arrow::StatusCode::ExecutionError;
  }
}

}  // namespace

Status FromArrow(const arrow::Status& status) {
  if (status.ok()) return Status::Ok();
  if (const auto* ours = dynamic_cast<const TarnDetail*>(status.detail().get()))
    return ours->status();
  return Status(IdOf(status.code()), status.message());
}

arrow::Status ToArrow(const Status& status) {
  if (status.ok()) return arrow::Status::OK();
  return arrow::Status(ArrowCodeOf(status.code()), status.message(),
                       std::make_shared<TarnDetail>(status));
}

}  // namespace tarn::columnar
