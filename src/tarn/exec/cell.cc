#include "tarn/exec/cell.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "tarn/exec/column_view.h"

namespace tarn::exec {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

int Sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

int CompareDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Sign(!std::isnan(a), !std::isnan(b));
  return Sign(a<b, a> b);
}

/// `a` in [-2^63, 2^64) against any double, without rounding.
int CompareIntToDouble(__int128 a, double b) {
  if (std::isnan(b) || b >= 2 * kTwoTo63) return -1;
  if (b < -kTwoTo63) return 1;
  const double whole = std::floor(b);
  const auto floor = static_cast<__int128>(whole);
  if (a != floor) return a < floor ? -1 : 1;
  return whole < b ? -1 : 0;
}

__int128 Wide(const Cell& cell) {
  return cell.kind == Cell::Kind::kUint ? static_cast<__int128>(cell.unsigned_integer)
                                        : static_cast<__int128>(cell.integer);
}

double Rounded(const Cell& cell, const Cell& other) {
  const bool round = cell.width == Cell::Width::kQuery && other.width == Cell::Width::kSingle;
  return round ? static_cast<double>(static_cast<float>(cell.real)) : cell.real;
}

bool IsNumber(const Cell& cell) {
  return cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kUint ||
         cell.kind == Cell::Kind::kFloat;
}

int CompareNumbers(const Cell& a, const Cell& b) {
  const bool a_float = a.kind == Cell::Kind::kFloat;
  const bool b_float = b.kind == Cell::Kind::kFloat;
  if (a_float && b_float) return CompareDoubles(Rounded(a, b), Rounded(b, a));
  if (a_float) return -CompareIntToDouble(Wide(b), a.real);
  if (b_float) return CompareIntToDouble(Wide(a), b.real);
  return Sign(Wide(a) < Wide(b), Wide(a) > Wide(b));
}

int CompareLists(const Cell& a, const Cell& b) {
  for (int64_t i = 0; i < std::min(a.size, b.size); ++i) {
    if (const int order = CompareCells(ListItem(a, i), ListItem(b, i)); order != 0) return order;
  }
  return Sign(a.size<b.size, a.size> b.size);
}

bool Contains(const Cell& list, const Cell& needle) {
  for (int64_t i = 0; i < list.size; ++i) {
    const Cell item = ListItem(list, i);
    if (!item.is_null() && CompareCells(item, needle) == 0) return true;
  }
  return false;
}

template <typename T>
void AppendRaw(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

static_assert(sizeof(Cell) == 32);

Cell Cell::Bool(bool value) {
  Cell cell;
  cell.kind = Kind::kBool;
  cell.boolean = value;
  return cell;
}

Cell Cell::Int(int64_t value) {
  Cell cell;
  cell.kind = Kind::kInt;
  cell.integer = value;
  return cell;
}

Cell Cell::Uint(uint64_t value) {
  if (value <= static_cast<uint64_t>(INT64_MAX)) return Int(static_cast<int64_t>(value));
  Cell cell;
  cell.kind = Kind::kUint;
  cell.unsigned_integer = value;
  return cell;
}

Cell Cell::Float(double value, Width width) {
  Cell cell;
  cell.kind = Kind::kFloat;
  cell.width = width;
  cell.real = value;
  return cell;
}

Cell Cell::String(std::string_view value) {
  Cell cell;
  cell.kind = Kind::kString;
  cell.pointer = value.data();
  cell.size = static_cast<int64_t>(value.size());
  return cell;
}

Cell Cell::Date(int32_t days) {
  Cell cell;
  cell.kind = Kind::kDate;
  cell.integer = days;
  return cell;
}

Cell Cell::DateTime(int64_t ms) {
  Cell cell;
  cell.kind = Kind::kDateTime;
  cell.integer = ms;
  return cell;
}

Cell Cell::List(const ColumnView* items, int64_t begin, int64_t size) {
  Cell cell;
  cell.kind = Kind::kList;
  cell.integer = begin;
  cell.pointer = items;
  cell.size = size;
  return cell;
}

Cell Cell::List(std::span<const Cell> items) {
  Cell cell;
  cell.kind = Kind::kList;
  cell.source = ListSource::kCells;
  cell.pointer = items.data();
  cell.size = static_cast<int64_t>(items.size());
  return cell;
}

Cell CellOf(const ir::Value& value) {
  struct Convert {
    Cell operator()(std::monostate) const { return Cell::Null(); }
    Cell operator()(bool held) const { return Cell::Bool(held); }
    Cell operator()(int64_t held) const { return Cell::Int(held); }
    Cell operator()(uint64_t held) const { return Cell::Uint(held); }
    Cell operator()(double held) const { return Cell::Float(held, Cell::Width::kQuery); }
    Cell operator()(const std::string& held) const { return Cell::String(held); }
    Cell operator()(ir::Date held) const { return Cell::Date(held.days); }
    Cell operator()(ir::DateTime held) const { return Cell::DateTime(held.ms); }
    Cell operator()(const ir::ValueList& held) const {
      Cell cell;
      cell.kind = Cell::Kind::kList;
      cell.source = Cell::ListSource::kValues;
      cell.pointer = &held;
      cell.size = static_cast<int64_t>(held.size());
      return cell;
    }
    Cell operator()(const ir::Vector& held) const {
      Cell cell;
      cell.kind = Cell::Kind::kList;
      cell.source = Cell::ListSource::kVector;
      cell.pointer = &held;
      cell.size = static_cast<int64_t>(held.size());
      return cell;
    }
  };
  return std::visit(Convert{}, value.held);
}

Cell ListItem(const Cell& list, int64_t index) {
  const auto at = static_cast<size_t>(index);
  switch (list.source) {
    case Cell::ListSource::kColumn:
      return static_cast<const ColumnView*>(list.pointer)->At(list.integer + index);
    case Cell::ListSource::kValues:
      return CellOf((*static_cast<const ir::ValueList*>(list.pointer))[at]);
    case Cell::ListSource::kCells: return static_cast<const Cell*>(list.pointer)[at];
    case Cell::ListSource::kVector:
      return Cell::Float((*static_cast<const ir::Vector*>(list.pointer))[at], Cell::Width::kSingle);
  }
  TARN_UNREACHABLE("a ListSource outside its enum");
}

int CompareCells(const Cell& a, const Cell& b) {
  if (a.is_null() || b.is_null())
    return Sign(a.is_null() && !b.is_null(), !a.is_null() && b.is_null());
  if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b);
  if (a.kind != b.kind) return Sign(a.kind<b.kind, a.kind> b.kind);
  switch (a.kind) {
    case Cell::Kind::kBool: return Sign(a.boolean<b.boolean, a.boolean> b.boolean);
    case Cell::Kind::kString: {
      const int order = a.text().compare(b.text());
      return Sign(order < 0, order > 0);
    }
    case Cell::Kind::kDate:
    case Cell::Kind::kDateTime: return Sign(a.integer<b.integer, a.integer> b.integer);
    case Cell::Kind::kList: return CompareLists(a, b);
    case Cell::Kind::kNull:
    case Cell::Kind::kInt:
    case Cell::Kind::kUint:
    case Cell::Kind::kFloat: break;
  }
  TARN_UNREACHABLE("nulls and numbers were compared before");
}

