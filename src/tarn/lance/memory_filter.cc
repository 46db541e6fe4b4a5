#include "tarn/lance/memory_filter.h"

#include <algorithm>
#include <compare>
#include <functional>
#include <string_view>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "tarn/base/check.h"
#include "tarn/lance/checks.h"

namespace tarn::lance {
namespace {

using Op = Filter::Op;

/// Kleene's logic: the order makes "and" the minimum and "or" the maximum.
enum class Truth : int8_t { kFalse = 0, kUnknown = 1, kTrue = 2 };
using Truths = std::vector<Truth>;

Truth Of(bool is_true) { return is_true ? Truth::kTrue : Truth::kFalse; }

/// A cell as its Value alternative; text borrows from the array.
using Cell = std::variant<bool, int64_t, uint64_t, double, std::string_view>;

template <typename A>
auto At(const arrow::Array& array, int64_t row) {
  return static_cast<const A&>(array).Value(row);
}

Cell CellAt(const arrow::Array& array, int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::BOOL: return At<arrow::BooleanArray>(array, row);
    case arrow::Type::INT32: return int64_t{At<arrow::Int32Array>(array, row)};
    case arrow::Type::INT64: return At<arrow::Int64Array>(array, row);
    case arrow::Type::UINT32: return uint64_t{At<arrow::UInt32Array>(array, row)};
    case arrow::Type::UINT64: return At<arrow::UInt64Array>(array, row);
    case arrow::Type::FLOAT: return double{At<arrow::FloatArray>(array, row)};
    case arrow::Type::DOUBLE: return At<arrow::DoubleArray>(array, row);
    case arrow::Type::DATE32: return int64_t{At<arrow::Date32Array>(array, row)};
    case arrow::Type::DATE64: return At<arrow::Date64Array>(array, row);
    case arrow::Type::STRING: return static_cast<const arrow::StringArray&>(array).GetView(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetView(row);
    default:
      TARN_UNREACHABLE("CheckFilter let a column of type " + array.type()->ToString() + " pass");
  }
}

Cell CellOf(const Value& value) {
  if (value.type == Value::Type::kFloat32)
    return double{static_cast<float>(std::get<double>(value.value))};
  return std::visit(
      [](const auto& held) -> Cell {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return std::string_view(held);
        } else {
          return held;
        }
      },
      value.value);
}

std::strong_ordering CompareReals(double left, double right) {
  // Adding 0.0 makes -0.0 a plain zero.
  return std::strong_order(left + 0.0, right + 0.0);
}

std::strong_ordering Compare(const Cell& left, const Cell& right) {
  if (const double* number = std::get_if<double>(&left))
    return CompareReals(*number, std::get<double>(right));
  return std::visit(
      [&](const auto& held) -> std::strong_ordering {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, double>) {
          TARN_UNREACHABLE("handled above");
        } else {
          return held <=> std::get<T>(right);
        }
      },
      left);
}

/// One truth per row from a predicate on non-null cells; null rows are unknown.
Truths ForEachCell(const arrow::Array& array, const std::function<bool(int64_t row)>& holds) {
  Truths truths(array.length());
  for (int64_t row = 0; row < array.length(); ++row) {
    truths[row] = array.IsNull(row) ? Truth::kUnknown : Of(holds(row));
  }
  return truths;
}

bool OrderingHolds(Op op, std::strong_ordering order) {
  switch (op) {
    case Op::kEqual: return order == 0;
    case Op::kNotEqual: return order != 0;
    case Op::kLess: return order < 0;
    case Op::kLessEqual: return order <= 0;
    case Op::kGreater: return order > 0;
    case Op::kGreaterEqual: return order >= 0;
    default: TARN_UNREACHABLE("not a comparison");
  }
}

bool ListHolds(const arrow::Array& items, const Cell& wanted) {
  for (int64_t i = 0; i < items.length(); ++i) {
    if (!items.IsNull(i) && Compare(CellAt(items, i), wanted) == 0) return true;
  }
  return false;
}

