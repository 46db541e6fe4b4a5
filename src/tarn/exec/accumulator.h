#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "tarn/exec/text_arena.h"
#include "tarn/ir/expr.h"
#include "tarn/plan/node.h"

namespace tarn::exec {

/// One aggregate over many groups. Rows come with a weight: how often they count.
///
/// Integers are summed exactly and rounded once at the end; floats with the lost digits carried
/// along (Neumaier), so that the order of the rows does not show.
class Accumulator {
 public:
  /// Texts and values that it keeps are drawn on the holds.
  explicit Accumulator(ir::AggregateFn fn, bool distinct = false, BudgetHold texts = {},
                       BudgetHold values = {})
      : fn_(fn), distinct_(distinct), texts_(std::move(texts)), values_(std::move(values)) {}

  void AddGroup();
  /// Adds `weight` rows whose argument is not null. For a plain count `value` is not read. With
  /// `transient` the text of `value` will be gone soon.
  Status Add(uint32_t group, const Cell& value, uint64_t weight, bool transient = false);
  /// kCountOverflow when more rows were added than a 64-bit number counts; kNotComputable for an
  /// isum() that leaves 64 bits. The cell of a list points here.
  Result<Cell> Finish(uint32_t group);
  int64_t bytes() const;

 private:
  struct Sum {
    __int128 whole = 0;  // of integers
    double real = 0;     // of floats, and of integers beyond 128 bits
    double lost = 0;     // what rounding took from `real`
    void Add(double value);
    double Total() const;
  };

  void AddToSum(Sum& sum, const Cell& value, uint64_t weight);
  Status AddToList(uint32_t group, Cell value, uint64_t weight, bool transient);
  Result<bool> IsNew(uint32_t group, const Cell& value);
  Status HoldMore(uint64_t bytes);
  Cell FinishList(uint32_t group);
  Result<Cell> FinishWhole(uint32_t group) const;
  bool keeps_sum() const {
    return fn_ == ir::AggregateFn::kSum || fn_ == ir::AggregateFn::kAvg ||
           fn_ == ir::AggregateFn::kIsum;
  }
  bool keeps_best() const { return fn_ == ir::AggregateFn::kMin || fn_ == ir::AggregateFn::kMax; }
  bool keeps_list() const { return fn_ == ir::AggregateFn::kCollect; }

  /// Of one entry of a set, beside the value's bytes.
  static constexpr size_t kEntryOverhead = 64;

  const ir::AggregateFn fn_;
  const bool distinct_;
  std::vector<uint64_t> counts_;
  std::vector<Sum> sums_;
  std::vector<Cell> bests_;
  std::vector<std::vector<Cell>> lists_;
  std::unordered_set<std::string> seen_;  // groups with their values
  std::string key_;
  uint64_t grown_bytes_ = 0;  // of lists and sets
  TextArena texts_;
  BudgetHold values_;
};

}  // namespace tarn::exec
