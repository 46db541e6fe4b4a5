#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/schema/schema.h"

namespace re2 {
class RE2;
}

namespace tarn::write {

/// Why a value is not accepted. Null: it is.
struct CellFault {
  ErrorId id = ErrorId::kDataInvalid;
  std::string reason;
};
using Refusal = std::unique_ptr<CellFault>;

Refusal Refuse(ErrorId id, std::string reason);

/// Enum, `@range` and `@check` of one property, compiled. Null values are exempt and never come
/// here.
///
/// Source  docs/spec/graph-language.md §3.1
class ValueChecks {
 public:
  /// `node` is null for a property of an edge, which has neither ranges nor patterns. `property`
  /// outlives this. Errors  kInternal for a pattern that the schema should have refused.
  static Result<ValueChecks> Make(std::string_view type_name, const schema::Property& property,
                                  const schema::NodeType* node);
  /// Accepts every value: for rows that are judged later, in the image they end in.
  static ValueChecks None();
  ~ValueChecks();
  ValueChecks(ValueChecks&&) noexcept;
  ValueChecks& operator=(ValueChecks&&) noexcept;

  Refusal CheckText(std::string_view value) const;
  /// Exact over all of 64 bits, signed or not: bounds never pass through a double.
  Refusal CheckInteger(__int128 value) const;
  Refusal CheckFloat(double value) const;
  /// Whichever of these fits the type of the property's column. The cell is not null.
  Refusal CheckCell(const arrow::Array& cells, int64_t row) const;
  bool is_empty() const;

 private:
  struct Range {
    std::optional<__int128> low_integer, high_integer;  // smallest and largest integer inside
    std::optional<double> low_float, high_float;
    std::string low_text, high_text;
  };
  ValueChecks(std::string place, const schema::Property* property);
  void AddRange(const schema::RangeConstraint& range);
  Status AddPattern(const std::string& pattern);

  std::string place_;                 // "Port.depth_m"
  const schema::Property* property_;  // null: of None
  std::vector<Range> ranges_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace tarn::write