std::shared_ptr<arrow::Array> ListAt(const arrow::Array& array, int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::LIST: return static_cast<const arrow::ListArray&>(array).value_slice(row);
    case arrow::Type::LARGE_LIST:
      return static_cast<const arrow::LargeListArray&>(array).value_slice(row);
    case arrow::Type::FIXED_SIZE_LIST:
      return static_cast<const arrow::FixedSizeListArray&>(array).value_slice(row);
    default: TARN_UNREACHABLE("CheckFilter let a column that is no list pass");
  }
}

Truths Evaluate(const arrow::RecordBatch& batch, const Filter& filter);

Truths EvaluateLeaf(const arrow::Array& array, const Filter& filter) {
  std::vector<Cell> wanted;
  for (const Value& value : filter.values) wanted.push_back(CellOf(value));
  const auto text = [&](int64_t row) { return std::get<std::string_view>(CellAt(array, row)); };
  const auto needle = [&] { return std::get<std::string_view>(wanted[0]); };
  switch (filter.op) {
    case Op::kIsNull:
    case Op::kIsNotNull: {
      Truths truths(array.length());
      for (int64_t i = 0; i < array.length(); ++i)
        truths[i] = Of(array.IsNull(i) == (filter.op == Op::kIsNull));
      return truths;
    }
    case Op::kIn:
      return ForEachCell(array, [&](int64_t row) {
        const Cell cell = CellAt(array, row);
        return std::any_of(wanted.begin(), wanted.end(),
                           [&](const Cell& each) { return Compare(cell, each) == 0; });
      });
    case Op::kStartsWith:
      return ForEachCell(array, [&](int64_t row) { return text(row).starts_with(needle()); });
    case Op::kContains:
      return ForEachCell(
          array, [&](int64_t row) { return text(row).find(needle()) != std::string_view::npos; });
    case Op::kListContains:
      return ForEachCell(array,
                         [&](int64_t row) { return ListHolds(*ListAt(array, row), wanted[0]); });
    default:
      return ForEachCell(array, [&](int64_t row) {
        return OrderingHolds(filter.op, Compare(CellAt(array, row), wanted[0]));
      });
  }
}

Truths EvaluateTree(const arrow::RecordBatch& batch, const Filter& filter) {
  Truths truths = Evaluate(batch, filter.args.at(0));
  for (size_t i = 1; i < filter.args.size(); ++i) {
    const Truths next = Evaluate(batch, filter.args[i]);
    for (size_t row = 0; row < truths.size(); ++row) {
      truths[row] = filter.op == Op::kAnd ? std::min(truths[row], next[row])
                                          : std::max(truths[row], next[row]);
    }
  }
  if (filter.op == Op::kNot) {
    for (Truth& truth : truths) truth = static_cast<Truth>(2 - static_cast<int8_t>(truth));
  }
  return truths;
}

Truths Evaluate(const arrow::RecordBatch& batch, const Filter& filter) {
  if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot)
    return EvaluateTree(batch, filter);
  return EvaluateLeaf(*batch.GetColumnByName(filter.column), filter);
}

}  // namespace

std::vector<bool> RowsKept(const arrow::RecordBatch& batch, const Filter& filter) {
  const Truths truths = Evaluate(batch, filter);
  std::vector<bool> kept(truths.size());
  for (size_t row = 0; row < truths.size(); ++row) kept[row] = truths[row] == Truth::kTrue;
  return kept;
}

Value ValueAt(const arrow::Array& array, int64_t row) {
  const auto type = [&array] {
    for (int i = 0; i <= static_cast<int>(Value::Type::kDate64); ++i) {
      const auto type = static_cast<Value::Type>(i);
      if (ArrowTypeOf(type)->id() == array.type_id()) return type;
    }
    TARN_UNREACHABLE("no filter compares a column of type " + array.type()->ToString());
  };
  Value value{.type = type(), .value = {}};
  std::visit(
      [&value](auto held) {
        if constexpr (std::is_same_v<decltype(held), std::string_view>) {
          value.value = std::string(held);
        } else {
          value.value = held;
        }
      },
      CellAt(array, row));
  return value;
}

}  // namespace tarn::lance
