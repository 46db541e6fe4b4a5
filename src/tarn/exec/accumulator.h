#pragma once

#include <cstdint>
#include <vector>

#include "tarn/base/status.h"
#include "tarn/exec/cell.h"
#include "tarn/plan/node.h"

namespace tarn::exec {

/// One aggregate over many groups. Rows come with a weight: how often they count.
///
/// Integers are summed exactly and rounded once at the end; floats with the lost digits carried
/// along (Neumaier), so that the order of the rows does not show.
class Accumulator {
 public:
  explicit Accumulator(ir::AggregateFn fn) : fn_(fn) {}

  void AddGroup();
  /// Adds `weight` rows whose argument is not null. For a count `value` is not read.
  void Add(uint32_t group, const Cell& value, uint64_t weight);
  /// kCountOverflow when more rows were added than a 64-bit number counts.
  Result<Cell> Finish(uint32_t group) const;
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
  bool keeps_sum() const { return fn_ == ir::AggregateFn::kSum || fn_ == ir::AggregateFn::kAvg; }
  bool keeps_best() const { return fn_ == ir::AggregateFn::kMin || fn_ == ir::AggregateFn::kMax; }

  const ir::AggregateFn fn_;
  std::vector<uint64_t> counts_;
  std::vector<Sum> sums_;
  std::vector<Cell> bests_;
};

}  // namespace tarn::exec
