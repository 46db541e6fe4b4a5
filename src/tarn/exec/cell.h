#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tarn/ir/query.h"

namespace tarn::exec {

class ColumnView;

/// One value during evaluation: 32 bytes, copied freely. Text and lists point into columns,
/// parameters or the query, which live as long as the execution.
struct Cell {
  /// kUint holds only what kInt cannot, so that equal numbers are equal cells.
  enum class Kind : uint8_t { kNull, kBool, kInt, kUint, kFloat, kString, kDate, kDateTime, kList };
  /// Where a float came from: a decimal of the query is rounded to 32 bits when it meets a 32-bit
  /// property.
  enum class Width : uint8_t { kDouble, kSingle, kQuery };
  /// What `pointer` of a list points to.
  enum class ListSource : uint8_t { kColumn, kValues, kVector, kCells };

  Kind kind = Kind::kNull;
  Width width = Width::kDouble;
  ListSource source = ListSource::kColumn;
  union {
    bool boolean;
    int64_t integer =
        0;  ///< also days of a Date, milliseconds of a DateTime, first item of a list in a column
    uint64_t unsigned_integer;
    double real;
  };
  const void* pointer = nullptr;  ///< bytes of a text, or where the list is
  int64_t size = 0;               ///< bytes of a text, items of a list

  bool is_null() const { return kind == Kind::kNull; }
  std::string_view text() const {
    return {static_cast<const char*>(pointer), static_cast<size_t>(size)};
  }

  static Cell Null() { return Cell(); }
  static Cell Bool(bool value);
  static Cell Int(int64_t value);
  static Cell Uint(uint64_t value);
  static Cell Float(double value, Width width = Width::kDouble);
  static Cell String(std::string_view value);
  static Cell Date(int32_t days);
  static Cell DateTime(int64_t ms);
  /// Items [begin, begin + size) of a column.
  static Cell List(const ColumnView* items, int64_t begin, int64_t size);
  /// Items that lie in memory one by one and outlive the cell.
  static Cell List(std::span<const Cell> items);
};

/// A constant of the query or a parameter. `value` outlives the cell.
Cell CellOf(const ir::Value& value);

/// One item of a list cell, index in [0, size).
Cell ListItem(const Cell& list, int64_t index);

/// Three-way order of two values of comparable types: numbers by exact numeric value across types,
/// NaN greatest and equal to itself, -0 = +0, text by bytes, false < true, lists item by item. Null
/// is smaller than everything.
int CompareCells(const Cell& a, const Cell& b);

/// The value of `left op right` as a Bool or null cell.
Cell EvaluateCompare(ir::CompareOp op, const Cell& left, const Cell& right, bool left_is_list);

/// Appends bytes that are equal exactly when the values are; for group keys.
void AppendKey(const Cell& cell, std::string& out);

/// A number as a double; precondition: kInt, kUint or kFloat.
double AsDouble(const Cell& cell);

}  // namespace tarn::exec
