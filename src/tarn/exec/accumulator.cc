#include "tarn/exec/accumulator.h"

#include <algorithm>
#include <cmath>

#include "tarn/exec/batch.h"

namespace tarn::exec {
namespace {

constexpr uint64_t kListItemsMax = uint64_t{1} << 24;

}  // namespace

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
  if (keeps_list()) lists_.emplace_back();
}

Status Accumulator::Add(uint32_t group, const Cell& value, uint64_t weight, bool transient) {
  if (distinct_) {
    TARN_ASSIGN_OR_RETURN(const bool is_new, IsNew(group, value));
    if (!is_new) return Status::Ok();
    weight = 1;
  }
  counts_[group] = SaturatingAdd(counts_[group], weight);
  if (keeps_list()) return AddToList(group, value, weight, transient);
  if (keeps_sum()) AddToSum(sums_[group], value, weight);
  if (!keeps_best()) return Status::Ok();
  Cell& best = bests_[group];
  const int order = best.is_null() ? 0 : CompareCells(value, best);
  const bool better = best.is_null() || (fn_ == ir::AggregateFn::kMin ? order < 0 : order > 0);
  if (!better) return Status::Ok();
  if (transient) {
    TARN_ASSIGN_OR_RETURN(best, texts_.Keep(value));
  } else {
    best = value;
  }
  return Status::Ok();
}

Result<bool> Accumulator::IsNew(uint32_t group, const Cell& value) {
  key_.assign(reinterpret_cast<const char*>(&group), sizeof(group));
  AppendKey(value, key_);
  if (!seen_.insert(key_).second) return false;
  TARN_RETURN_IF_ERROR(HoldMore(key_.size() + kEntryOverhead));
  return true;
}

/// Asked for in steps that double.
Status Accumulator::HoldMore(uint64_t bytes) {
  grown_bytes_ += bytes;
  const auto held = static_cast<int64_t>(grown_bytes_);
  return held <= values_.bytes() ? Status::Ok() : values_.Resize(2 * held);
}

/// A list has one item per row, so that rows beyond what one answer holds end the query here.
Status Accumulator::AddToList(uint32_t group, Cell value, uint64_t weight, bool transient) {
  if (transient) {
    TARN_ASSIGN_OR_RETURN(value, texts_.Keep(value));
  }
  std::vector<Cell>& list = lists_[group];
  if (SaturatingAdd(list.size(), weight) > kListItemsMax) {
    return Error(ErrorId::kResultTooLarge, "collect() has more than {} values in one list",
                 kListItemsMax)
        .WithHint("collect(distinct ...) keeps each value once; a condition keeps fewer rows");
  }
  TARN_RETURN_IF_ERROR(HoldMore(weight * sizeof(Cell)));
  list.insert(list.end(), weight, value);
  return Status::Ok();
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

Result<Cell> Accumulator::Finish(uint32_t group) {
  const uint64_t count = counts_[group];
  if (count > static_cast<uint64_t>(INT64_MAX)) {
    return Error(ErrorId::kCountOverflow, "{}() has more than {} rows to add up",
                 ir::AggregateFnText(fn_), INT64_MAX);
  }
  if (fn_ == ir::AggregateFn::kCount) return Cell::Int(static_cast<int64_t>(count));
  if (keeps_list()) return FinishList(group);
  if (count == 0) return Cell::Null();
  if (keeps_best()) return bests_[group];
  if (fn_ == ir::AggregateFn::kIsum) return FinishWhole(group);
  const double total = sums_[group].Total();
  return Cell::Float(fn_ == ir::AggregateFn::kSum ? total : total / static_cast<double>(count));
}

/// Smallest first: the order of the rows does not show.
Cell Accumulator::FinishList(uint32_t group) {
  std::vector<Cell>& list = lists_[group];
  std::sort(list.begin(), list.end(),
            [](const Cell& a, const Cell& b) { return CompareCells(a, b) < 0; });
  return Cell::List(std::span<const Cell>(list));
}

Result<Cell> Accumulator::FinishWhole(uint32_t group) const {
  const Sum& sum = sums_[group];
  if (sum.real == 0 && sum.whole >= INT64_MIN && sum.whole <= INT64_MAX) {
    return Cell::Int(static_cast<int64_t>(sum.whole));
  }
  return Error(ErrorId::kNotComputable, "isum() cannot be computed: the sum leaves 64 bits")
      .WithHint("sum() adds up to a float");
}

int64_t Accumulator::bytes() const {
  return static_cast<int64_t>(counts_.capacity() * sizeof(uint64_t) +
                              sums_.capacity() * sizeof(Sum) + bests_.capacity() * sizeof(Cell) +
                              lists_.capacity() * sizeof(std::vector<Cell>));
}

}  // namespace tarn::exec
