#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "tarn/exec/leaf_weights.h"
#include "tarn/exec/operator.h"
#include "tarn/exec/tuple_writer.h"
#include "tarn/search/bitmap.h"

namespace tarn::exec {

/// One neighbourhood of an intersection, asked again and again for rows that come sorted by its
/// vertex: the second time it is marked in bits, after which a probe costs one load.
class NeighbourSet {
 public:
  /// `slot` is the tuple column of the vertex whose neighbours these are; `to` is their variable.
  static Result<NeighbourSet> Make(QueryState& state, const plan::Hop& hop, size_t slot,
                                   plan::VarId to);

  /// Moves to the neighbourhood of the row's vertex. `probes` says that Has will be asked.
  Status Enter(const Batch& in, uint32_t row, bool probes);
  uint64_t length() const { return lists_.Length(vertex_); }
  /// What one probe costs, in steps.
  double probe_cost() const;
  bool Has(Dense other) const {
    return marked_ ? marks_.Has(other) : lists_.Connects(vertex_, other);
  }
  /// The bits, if Has is one load of them; else nullptr.
  const search::Bitmap* marks() const { return marked_ ? &marks_ : nullptr; }
  const HopLists& lists() const { return lists_; }
  Dense vertex() const { return vertex_; }

 private:
  Status Mark();
  void Unmark();

  HopLists lists_;
  size_t slot_ = 0;
  Dense vertices_ = 0;
  Dense vertex_ = 0;
  bool entered_ = false;
  bool marked_ = false;
  search::Bitmap marks_;
  BudgetHold hold_;
};

/// Binds one more variable by one hop, or by the intersection of several.
class Expand final : public Operator {
 public:
  Expand(QueryState& state, const plan::Node& node, const plan::Expand& expand, Operator* next)
      : Operator(state, node, next), expand_(expand) {}

 protected:
  Result<Flow> Process(const Batch& in) override;

 private:
  Status Bind();
  Status ExpandRow(const Batch& in, uint32_t row);
  void Walk(uint32_t row);
  /// The cheapest list to walk while the others are probed.
  size_t ChooseWalked() const;
  bool InOthers(size_t walked, Dense to) const;
  /// How many of the walked set the only other one has, when nothing else is asked of them and both
  /// lie ready for it.
  std::optional<uint64_t> CountCommon(size_t walked) const;
  /// Handles one match; false when the walk should stop.
  bool Match(uint32_t row, Dense to, Dense edge);
  bool AddToSum(Dense to);
  void WriteSum(uint32_t row);
  void TakeFull();

  const plan::Expand& expand_;
  bool bound_ = false;
  bool keeps_to_ = false;
  bool keeps_edge_ = false;
  bool only_counts_ = false;        ///< matches are counted, and told apart by nothing
  std::vector<NeighbourSet> sets_;  // the first is the hop itself, then the constraints
  RowPredicate test_;
  RowPredicate edge_test_;
  std::vector<std::unique_ptr<LeafWeights>> leaves_;
  std::optional<TupleWriter> writer_;
  std::vector<uint64_t> sum_;  // by lane of the plan
  std::vector<uint64_t> product_;
  Status failure_;
  Flow flow_ = Flow::kMore;
};

}  // namespace tarn::exec
