#include "tarn/exec/fusion.h"

#include <algorithm>
#include <numeric>

#include "tarn/exec/bound_expr.h"

namespace tarn::exec {
namespace {

constexpr double kDefaultK = 60;
constexpr uint32_t kUnranked = UINT32_MAX;

Result<double> KOf(const QueryState& state, const ir::ExprPtr& k) {
  if (k == nullptr) return kDefaultK;
  const Cell cell = state.ConstantOf(k);
  if (cell.is_null()) return kDefaultK;
  const bool integer = cell.kind == Cell::Kind::kInt || cell.kind == Cell::Kind::kUint;
  if (!integer || (cell.kind == Cell::Kind::kInt && cell.integer <= 0)) {
    return Error(ErrorId::kInvalidArgument, "rrf() wants a k that is an integer above 0");
  }
  return AsDouble(cell);
}

/// The rank of each entity in one arm, from 1; kUnranked for one that is not in it.
Result<std::vector<uint32_t>> RanksOf(QueryState& state, const ir::ExprPtr& arm,
                                      plan::VarId variable,
                                      const std::vector<search::Dense>& entities) {
  const std::vector<plan::VarId> live{variable};
  TARN_ASSIGN_OR_RETURN(const BoundExprPtr score, Binder(state, live).Bind(arm));
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state.VerticesOf(variable));
  std::vector<Cell> scores;
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < entities.size(); ++i) {
    scores.push_back(score->Eval(Env{&entities[i], nullptr}));
    if (!scores.back().is_null()) order.push_back(i);
  }
  TARN_RETURN_IF_ERROR(state.Tick(entities.size()));
  const bool nearest = std::holds_alternative<ir::Nearest>(arm->node);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const int by_score = CompareCells(scores[a], scores[b]);
    if (by_score != 0) return nearest ? by_score < 0 : by_score > 0;
    return vertices->IdOf(entities[a]) < vertices->IdOf(entities[b]);
  });
  const ir::Query& query = state.query();
  if (nearest && query.limit) {
    const uint64_t skipped = query.offset ? state.RowsOf(*query.offset) : 0;
    const uint64_t wanted = SaturatingAdd(skipped, state.RowsOf(*query.limit));
    if (order.size() > wanted) order.resize(wanted);
  }
  std::vector<uint32_t> ranks(entities.size(), kUnranked);
  for (uint32_t rank = 0; rank < order.size(); ++rank) ranks[order[rank]] = rank + 1;
  return ranks;
}

}  // namespace

plan::VarId RankedVariable(const ir::Rrf& rrf) {
  if (const auto* nearest = std::get_if<ir::Nearest>(&rrf.primary->node))
    return nearest->field.variable;
  return std::get<ir::Bm25>(rrf.primary->node).field.variable;
}

Status Fuse(QueryState& state, const ir::Rrf& rrf, const std::vector<search::Dense>& entities,
            FusedScores& fused) {
  TARN_ASSIGN_OR_RETURN(const double k, KOf(state, rrf.k));
  fused.hold = state.request().Hold("rank fusion");
  TARN_RETURN_IF_ERROR(fused.hold.Resize(static_cast<int64_t>(entities.size()) * 128));
  const plan::VarId variable = RankedVariable(rrf);
  TARN_ASSIGN_OR_RETURN(const std::vector<uint32_t> primary,
                        RanksOf(state, rrf.primary, variable, entities));
  TARN_ASSIGN_OR_RETURN(const std::vector<uint32_t> secondary,
                        RanksOf(state, rrf.secondary, variable, entities));
  const auto part = [k](uint32_t rank) { return rank == kUnranked ? 0.0 : 1.0 / (k + rank); };
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < entities.size(); ++i) {
    if (primary[i] != kUnranked || secondary[i] != kUnranked) order.push_back(i);
  }
  const auto score = [&](uint32_t i) { return part(primary[i]) + part(secondary[i]); };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    if (score(a) != score(b)) return score(a) > score(b);
    return std::pair(primary[a], secondary[a]) < std::pair(primary[b], secondary[b]);
  });
  fused.index.Clear();
  fused.scores.clear();
  fused.positions.clear();
  for (uint32_t position = 0; position < order.size(); ++position) {
    fused.index.Insert(entities[order[position]]);
    fused.scores.push_back(score(order[position]));
    fused.positions.push_back(position);
  }
  return Status::Ok();
}

}  // namespace tarn::exec
