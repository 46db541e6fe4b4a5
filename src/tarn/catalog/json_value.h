#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::catalog {

/// JSON as a tree; names are unique. This room writes no fractions, so no reader here asks for one.
struct JsonValue {
  using Array = std::vector<JsonValue>;
  using Object = std::map<std::string, JsonValue, std::less<>>;
  /// A whole number is uint64_t from 0 up and int64_t below.
  std::variant<std::nullptr_t, bool, uint64_t, int64_t, double, std::string, Array, Object> held;
};

/// Reads one document. kCorruptData beginning with `where`, the file or row it is from.
Result<JsonValue> ParseJson(std::string_view text, const std::string& where);

/// Reads the members of one object of a closed shape. The first thing that is wrong is kept until
/// Finish, so a reader asks for its members in a row; after a failure every answer is empty.
///
///   JsonFields fields(value, "_tarn/warehouse.json");
///   identity.id = fields.Ulid("id");
///   TARN_RETURN_IF_ERROR(fields.Finish());
class JsonFields {
 public:
  /// `value` outlives this.
  JsonFields(const JsonValue& value, std::string where);

  std::string String(std::string_view name);
  std::string Ulid(std::string_view name);
  uint64_t Uint(std::string_view name);
  int64_t Int(std::string_view name);
  bool Bool(std::string_view name);
  const JsonValue::Array& Array(std::string_view name);
  /// The member itself, for a reader of its own.
  const JsonValue& Value(std::string_view name);
  /// Absent is nullopt; null is refused.
  std::optional<std::string> OptionalUlid(std::string_view name);
  bool Has(std::string_view name) const { return object_->contains(name); }

  /// Takes note of what else is wrong. The first failure stays.
  void Require(bool holds, std::string_view why);
  void Adopt(Status status);
  const std::string& where() const { return where_; }
  bool ok() const { return failure_.ok(); }

  /// What went wrong first: kCorruptData, also for a member that nobody asked for.
  Status Finish();

 private:
  template <typename T>
  const T* Find(std::string_view name, std::string_view wanted);

  const JsonValue::Object* object_;
  std::string where_;
  std::vector<std::string_view> asked_;
  Status failure_;
};

}  // namespace tarn::catalog
