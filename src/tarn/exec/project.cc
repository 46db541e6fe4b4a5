#include "tarn/exec/project.h"

#include <algorithm>
#include <limits>
#include <set>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/exec/bound_expr.h"
#include "tarn/exec/result_columns.h"
#include "tarn/exec/text_arena.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::exec {
namespace {

constexpr uint64_t kRowsMax = std::numeric_limits<int32_t>::max();

int64_t BytesOfArray(const arrow::ArrayData& data) {
  int64_t bytes = 0;
  for (const auto& buffer : data.buffers) bytes += buffer == nullptr ? 0 : buffer->size();
  for (const auto& child : data.child_data) bytes += BytesOfArray(*child);
  return bytes;
}

Result<ResultSet> Assemble(const ir::Query& query,
                           std::vector<std::shared_ptr<arrow::Array>> arrays, int64_t rows) {
  ResultSet result;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const ir::Projection& projection : query.projections) {
    if (projection.hidden) continue;
    const std::shared_ptr<arrow::DataType>& type = arrays[result.columns.size()]->type();
    result.columns.push_back(projection.column);
    result.types.push_back(ResultTypeOf(projection.expr, query));
    fields.push_back(arrow::field(projection.column, type));
  }
  result.rows = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
  return result;
}

}  // namespace

Result<ResultSet> EmptyResult(const ir::Query& query) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const ir::Projection& projection : query.projections) {
    if (projection.hidden) continue;
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array,
                          BuildColumn(ResultTypeOf(projection.expr, query), {}, {}));
    arrays.push_back(std::move(array));
  }
  return Assemble(query, std::move(arrays), 0);
}

Result<Flow> Project::Process(const Batch& in) {
  TARN_RETURN_IF_ERROR(kept_.Append(in));
  NoteBytes(kept_.bytes());
  return Flow::kMore;
}

Result<ResultSet> Project::TakeResult() {
  const QueryState::Charge charge(state_, node_.id);
  TARN_RETURN_IF_ERROR(ExpandWeights());
  state_.actuals(node_.id).rows_out = tuple_of_row_.size();
  if (tuple_of_row_.empty()) return EmptyResult(state_.query());
  TARN_RETURN_IF_ERROR(FetchVariables());
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const ir::Projection& projection : state_.query().projections) {
    if (projection.hidden) continue;
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array,
                          ColumnOf(projection.expr, ResultTypeOf(projection.expr, state_.query())));
    TARN_RETURN_IF_ERROR(hold_.Resize(hold_.bytes() + BytesOfArray(*array->data())));
    NoteBytes(kept_.bytes() + hold_.bytes());
    arrays.push_back(std::move(array));
  }
  return Assemble(state_.query(), std::move(arrays), static_cast<int64_t>(tuple_of_row_.size()));
}

Status Project::ExpandWeights() {
  if (kept_.rows() == 0) return Status::Ok();
  const std::vector<uint64_t>& weights = kept_.tuples().weights[0];
  uint64_t rows = 0;
  for (const uint64_t weight : weights) rows = SaturatingAdd(rows, weight);
  if (rows > kRowsMax) {
    return Error(ErrorId::kResultTooLarge, "the answer has {} rows; one answer holds up to {}",
                 rows, kRowsMax)
        .WithHint("add a limit, or aggregate");
  }
  TARN_RETURN_IF_ERROR(hold_.Resize(static_cast<int64_t>(rows * sizeof(uint32_t))));
  tuple_of_row_.reserve(rows);
  for (uint32_t tuple = 0; tuple < kept_.rows(); ++tuple) {
    tuple_of_row_.insert(tuple_of_row_.end(), weights[tuple], tuple);
  }
  return state_.Tick(rows);
}

Status Project::FetchVariables() {
  std::map<plan::VarId, std::set<std::string>> wanted;
  for (const ir::Projection& projection : state_.query().projections) {
    const ir::Expr& expr = *plan::Resolve(projection.expr, state_.query());
    const auto* property = std::get_if<ir::PropertyRef>(&expr.node);
    if (property != nullptr && !state_.query().variables[property->variable].optional) {
      wanted[property->variable].insert(property->property);
    }
  }
  for (const auto& [variable, properties] : wanted) {
    std::vector<std::string> missing;
    for (const std::string& property : properties) {
      const ColumnView* loaded = state_.LoadedColumn(variable, property);
      if (loaded == nullptr) {
        missing.push_back(property);
        continue;
      }
      const std::vector<Dense>& rows = kept_.tuples().columns[SlotOf(input_live(), variable)];
      Fetched fetched{loaded->array(), {}};
      fetched.positions.reserve(tuple_of_row_.size());
      for (const uint32_t tuple : tuple_of_row_) fetched.positions.push_back(rows[tuple]);
      fetched_.emplace(std::pair(variable, property), std::move(fetched));
    }
    if (!missing.empty()) TARN_RETURN_IF_ERROR(FetchVariable(variable, missing));
  }
  return Status::Ok();
}

