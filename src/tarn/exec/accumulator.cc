#include "tarn/exec/accumulator.h"

#include <cmath>

#include "tarn/exec/batch.h"

namespace tarn::exec {

void Accumulator::Sum::Add(double value) {
  const double total = real + value;
  if (std::abs(real) >= std::abs(value)) {
    lost += (real - total) + value;
  } else {
    lost += (value - total) + real;
  }
  real = total;
}

double Accumulator::Sum::Total() const {
  const double sum = std::isfinite(real) ? real + lost : real;
  return whole == 0 ? sum : static_cast<double>(whole) + sum;
}

void Accumulator::AddGroup() {
  counts_.push_back(0);
  if (keeps_sum()) sums_.emplace_back();
  if (keeps_best()) bests_.push_back(Cell::Null());
}

void Accumulator::Add(uint32_t group, const Cell& value, uint64_t weight) {
  counts_[group] = SaturatingAdd(counts_[group], weight);
  if (keeps_sum()) AddToSum(sums_[group], value, weight);
  if (!keeps_best()) return;
  Cell& best = bests_[group];
  const int order = best.is_null() ? 0 : CompareCells(value, best);
  const bool better = best.is_null() || (fn_ == ir::AggregateFn::kMin ? order < 0 : order > 0);
  if (better) best = value;
}

void Accumulator::AddToSum(Sum& sum, const Cell& value, uint64_t weight) {
  if (value.kind == Cell::Kind::kFloat) {
    sum.Add(value.real * static_cast<double>(weight));
    return;
  }
  const __int128 whole = value.kind == Cell::Kind::kUint
                             ? static_cast<__int128>(value.unsigned_integer)
                             : static_cast<__int128>(value.integer);
  __int128 product = 0;
  __int128 total = 0;
  const bool overflow = __builtin_mul_overflow(whole, static_cast<__int128>(weight), &product) ||
                        __builtin_add_overflow(sum.whole, product, &total);
  if (overflow) {
    sum.Add(AsDouble(value) * static_cast<double>(weight));
  } else {
    sum.whole = total;
  }
}

Result<Cell> Accumulator::Finish(uint32_t group) const {
  const uint64_t count = counts_[group];
  if (count > static_cast<uint64_t>(INT64_MAX)) {
    return Error(ErrorId::kCountOverflow, "{}() has more than {} rows to add up",
                 ir::AggregateFnText(fn_), INT64_MAX);
  }
  if (fn_ == ir::AggregateFn::kCount) return Cell::Int(static_cast<int64_t>(count));
  if (count == 0) return Cell::Null();
  if (keeps_best()) return bests_[group];
  const double total = sums_[group].Total();
  return Cell::Float(fn_ == ir::AggregateFn::kSum ? total : total / static_cast<double>(count));
}

int64_t Accumulator::bytes() const {
  return static_cast<int64_t>(counts_.capacity() * sizeof(uint64_t) +
                              sums_.capacity() * sizeof(Sum) + bests_.capacity() * sizeof(Cell));
}

}  // namespace tarn::exec
