#include "tarn/exec/order_range.h"

#include "tarn/base/check.h"

namespace tarn::exec {
namespace {

/// The greatest key of a domain that is not above a constant, and whether it is the constant's own.
struct FloorKey {
  int64_t key = 0;
  bool exact = true;
  bool below_all = false;  // no key is that small
};

FloorKey FloorOfSigned(const Cell& constant) {
  if (constant.kind == Cell::Kind::kUint) return {INT64_MAX, false, false};
  if (constant.kind != Cell::Kind::kFloat) return {constant.integer, true, false};
  if (std::isnan(constant.real) || constant.real >= 9223372036854775808.0)
    return {INT64_MAX, false, false};
  if (constant.real < -9223372036854775808.0) return {0, false, true};
  const double whole = std::floor(constant.real);
  return {static_cast<int64_t>(whole), whole == constant.real, false};
}

FloorKey FloorOfUnsigned(const Cell& constant) {
  if (constant.kind == Cell::Kind::kUint) return {OrderKey(constant.unsigned_integer), true, false};
  if (constant.kind != Cell::Kind::kFloat) {
    if (constant.integer < 0) return {0, false, true};
    return {OrderKey(static_cast<uint64_t>(constant.integer)), true, false};
  }
  if (std::isnan(constant.real) || constant.real >= 18446744073709551616.0)
    return {INT64_MAX, false, false};
  if (constant.real < 0) return {0, false, true};
  const double whole = std::floor(constant.real);
  return {OrderKey(static_cast<uint64_t>(whole)), whole == constant.real, false};
}

FloorKey FloorOfFloat(const Cell& constant, KeyDomain domain) {
  if (constant.kind == Cell::Kind::kFloat) {
    const bool round = domain == KeyDomain::kSingle && constant.width == Cell::Width::kQuery;
    return {
        OrderKey(round ? static_cast<double>(static_cast<float>(constant.real)) : constant.real),
        true, false};
  }
  // The nearest double to an integer may lie above it; the floor is then one step down.
  const Cell nearest = Cell::Float(AsDouble(constant));
  const int order = CompareCells(nearest, constant);
  return {order > 0 ? OrderKey(nearest.real) - 1 : OrderKey(nearest.real), order == 0, false};
}

}  // namespace

std::optional<OrderRange> RangeOf(ir::CompareOp op, const Cell& constant, KeyDomain domain) {
  const FloorKey floor = domain == KeyDomain::kSigned     ? FloorOfSigned(constant)
                         : domain == KeyDomain::kUnsigned ? FloorOfUnsigned(constant)
                                                          : FloorOfFloat(constant, domain);
  OrderRange range;
  const auto up_to = [&range](int64_t key, bool exclusive) {
    if (exclusive && key == INT64_MIN) {
      range.empty = true;
    } else {
      range.high = exclusive ? key - 1 : key;
    }
  };
  const auto from = [&range](int64_t key, bool exclusive) {
    if (exclusive && key == INT64_MAX) {
      range.empty = true;
    } else {
      range.low = exclusive ? key + 1 : key;
    }
  };
  switch (op) {
    case ir::CompareOp::kEqual:
    case ir::CompareOp::kNotEqual:
      range.low = range.high = floor.key;
      range.empty = !floor.exact || floor.below_all;
      range.outside = op == ir::CompareOp::kNotEqual;
      return range;
    case ir::CompareOp::kLess:
    case ir::CompareOp::kLessEqual:
      if (floor.below_all) {
        range.empty = true;
      } else {
        up_to(floor.key, op == ir::CompareOp::kLess && floor.exact);
      }
      return range;
    case ir::CompareOp::kGreater:
    case ir::CompareOp::kGreaterEqual:
      if (!floor.below_all) from(floor.key, op == ir::CompareOp::kGreater || !floor.exact);
      return range;
    case ir::CompareOp::kContains:
    case ir::CompareOp::kStartsWith: return std::nullopt;
  }
  TARN_UNREACHABLE("a CompareOp outside its enum");
}

}  // namespace tarn::exec
