#include "naive/compare.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tarn::naive {
namespace {

using ir::Value;

/// A long double holds every integer of 64 bits and every double exactly.
std::optional<long double> Number(const Value& value) {
  if (const auto* held = std::get_if<int64_t>(&value.held)) return static_cast<long double>(*held);
  if (const auto* held = std::get_if<uint64_t>(&value.held)) return static_cast<long double>(*held);
  if (const auto* held = std::get_if<double>(&value.held)) return static_cast<long double>(*held);
  return std::nullopt;
}

int OrderNumbers(long double a, long double b) {
  if (std::isnan(a)) return std::isnan(b) ? 0 : 1;
  if (std::isnan(b)) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

template <typename T>
int ThreeWay(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

int OrderBytes(const std::string& a, const std::string& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const auto x = static_cast<unsigned char>(a[i]);
    const auto y = static_cast<unsigned char>(b[i]);
    if (x != y) return x < y ? -1 : 1;
  }
  return ThreeWay(a.size(), b.size());
}

ir::ValueList Items(const ir::Vector& vector) {
  ir::ValueList items;
  for (const float item : vector) items.push_back(Value{static_cast<double>(item)});
  return items;
}

/// Item by item; of two lists that agree as far as both go, the shorter one is first.
int OrderLists(const ir::ValueList& a, const ir::ValueList& b) {
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int order = Order(a[i], b[i]); order != 0) return order;
  }
  return ThreeWay(a.size(), b.size());
}

Truth ToTruth(bool holds) { return holds ? Truth::kTrue : Truth::kFalse; }

}  // namespace

int Order(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null() ? 0 : a.is_null() ? -1 : 1;
  const auto a_number = Number(a);
  const auto b_number = Number(b);
  if (a_number && b_number) return OrderNumbers(*a_number, *b_number);
  if (const auto* text = std::get_if<std::string>(&a.held))
    return OrderBytes(*text, std::get<std::string>(b.held));
  if (const auto* flag = std::get_if<bool>(&a.held)) return ThreeWay(*flag, std::get<bool>(b.held));
  if (const auto* date = std::get_if<ir::Date>(&a.held))
    return ThreeWay(date->days, std::get<ir::Date>(b.held).days);
  if (const auto* time = std::get_if<ir::DateTime>(&a.held))
    return ThreeWay(time->ms, std::get<ir::DateTime>(b.held).ms);
  if (const auto* list = std::get_if<ir::ValueList>(&a.held)) {
    return OrderLists(*list, std::get<ir::ValueList>(b.held));
  }
  if (const auto* vector = std::get_if<ir::Vector>(&a.held)) {
    return OrderLists(Items(*vector), Items(std::get<ir::Vector>(b.held)));
  }
  return 0;
}

Truth Holds(ir::CompareOp op, const Value& left, const Value& right, bool left_is_list) {
  if (op == ir::CompareOp::kContains && left_is_list) {
    if (left.is_null() || right.is_null()) return Truth::kFalse;
    for (const Value& item : std::get<ir::ValueList>(left.held)) {
      if (!item.is_null() && Order(item, right) == 0) return Truth::kTrue;
    }
    return Truth::kFalse;
  }
  if (left.is_null() || right.is_null()) return Truth::kUnknown;
  const auto text = [](const Value& value) -> const std::string& {
    return std::get<std::string>(value.held);
  };
  switch (op) {
    case ir::CompareOp::kEqual: return ToTruth(Order(left, right) == 0);
    case ir::CompareOp::kNotEqual: return ToTruth(Order(left, right) != 0);
    case ir::CompareOp::kLess: return ToTruth(Order(left, right) < 0);
    case ir::CompareOp::kLessEqual: return ToTruth(Order(left, right) <= 0);
    case ir::CompareOp::kGreater: return ToTruth(Order(left, right) > 0);
    case ir::CompareOp::kGreaterEqual: return ToTruth(Order(left, right) >= 0);
    case ir::CompareOp::kContains:
      return ToTruth(text(left).find(text(right)) != std::string::npos);
    case ir::CompareOp::kStartsWith: return ToTruth(text(left).rfind(text(right), 0) == 0);
  }
  return Truth::kUnknown;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> steps(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        steps[i][j] = i + j;
      } else {
        const size_t swap = steps[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        steps[i][j] = std::min({swap, steps[i - 1][j] + 1, steps[i][j - 1] + 1});
      }
    }
  }
  return steps[a.size()][b.size()];
}

}  // namespace tarn::naive
