#include "tarn/write/value_checks.h"

#include <algorithm>
#include <charconv>

#include <arrow/api.h>
#include <fmt/format.h>
#include <re2/re2.h>

#include "tarn/write/problems.h"

namespace tarn::write {
namespace {

constexpr size_t kDigitsMax = 30;  // of a bound; more than any 64-bit value has

/// The whole part of a decimal text, and whether digits other than zero follow the point.
struct Decimal {
  bool negative = false;
  bool has_fraction = false;
  __int128 whole = 0;  // magnitude
};

Decimal ReadDecimal(std::string_view text) {
  Decimal decimal;
  decimal.negative = text.starts_with('-');
  if (decimal.negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  std::string_view whole = text.substr(0, point);
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  for (const char c : whole.substr(0, kDigitsMax)) decimal.whole = decimal.whole * 10 + (c - '0');
  decimal.has_fraction = text.substr(point).find_first_of("123456789") != std::string_view::npos;
  return decimal;
}

__int128 Ceiling(const Decimal& decimal) {
  if (decimal.negative) return -decimal.whole;
  return decimal.whole + (decimal.has_fraction ? 1 : 0);
}

__int128 Floor(const Decimal& decimal) {
  if (!decimal.negative) return decimal.whole;
  return -decimal.whole - (decimal.has_fraction ? 1 : 0);
}

double ReadFloat(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <typename ArrayType>
auto At(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

std::string IntegerText(__int128 value) {
  const bool negative = value < 0;
  return fmt::format("{}{}", negative ? "-" : "", static_cast<uint64_t>(negative ? -value : value));
}

Refusal OutOfRange(const std::string& place, const std::string& value, std::string_view how,
                   const std::string& bound) {
  return Refuse(ErrorId::kConstraintViolation,
                fmt::format("@range violation on {}: value {} {} {}", place, value, how, bound));
}

}  // namespace

Refusal Refuse(ErrorId id, std::string reason) {
  return std::make_unique<CellFault>(CellFault{id, std::move(reason)});
}

ValueChecks::ValueChecks(std::string place, const schema::Property* property)
    : place_(std::move(place)), property_(property) {}
ValueChecks::~ValueChecks() = default;
ValueChecks::ValueChecks(ValueChecks&&) noexcept = default;
ValueChecks& ValueChecks::operator=(ValueChecks&&) noexcept = default;

ValueChecks ValueChecks::None() { return ValueChecks("", nullptr); }

bool ValueChecks::is_empty() const {
  const bool is_enum = property_ != nullptr && property_->type.is_enum();
  return ranges_.empty() && patterns_.empty() && !is_enum;
}

Result<ValueChecks> ValueChecks::Make(std::string_view type_name, const schema::Property& property,
                                      const schema::NodeType* node) {
  ValueChecks checks(fmt::format("{}.{}", type_name, property.name), &property);
  if (node == nullptr) return checks;
  for (const schema::RangeConstraint& range : node->ranges) {
    if (range.property == property.name) checks.AddRange(range);
  }
  for (const schema::CheckConstraint& check : node->checks) {
    if (check.property == property.name) TARN_RETURN_IF_ERROR(checks.AddPattern(check.pattern));
  }
  return checks;
}

void ValueChecks::AddRange(const schema::RangeConstraint& range) {
  Range compiled;
  if (range.low) {
    compiled.low_text = range.low->text;
    compiled.low_integer = Ceiling(ReadDecimal(range.low->text));
    compiled.low_float = ReadFloat(range.low->text);
  }
  if (range.high) {
    compiled.high_text = range.high->text;
    compiled.high_integer = Floor(ReadDecimal(range.high->text));
    compiled.high_float = ReadFloat(range.high->text);
  }
  ranges_.push_back(std::move(compiled));
}

Status ValueChecks::AddPattern(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(pattern, options);
  if (!compiled->ok()) {
    return Error(ErrorId::kInternal, "the accepted schema holds a bad pattern on {}: {}", place_,
                 compiled->error());
  }
  patterns_.push_back(std::move(compiled));
  return Status::Ok();
}

Refusal ValueChecks::CheckText(std::string_view value) const {
  const bool is_enum = property_ != nullptr && property_->type.is_enum();
  if (is_enum && !std::ranges::binary_search(property_->type.enum_values, value, std::less<>())) {
    const std::vector<std::string>& allowed = property_->type.enum_values;
    return Refuse(ErrorId::kConstraintViolation,
                  fmt::format("invalid enum value '{}' for {} (expected: {})", Shown(value), place_,
                              fmt::join(allowed, ", ")));
  }
  for (const std::unique_ptr<re2::RE2>& pattern : patterns_) {
    if (re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *pattern)) continue;
    return Refuse(ErrorId::kConstraintViolation,
                  fmt::format("@check violation on {}: value '{}' does not match pattern '{}'",
                              place_, Shown(value), pattern->pattern()));
  }
  return nullptr;
}

Refusal ValueChecks::CheckInteger(__int128 value) const {
  for (const Range& range : ranges_) {
    if (range.low_integer && value < *range.low_integer) {
      return OutOfRange(place_, IntegerText(value), "< min", range.low_text);
    }
    if (range.high_integer && value > *range.high_integer) {
      return OutOfRange(place_, IntegerText(value), "> max", range.high_text);
    }
  }
  return nullptr;
}

Refusal ValueChecks::CheckFloat(double value) const {
  for (const Range& range : ranges_) {
    if (range.low_float && value < *range.low_float) {
      return OutOfRange(place_, fmt::format("{}", value), "< min", range.low_text);
    }
    if (range.high_float && value > *range.high_float) {
      return OutOfRange(place_, fmt::format("{}", value), "> max", range.high_text);
    }
  }
  return nullptr;
}

Refusal ValueChecks::CheckCell(const arrow::Array& cells, int64_t row) const {
  switch (cells.type_id()) {
    case arrow::Type::STRING:
      return CheckText(static_cast<const arrow::StringArray&>(cells).GetView(row));
    case arrow::Type::INT32: return CheckInteger(At<arrow::Int32Array>(cells, row));
    case arrow::Type::INT64: return CheckInteger(At<arrow::Int64Array>(cells, row));
    case arrow::Type::UINT32: return CheckInteger(At<arrow::UInt32Array>(cells, row));
    case arrow::Type::UINT64: return CheckInteger(At<arrow::UInt64Array>(cells, row));
    case arrow::Type::FLOAT: return CheckFloat(At<arrow::FloatArray>(cells, row));
    case arrow::Type::DOUBLE: return CheckFloat(At<arrow::DoubleArray>(cells, row));
    default: return nullptr;  // no rule of one value is about the other types
  }
}

}  // namespace tarn::write
