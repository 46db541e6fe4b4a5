#pragma once

#include <map>
#include <memory>
#include <vector>

#include "tarn/exec/operator.h"
#include "tarn/exec/tuple_store.h"

namespace tarn::exec {

/// The last operator: keeps the final tuples and, when all are there, fetches the columns that are
/// returned, for those rows only.
class Project final : public Operator {
 public:
  Project(QueryState& state, const plan::Node& node)
      : Operator(state, node, nullptr),
        kept_(state, "the rows of the answer"),
        hold_(state.request().Hold("the answer")) {}

  /// The answer. Call once, after Finish.
  Result<ResultSet> TakeResult();

 protected:
  Result<Flow> Process(const Batch& in) override;

 private:
  /// Columns of one variable: as the query loaded them, or fetched for the final rows.
  struct Fetched {
    std::shared_ptr<arrow::Array> array;
    std::vector<uint32_t> positions;  // by output row
  };

  Status ExpandWeights();
  Status FetchVariables();
  Status FetchVariable(plan::VarId variable, const std::vector<std::string>& properties);
  Result<std::shared_ptr<arrow::Array>> ColumnOf(const ir::ExprPtr& expr,
                                                 const schema::PropertyType& type);
  Result<std::shared_ptr<arrow::Array>> PropertyColumn(const Fetched& fetched,
                                                       const schema::PropertyType& type) const;
  Result<std::shared_ptr<arrow::Array>> ComputedColumn(const ir::ExprPtr& expr,
                                                       const schema::PropertyType& type);

  TupleStore kept_;
  BudgetHold hold_;
  std::vector<uint32_t> tuple_of_row_;
  std::map<std::pair<plan::VarId, std::string>, Fetched> fetched_;
};

/// The answer of a query that returns no row whatever the data: columns and types alone.
Result<ResultSet> EmptyResult(const ir::Query& query);

}  // namespace tarn::exec
