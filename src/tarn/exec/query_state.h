#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tarn/exec/column_view.h"
#include "tarn/exec/execute.h"
#include "tarn/exec/path_store.h"
#include "tarn/exec/text_arena.h"
#include "tarn/plan/node.h"
#include "tarn/search/adjacency.h"

namespace tarn::exec {

class ScoreTables;

/// What all operators of one execution share: the query's data, loaded when first asked for and
/// kept to the end, its constants, its limits, and what each operator cost. Not thread safe.
class QueryState {
 public:
  QueryState(const Request& request, const catalog::Snapshot& snapshot, search::Resident& resident,
             const plan::Plan& plan, const ir::ParameterValues& parameters,
             const ExecuteOptions& options);
  ~QueryState();

  const Request& request() const { return request_; }
  const ir::Query& query() const { return *plan_.query; }
  const plan::Plan& plan() const { return plan_; }
  const ExecuteOptions& options() const { return options_; }
  uint32_t batch_rows() const { return options_.batch_rows; }
  ScoreTables& scores() { return *scores_; }

  /// Live rows of a variable's type, one side of an edge type, one column of a variable's type.
  Result<const search::Vertices*> VerticesOf(plan::VarId variable);
  Result<const search::Adjacency*> AdjacencyOf(const std::string& edge_type,
                                               search::Resident::Side side);
  Result<const ColumnView*> ColumnOf(plan::VarId variable, const std::string& property);
  Result<const search::TextCorpus*> CorpusOf(const ir::PropertyRef& field);
  Result<std::shared_ptr<arrow::RecordBatch>> FetchRows(plan::VarId variable,
                                                        const std::vector<search::Dense>& rows,
                                                        const std::vector<std::string>& properties);
  /// The rows of an edge type.
  Result<const search::Vertices*> EdgeRowsOf(const std::string& edge_type);
  /// Paths that were found so far.
  PathStore& paths() { return paths_; }
  /// Does the edge type join a node type with itself?
  bool StaysInType(const std::string& edge_type) const;
  /// The column if this query has loaded it already, else nullptr.
  const ColumnView* LoadedColumn(plan::VarId variable, const std::string& property) const;

  /// A line for each adjacency that was walked: how it came to be.
  std::vector<std::string> AdjacencyNotes() const;

  /// Computes what reads no row: literals and parameters put together. kNotComputable when a part
  /// that is certainly needed has no value.
  Status FoldConstants();
  /// The value of such an expression, or null if it is none.
  const Cell* FoldedOf(const ir::ExprPtr& expr) const;
  /// The value of a Constant, ParameterRef, Now or of what FoldConstants computed.
  Cell ConstantOf(const ir::ExprPtr& expr) const;
  /// Checked before the query runs: parameters that count rows are not negative.
  uint64_t RowsOf(const ir::RowCount& rows) const;

  /// A value could not be computed: the query ends at its next Tick, whatever it found.
  void Fail(Status failure);
  const Status& failure() const { return failure_; }

  /// Says that `steps` rows or edges were touched; now and then asks the request whether to stop.
  Status Tick(uint64_t steps) {
    steps_ += steps;
    return steps_ < kStepsPerCheck ? Status::Ok() : CheckNow();
  }

  /// Charges time and store calls to a plan node until it is left.
  class Charge {
   public:
    Charge(QueryState& state, uint32_t node) : state_(state), before_(state.node_) {
      state_.SwitchTo(node);
    }
    Charge(const Charge&) = delete;
    Charge& operator=(const Charge&) = delete;
    ~Charge() { state_.SwitchTo(before_); }

   private:
    QueryState& state_;
    const uint32_t before_;
  };
  OperatorActuals& actuals(uint32_t node) { return actuals_[node]; }
  std::vector<OperatorActuals> TakeActuals();

 private:
  static constexpr uint64_t kStepsPerCheck = 4096;

  Result<const search::Vertices*> VerticesOf(catalog::TableKind kind, const std::string& type_name);
  Status CheckNow();
  Status Fold(const ir::ExprPtr& expr);
  Status FoldMatch(const ir::Match& match);
  /// Folds operands from left to right until one of them decides.
  Status FoldOperands(const std::vector<ir::ExprPtr>& operands, bool (*decides)(const Cell&));
  void SwitchTo(uint32_t node);
  catalog::TableKind KindOf(plan::VarId variable) const;
  uint64_t StoreCalls() const;
  /// Runs a load and charges its store calls to the operator at work.
  template <typename Load>
  auto Metered(Load load) {
    const uint64_t before = StoreCalls();
    auto result = load();
    actuals_[node_].store_calls += StoreCalls() - before;
    return result;
  }

  const Request request_;
  const catalog::Snapshot& snapshot_;
  search::Resident& resident_;
  const plan::Plan& plan_;
  const ir::ParameterValues& parameters_;
  const ExecuteOptions& options_;
  std::vector<OperatorActuals> actuals_;
  uint32_t node_ = 0;
  std::chrono::steady_clock::time_point since_;
  uint64_t steps_ = 0;
  std::map<std::string, std::shared_ptr<const search::Vertices>> vertices_;
  std::map<std::string, std::shared_ptr<const search::Adjacency>> adjacency_;
  std::map<std::string, std::unique_ptr<ColumnView>> columns_;
  std::map<std::string, std::shared_ptr<const search::TextCorpus>> corpora_;
  std::unique_ptr<ScoreTables> scores_;
  PathStore paths_;
  std::unordered_map<const ir::Expr*, Cell> folded_;
  TextArena folded_texts_;
  Status failure_;
};

}  // namespace tarn::exec
