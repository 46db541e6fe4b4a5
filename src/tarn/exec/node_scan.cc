#include <algorithm>

#include "tarn/exec/make_operator.h"
#include "tarn/exec/row_predicate.h"

namespace tarn::exec {
namespace {

/// The id text of a key value, as the rules of identity spell it.
std::string CanonicalText(const Cell& key) {
  switch (key.kind) {
    case Cell::Kind::kString: return std::string(key.text());
    case Cell::Kind::kBool: return key.boolean ? "true" : "false";
    case Cell::Kind::kInt:
    case Cell::Kind::kDate:
    case Cell::Kind::kDateTime: return std::to_string(key.integer);
    case Cell::Kind::kUint: return std::to_string(key.unsigned_integer);
    case Cell::Kind::kNull:
    case Cell::Kind::kFloat:
    case Cell::Kind::kList: break;
  }
  TARN_UNREACHABLE("the planner looks up only keys with a plain text");
}

/// Every row of a node type that passes the conditions of its variable.
class NodeScanSource final : public Source {
 public:
  NodeScanSource(QueryState& state, const plan::Node& node, const plan::NodeScan& scan)
      : state_(state), node_(node), scan_(scan), emits_column_(!node.live.empty()) {}

  Status Run(Operator& first) override {
    const QueryState::Charge charge(state_, node_.id);
    return scan_.key != nullptr ? RunKey(first) : RunAll(first);
  }

 private:
  Status RunKey(Operator& first) {
    const Cell key = state_.ConstantOf(scan_.key);
    if (key.is_null()) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state_.VerticesOf(scan_.variable));
    const std::optional<Dense> row = vertices->Find(CanonicalText(key));
    if (!row) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(const RowPredicate test,
                          RowPredicate::Make(state_, scan_.variable, scan_.conditions));
    if (!test.Pass(*row)) return Status::Ok();
    rows_.assign(1, *row);
    return Push(first).status();
  }

  Status RunAll(Operator& first) {
    TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state_.VerticesOf(scan_.variable));
    TARN_ASSIGN_OR_RETURN(const RowPredicate test,
                          RowPredicate::Make(state_, scan_.variable, scan_.conditions));
    const Dense count = vertices->count();
    const uint32_t run = std::max<uint32_t>(state_.batch_rows(), 1);
    std::vector<uint8_t> keep(run);
    for (uint64_t begin = 0; begin < count; begin += run) {
      const auto end = static_cast<Dense>(std::min<uint64_t>(count, begin + run));
      test.KeepRange(static_cast<Dense>(begin), end, keep.data());
      TARN_RETURN_IF_ERROR(state_.Tick(end - begin));
      rows_.clear();
      for (auto row = static_cast<Dense>(begin); row < end; ++row) {
        if (keep[row - begin] != 0) rows_.push_back(row);
      }
      TARN_ASSIGN_OR_RETURN(const Flow flow, Push(first));
      if (flow == Flow::kEnough) break;
    }
    return Status::Ok();
  }

  Result<Flow> Push(Operator& first) {
    if (rows_.empty()) return Flow::kMore;
    Batch batch;
    batch.rows = static_cast<uint32_t>(rows_.size());
    if (emits_column_) batch.columns.push_back(rows_);
    batch.weights.assign(state_.plan().lanes, std::vector<uint64_t>(batch.rows, 1));
    state_.actuals(node_.id).rows_out += batch.rows;
    return first.Push(batch);
  }

  QueryState& state_;
  const plan::Node& node_;
  const plan::NodeScan& scan_;
  const bool emits_column_;
  std::vector<Dense> rows_;
};

/// Outside an AntiJoin: the one empty tuple that a match without bindings starts from.
class EmptyTupleSource final : public Source {
 public:
  EmptyTupleSource(QueryState& state, const plan::Node& node) : state_(state), node_(node) {}
  Status Run(Operator& first) override {
    const QueryState::Charge charge(state_, node_.id);
    Batch batch;
    batch.rows = 1;
    batch.weights.assign(state_.plan().lanes, {1});
    state_.actuals(node_.id).rows_out += 1;
    return first.Push(batch).status();
  }

 private:
  QueryState& state_;
  const plan::Node& node_;
};

}  // namespace

std::unique_ptr<Source> MakeSource(QueryState& state, const plan::Node& node,
                                   const plan::NodeScan& scan) {
  return std::make_unique<NodeScanSource>(state, node, scan);
}

std::unique_ptr<Source> MakeSource(QueryState& state, const plan::Node& node, const plan::Seed&) {
  return std::make_unique<EmptyTupleSource>(state, node);
}

}  // namespace tarn::exec