Cell EvaluateCompare(ir::CompareOp op, const Cell& left, const Cell& right, bool left_is_list) {
  if (op == ir::CompareOp::kContains && left_is_list) {
    return Cell::Bool(!left.is_null() && !right.is_null() && Contains(left, right));
  }
  if (left.is_null() || right.is_null()) return Cell::Null();
  switch (op) {
    case ir::CompareOp::kEqual: return Cell::Bool(CompareCells(left, right) == 0);
    case ir::CompareOp::kNotEqual: return Cell::Bool(CompareCells(left, right) != 0);
    case ir::CompareOp::kLess: return Cell::Bool(CompareCells(left, right) < 0);
    case ir::CompareOp::kLessEqual: return Cell::Bool(CompareCells(left, right) <= 0);
    case ir::CompareOp::kGreater: return Cell::Bool(CompareCells(left, right) > 0);
    case ir::CompareOp::kGreaterEqual: return Cell::Bool(CompareCells(left, right) >= 0);
    case ir::CompareOp::kContains:
      return Cell::Bool(left.text().find(right.text()) != std::string_view::npos);
    case ir::CompareOp::kStartsWith: return Cell::Bool(left.text().starts_with(right.text()));
  }
  TARN_UNREACHABLE("a CompareOp outside its enum");
}

void AppendKey(const Cell& cell, std::string& out) {
  out.push_back(static_cast<char>(cell.kind));
  switch (cell.kind) {
    case Cell::Kind::kNull: return;
    case Cell::Kind::kBool: out.push_back(cell.boolean ? 1 : 0); return;
    case Cell::Kind::kInt:
    case Cell::Kind::kUint:
    case Cell::Kind::kDate:
    case Cell::Kind::kDateTime: AppendRaw(cell.integer, out); return;
    case Cell::Kind::kFloat: {
      const double canonical =
          std::isnan(cell.real) ? std::nan("") : cell.real + 0.0;  // -0 + 0 = +0
      AppendRaw(std::bit_cast<uint64_t>(canonical), out);
      return;
    }
    case Cell::Kind::kString:
      AppendRaw(cell.size, out);
      out.append(cell.text());
      return;
    case Cell::Kind::kList: {
      AppendRaw(cell.size, out);
      for (int64_t i = 0; i < cell.size; ++i) AppendKey(ListItem(cell, i), out);
      return;
    }
  }
}

double AsDouble(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kInt: return static_cast<double>(cell.integer);
    case Cell::Kind::kUint: return static_cast<double>(cell.unsigned_integer);
    case Cell::Kind::kFloat: return cell.real;
    default: TARN_UNREACHABLE("a number was asked of another kind of value");
  }
}

}  // namespace tarn::exec
