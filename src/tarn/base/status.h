#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "tarn/base/check.h"

namespace tarn {

/// What the caller may do about an error. Public contract: values are never renumbered.
enum class Code : uint8_t {
  kOk = 0,
  kInvalidArgument = 1,
  kNotFound = 2,
  kAlreadyExists = 3,
  kConflict = 4,
  kPrecondition = 5,
  kUnauthenticated = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kUnavailable = 9,
  kDeadlineExceeded = 10,
  kCancelled = 11,
  kCorruption = 12,
  kUnsupported = 13,
  kUnknownOutcome = 14,
  kInternal = 15,
};

/// The stable lower-case name of `code`, as clients see it: "invalid_argument".
std::string_view CodeName(Code code);

/// One row of the error table in errors.def.
enum class ErrorId : uint16_t {
#define TARN_ERROR(number, name, code, meaning) k##name = number,
#include "tarn/base/errors.def"
#undef TARN_ERROR
};

struct ErrorRow {
  ErrorId id;
  Code code;
  std::string_view name;     ///< "KeyConflict"
  std::string_view meaning;  ///< for the reference page
};

/// Every row of errors.def, in order of its number.
const std::vector<ErrorRow>& ErrorTable();
Code CodeOf(ErrorId id);

/// A machine-readable companion of an error: the one structured member of an error body,
/// such as kind "key_conflict" with json `{"entity_kind":"node",...}`.
struct ErrorDetail {
  std::string kind;
  std::string json;
};

/// The outcome of an operation that yields nothing. OK costs one null pointer.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(ErrorId id, std::string message);

  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  static Status Ok() { return Status(); }

  bool ok() const { return error_ == nullptr; }
  Code code() const { return ok() ? Code::kOk : CodeOf(error_->id); }
  /// Precondition of the accessors below: !ok().
  ErrorId id() const { return error().id; }
  int number() const { return static_cast<int>(error().id); }
  const std::string& message() const { return error().message; }
  const std::string& hint() const { return error().hint; }
  const std::vector<std::string>& trail() const { return error().trail; }
  const std::optional<ErrorDetail>& detail() const { return error().detail; }

  /// What to do about it, as one sentence for a person.
  Status WithHint(std::string hint) &&;
  Status WithDetail(std::string kind, std::string json) &&;
  /// Adds a noun while the error rises: "table Person", "publishing commit 01J…".
  Status While(std::string doing) &&;

  /// "TARN-4101 conflict: message (while …)"; "OK" for success.
  std::string ToString() const;

 private:
  struct Error {
    ErrorId id;
    std::string message;
    std::string hint;
    std::vector<std::string> trail;
    std::optional<ErrorDetail> detail;
  };
  const Error& error() const {
    TARN_CHECK(error_ != nullptr, "asked an OK status for its error");
    return *error_;
  }
  std::unique_ptr<Error> error_;
};

/// Makes an error with a formatted message: Error(ErrorId::kUnknownType, "no type '{}'", name).
template <typename... Args>
Status Error(ErrorId id, fmt::format_string<Args...> text, Args&&... args) {
  return Status(id, fmt::format(text, std::forward<Args>(args)...));
}

/// A value or the error that stands in its way.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : held_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Status status) : held_(std::in_place_index<1>, std::move(status)) {
    TARN_CHECK(!std::get<1>(held_).ok(), "a Result made of an OK status");
  }
  /// Converts from a pointer to a derived class and the like.
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<std::decay_t<U>, T> &&
                                                    !std::is_same_v<std::decay_t<U>, Status> &&
                                                    !std::is_same_v<std::decay_t<U>, Result>>>
  Result(U&& value) : held_(std::in_place_index<0>, T(std::forward<U>(value))) {}

  bool ok() const { return held_.index() == 0; }
  Status status() const& { return ok() ? Status::Ok() : std::get<1>(held_); }
  Status status() && { return ok() ? Status::Ok() : std::move(std::get<1>(held_)); }

  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<Result*>(this)->Checked(); }
  T value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return const_cast<Result*>(this)->Checked(); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->Checked(); }

 private:
  T& Checked() {
    TARN_CHECK(ok(), std::get<1>(held_).ToString());
    return std::get<0>(held_);
  }
  std::variant<T, Status> held_;
};

}  // namespace tarn

#define TARN_CONCAT_INNER(a, b) a##b
#define TARN_CONCAT(a, b) TARN_CONCAT_INNER(a, b)

#define TARN_RETURN_IF_ERROR(expression)       \
  do {                                         \
    ::tarn::Status tarn_status = (expression); \
    if (!tarn_status.ok()) return tarn_status; \
  } while (false)

#define TARN_ASSIGN_OR_RETURN(target, expression) \
  TARN_ASSIGN_OR_RETURN_IMPL(TARN_CONCAT(tarn_result_, __LINE__), target, expression)
#define TARN_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                  \
  if (!result.ok()) return std::move(result).status();         \
  target = std::move(result).value()
