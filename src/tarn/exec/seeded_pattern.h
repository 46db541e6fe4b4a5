#pragma once

#include <optional>
#include <vector>

#include "tarn/exec/pipeline.h"
#include "tarn/exec/tuple_table.h"

namespace tarn::exec {

/// An inner pattern that is asked once per batch of outer tuples, for the distinct values of the
/// outer variables it mentions. What it yields carries the number of its seed, kSeedOrdinal.
class SeededPattern {
 public:
  /// `root` is the pattern, whose source is a Seed; `outer` are the variables it mentions. Both
  /// outlive this.
  SeededPattern(QueryState& state, const plan::Node& root, const std::vector<plan::VarId>& outer)
      : state_(state), root_(root), outer_(outer), seeds_(outer.size()) {}

  bool is_bound() const { return inner_.has_value(); }
  /// `input_live` is the layout of the outer tuples; `sink` takes what the pattern yields and
  /// outlives this.
  Status Bind(const std::vector<plan::VarId>& input_live, Operator& sink);

  /// Numbers the seeds of a batch.
  void Collect(const Batch& in);
  uint32_t seeds() const { return seeds_.size(); }
  /// The seed of a row of that batch.
  uint32_t seed_of(uint32_t row) const { return ordinals_[row]; }
  /// Runs the pattern for them, to its end.
  Status Ask();

 private:
  Batch SeedBatch() const;

  QueryState& state_;
  const plan::Node& root_;
  const std::vector<plan::VarId>& outer_;
  TupleTable seeds_;
  std::optional<Pipeline> inner_;
  std::vector<size_t> slots_;
  std::vector<uint32_t> ordinals_;
};

}  // namespace tarn::exec
