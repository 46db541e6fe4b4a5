#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include "tarn/exec/cell.h"

namespace tarn::exec {

/// Numbers as 64-bit integers in their own order: a comparison with a constant becomes an inclusive
/// range of keys. -0 and +0 share a key, every NaN has the greatest.
inline int64_t OrderKey(int64_t value) { return value; }
inline int64_t OrderKey(uint64_t value) {
  return static_cast<int64_t>(value ^ (uint64_t{1} << 63));
}
inline int64_t OrderKey(double value) {
  if (std::isnan(value)) return INT64_MAX;
  const auto bits = std::bit_cast<int64_t>(value + 0.0);
  return bits >= 0
             ? bits
             : static_cast<int64_t>(static_cast<uint64_t>(INT64_MIN) - static_cast<uint64_t>(bits));
}

/// Keys [low, high] that satisfy a comparison; `outside` keeps the complement instead (for !=).
struct OrderRange {
  int64_t low = INT64_MIN;
  int64_t high = INT64_MAX;
  bool empty = false;
  bool outside = false;

  bool Has(int64_t key) const { return !empty && key >= low && key <= high ? !outside : outside; }
};

/// How the values of a column are turned into keys.
enum class KeyDomain : uint8_t { kSigned, kUnsigned, kFloat, kSingle };

/// The range of `value op constant` over a domain, by exact numeric value; nullopt for an operator
/// without an order. Precondition: the constant is not null and comparable with the domain.
std::optional<OrderRange> RangeOf(ir::CompareOp op, const Cell& constant, KeyDomain domain);

}  // namespace tarn::exec