Status Project::FetchVariable(plan::VarId variable, const std::vector<std::string>& properties) {
  const std::vector<Dense>& rows = kept_.tuples().columns[SlotOf(input_live(), variable)];
  std::vector<Dense> distinct = rows;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                        state_.FetchRows(variable, distinct, properties));
  std::vector<uint32_t> position_of_tuple;
  for (const Dense row : rows) {
    const auto found = std::lower_bound(distinct.begin(), distinct.end(), row);
    position_of_tuple.push_back(static_cast<uint32_t>(found - distinct.begin()));
  }
  std::vector<uint32_t> positions;
  positions.reserve(tuple_of_row_.size());
  for (const uint32_t tuple : tuple_of_row_) positions.push_back(position_of_tuple[tuple]);
  for (const std::string& property : properties) {
    const std::shared_ptr<arrow::Array> array = batch->GetColumnByName(property);
    TARN_CHECK(array != nullptr, "fetched rows lack a property that was asked for");
    fetched_.emplace(std::pair(variable, property), Fetched{array, positions});
  }
  return Status::Ok();
}

Result<std::shared_ptr<arrow::Array>> Project::ColumnOf(const ir::ExprPtr& expr,
                                                        const schema::PropertyType& type) {
  const ir::Expr& resolved = *plan::Resolve(expr, state_.query());
  const auto* property = std::get_if<ir::PropertyRef>(&resolved.node);
  if (property != nullptr && !state_.query().variables[property->variable].optional) {
    return PropertyColumn(fetched_.at({property->variable, property->property}), type);
  }
  return ComputedColumn(expr, type);
}

Result<std::shared_ptr<arrow::Array>> Project::PropertyColumn(
    const Fetched& fetched, const schema::PropertyType& type) const {
  if (fetched.array->type()->Equals(*ArrowTypeOf(type)))
    return TakeColumn(fetched.array, fetched.positions);
  // Stored in a wider form than results have: copied value by value.
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<ColumnView> view, ColumnView::Make(fetched.array));
  std::vector<Cell> cells;
  std::vector<uint32_t> positions;
  for (const uint32_t position : fetched.positions) {
    positions.push_back(static_cast<uint32_t>(cells.size()));
    cells.push_back(view->At(position));
  }
  return BuildColumn(type, cells, positions);
}

Result<std::shared_ptr<arrow::Array>> Project::ComputedColumn(const ir::ExprPtr& expr,
                                                              const schema::PropertyType& type) {
  const std::vector<plan::AggregateItem>* items = nullptr;
  for (const plan::Node* node = &node_; items == nullptr && !node->inputs.empty();
       node = node->inputs[0].get()) {
    if (const auto* aggregate = std::get_if<plan::Aggregate>(&node->op)) items = &aggregate->items;
  }
  // An aggregate is read through the projection it stands in.
  ir::ExprPtr read = expr;
  for (uint32_t i = 0; i < state_.query().projections.size(); ++i) {
    if (std::holds_alternative<ir::Aggregate>(expr->node) &&
        state_.query().projections[i].expr == expr) {
      read = ir::MakeExpr(ir::ColumnRef{i}, type);
    }
  }
  TARN_ASSIGN_OR_RETURN(const BoundExprPtr bound, Binder(state_, input_live(), items).Bind(read));
  const Batch& kept = kept_.tuples();
  std::vector<Dense> slots(kept.columns.size());
  std::vector<Cell> values(kept.values.size());
  std::vector<Cell> cells;
  cells.reserve(kept.rows);
  TextArena texts(state_.request().Hold("the texts of the answer"));
  for (uint32_t tuple = 0; tuple < kept.rows; ++tuple) {
    GatherSlots(kept, tuple, slots);
    GatherValues(kept, tuple, values);
    Cell cell = bound->Eval(Env{slots.data(), values.data()});
    if (bound->transient()) {
      TARN_ASSIGN_OR_RETURN(cell, texts.Keep(cell));
    }
    cells.push_back(cell);
  }
  return BuildColumn(type, cells, tuple_of_row_);
}

}  // namespace tarn::exec
