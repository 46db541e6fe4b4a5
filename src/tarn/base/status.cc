#include "tarn/base/status.h"

#include <algorithm>

namespace tarn {

std::string_view CodeName(Code code) {
  switch (code) {
    case Code::kOk: return "ok";
    case Code::kInvalidArgument: return "invalid_argument";
    case Code::kNotFound: return "not_found";
    case Code::kAlreadyExists: return "already_exists";
    case Code::kConflict: return "conflict";
    case Code::kPrecondition: return "precondition_failure";
    case Code::kUnauthenticated: return "unauthenticated";
    case Code::kPermissionDenied: return "permission_denied";
    case Code::kResourceExhausted: return "resource_limit";
    case Code::kUnavailable: return "unavailable";
    case Code::kDeadlineExceeded: return "deadline_exceeded";
    case Code::kCancelled: return "cancelled";
    case Code::kCorruption: return "corruption";
    case Code::kUnsupported: return "unsupported";
    case Code::kUnknownOutcome: return "unknown_outcome";
    case Code::kInternal: return "internal";
  }
  TARN_UNREACHABLE("a Code outside its enum");
}

const std::vector<ErrorRow>& ErrorTable() {
  static const std::vector<ErrorRow> table = [] {
    std::vector<ErrorRow> rows = {
#define TARN_ERROR(number, name, code, meaning) {ErrorId::k##name, Code::code, #name, meaning},
#include "tarn/base/errors.def"
#undef TARN_ERROR
    };
    std::sort(rows.begin(), rows.end(),
              [](const ErrorRow& a, const ErrorRow& b) { return a.id < b.id; });
    return rows;
  }();
  return table;
}

Code CodeOf(ErrorId id) {
  const std::vector<ErrorRow>& table = ErrorTable();
  auto row = std::lower_bound(table.begin(), table.end(), id,
                              [](const ErrorRow& a, ErrorId b) { return a.id < b; });
  TARN_CHECK(row != table.end() && row->id == id, "an ErrorId that errors.def does not list");
  return row->code;
}

Status::Status(ErrorId id, std::string message)
    : error_(std::make_unique<Error>(Error{id, std::move(message), {}, {}, {}})) {}

Status::Status(const Status& other)
    : error_(other.error_ ? std::make_unique<Error>(*other.error_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) error_ = other.error_ ? std::make_unique<Error>(*other.error_) : nullptr;
  return *this;
}

Status Status::WithHint(std::string hint) && {
  if (error_) error_->hint = std::move(hint);
  return std::move(*this);
}

Status Status::WithDetail(std::string kind, std::string json) && {
  if (error_) error_->detail = ErrorDetail{std::move(kind), std::move(json)};
  return std::move(*this);
}

Status Status::While(std::string doing) && {
  if (error_) error_->trail.push_back(std::move(doing));
  return std::move(*this);
}

std::string Status::ToString() const {
  if (ok()) return "OK";
  std::string text = fmt::format("TARN-{} {}: {}", number(), CodeName(code()), message());
  for (const std::string& doing : trail()) text += fmt::format(" (while {})", doing);
  return text;
}

}  // namespace tarn
