#include "tarn/exec/query_state.h"

#include "tarn/exec/score_tables.h"
#include "tarn/store/meter.h"

namespace tarn::exec {
namespace {

std::string ColumnKey(catalog::TableKind kind, const std::string& type_name,
                      const std::string& property) {
  return fmt::format("{}:{}.{}", catalog::TableKindName(kind), type_name, property);
}

}  // namespace

QueryState::QueryState(const Request& request, const catalog::Snapshot& snapshot,
                       search::Resident& resident, const plan::Plan& plan,
                       const ir::ParameterValues& parameters, const ExecuteOptions& options)
    : request_(request.In(Phase::kRead)),
      snapshot_(snapshot),
      resident_(resident),
      plan_(plan),
      parameters_(parameters),
      options_(options),
      actuals_(plan.node_count),
      since_(std::chrono::steady_clock::now()),
      scores_(std::make_unique<ScoreTables>(*this)),
      paths_(request.Hold("the paths of a query")),
      folded_texts_(request.Hold("the constants of a query")) {}

QueryState::~QueryState() = default;

catalog::TableKind QueryState::KindOf(plan::VarId variable) const {
  return query().variables[variable].kind == ir::Variable::Kind::kNode ? catalog::TableKind::kNode
                                                                       : catalog::TableKind::kEdge;
}

Result<const search::Vertices*> QueryState::VerticesOf(plan::VarId variable) {
  return VerticesOf(KindOf(variable), query().variables[variable].type_name);
}

Result<const search::Vertices*> QueryState::EdgeRowsOf(const std::string& edge_type) {
  return VerticesOf(catalog::TableKind::kEdge, edge_type);
}

Result<const search::Vertices*> QueryState::VerticesOf(catalog::TableKind kind,
                                                       const std::string& type_name) {
  std::shared_ptr<const search::Vertices>& held = vertices_[ColumnKey(kind, type_name, "")];
  if (held == nullptr) {
    TARN_ASSIGN_OR_RETURN(
        held, Metered([&] { return resident_.VerticesOf(request_, snapshot_, kind, type_name); }));
  }
  return held.get();
}

Result<const search::Adjacency*> QueryState::AdjacencyOf(const std::string& edge_type,
                                                         search::Resident::Side side) {
  const char* suffix = side == search::Resident::Side::kOut ? ">" : "<";
  std::shared_ptr<const search::Adjacency>& held = adjacency_[edge_type + suffix];
  if (held == nullptr) {
    TARN_ASSIGN_OR_RETURN(
        held, Metered([&] { return resident_.AdjacencyOf(request_, snapshot_, edge_type, side); }));
  }
  return held.get();
}

std::vector<std::string> QueryState::AdjacencyNotes() const {
  std::vector<std::string> notes;
  for (const auto& [key, held] : adjacency_) {
    if (held == nullptr) continue;
    notes.push_back(
        fmt::format("{} {}: {} edges, {}", std::string_view(key).substr(0, key.size() - 1),
                    key.back() == '>' ? "out" : "in", held->neighbours.size(), held->origin));
  }
  return notes;
}

Result<const ColumnView*> QueryState::ColumnOf(plan::VarId variable, const std::string& property) {
  const std::string& type_name = query().variables[variable].type_name;
  const catalog::TableKind kind = KindOf(variable);
  std::unique_ptr<ColumnView>& held = columns_[ColumnKey(kind, type_name, property)];
  if (held == nullptr) {
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, Metered([&] {
                            return resident_.ColumnOf(request_, snapshot_, kind, type_name,
                                                      property);
                          }));
    TARN_ASSIGN_OR_RETURN(held, ColumnView::Make(std::move(array)));
  }
  return held.get();
}

Result<const search::TextCorpus*> QueryState::CorpusOf(const ir::PropertyRef& field) {
  const std::string& type_name = query().variables[field.variable].type_name;
  std::shared_ptr<const search::TextCorpus>& held = corpora_[type_name + "." + field.property];
  if (held == nullptr) {
    TARN_ASSIGN_OR_RETURN(held, Metered([&] {
                            return resident_.CorpusOf(request_, snapshot_, type_name,
                                                      field.property);
                          }));
  }
  return held.get();
}

Result<std::shared_ptr<arrow::RecordBatch>> QueryState::FetchRows(
    plan::VarId variable, const std::vector<search::Dense>& rows,
    const std::vector<std::string>& properties) {
  const std::string& type_name = query().variables[variable].type_name;
  return Metered([&] {
    return resident_.FetchRows(request_, snapshot_, KindOf(variable), type_name, rows, properties);
  });
}

bool QueryState::StaysInType(const std::string& edge_type) const {
  const schema::EdgeType* edge = snapshot_.schema().FindEdge(edge_type);
  return edge != nullptr && edge->from == edge->to;
}

const ColumnView* QueryState::LoadedColumn(plan::VarId variable,
                                           const std::string& property) const {
  const auto found =
      columns_.find(ColumnKey(KindOf(variable), query().variables[variable].type_name, property));
  return found == columns_.end() ? nullptr : found->second.get();
}

Cell QueryState::ConstantOf(const ir::ExprPtr& expr) const {
  if (const Cell* folded = FoldedOf(expr)) return *folded;
  if (const auto* constant = std::get_if<ir::Constant>(&expr->node)) return CellOf(constant->value);
  if (std::holds_alternative<ir::Now>(expr->node)) return Cell::DateTime(options_.now_ms);
  const auto* reference = std::get_if<ir::ParameterRef>(&expr->node);
  TARN_CHECK(reference != nullptr,
             "the value of an expression that reads rows was asked without one");
  Cell cell = CellOf(parameters_[reference->index]);
  const bool single = query().parameters[reference->index].type.scalar == schema::Scalar::kF32;
  if (single && cell.kind == Cell::Kind::kFloat)
    cell.real = static_cast<double>(static_cast<float>(cell.real));
  return cell;
}

uint64_t QueryState::RowsOf(const ir::RowCount& rows) const {
  if (!rows.parameter) return rows.literal;
  const Cell cell = CellOf(parameters_[*rows.parameter]);
  return cell.kind == Cell::Kind::kUint ? cell.unsigned_integer
                                        : static_cast<uint64_t>(cell.integer);
}

void QueryState::Fail(Status failure) {
  if (failure_.ok()) failure_ = std::move(failure);
  steps_ = kStepsPerCheck;
}

Status QueryState::CheckNow() {
  TARN_RETURN_IF_ERROR(failure_);
  steps_ = 0;
  return request_.Check();
}

void QueryState::SwitchTo(uint32_t node) {
  const auto now = std::chrono::steady_clock::now();
  actuals_[node_].nanos +=
      std::chrono::duration_cast<std::chrono::nanoseconds>(now - since_).count();
  since_ = now;
  node_ = node;
}

std::vector<OperatorActuals> QueryState::TakeActuals() {
  SwitchTo(0);
  return std::move(actuals_);
}

uint64_t QueryState::StoreCalls() const {
  return request_.meter == nullptr ? 0 : request_.meter->Read().total();
}

}  // namespace tarn::exec
