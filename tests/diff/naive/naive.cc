#include "naive/naive.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "naive/compare.h"
#include "naive/match.h"

namespace tarn::naive {
namespace {

using ir::Value;
using RowsOut = std::vector<std::vector<Value>>;

/// The expression an alias stands for.
const ir::ExprPtr& Origin(const ir::ExprPtr& expr, const ir::Query& query) {
  const auto* column = std::get_if<ir::ColumnRef>(&expr->node);
  return column == nullptr ? expr : Origin(query.projections[column->projection].expr, query);
}

bool IsRanking(const ir::Expr& expr) {
  return std::holds_alternative<ir::Nearest>(expr.node) ||
         std::holds_alternative<ir::Bm25>(expr.node) || std::holds_alternative<ir::Rrf>(expr.node);
}

/// Ranks of the entities in one arm, from 1.
std::map<size_t, size_t> ArmRanks(const World& world, const ir::ExprPtr& arm, ir::VarId variable,
                                  const std::set<size_t>& entities) {
  const bool nearest = std::holds_alternative<ir::Nearest>(arm->node);
  std::vector<std::pair<size_t, Value>> scored;
  for (const size_t entity : entities) {
    const Value score = ValueOf(world, arm, {{variable, entity}});
    if (!score.is_null()) scored.emplace_back(entity, score);
  }
  std::sort(scored.begin(), scored.end(), [&](const auto& a, const auto& b) {
    const int order = Order(a.second, b.second);
    if (order != 0) return nearest ? order < 0 : order > 0;
    return world.RowsOf(variable)[a.first].id < world.RowsOf(variable)[b.first].id;
  });
  if (nearest && world.query.limit && scored.size() > *world.query.limit)
    scored.resize(*world.query.limit);
  std::map<size_t, size_t> ranks;
  for (const auto& [entity, score] : scored) ranks.emplace(entity, ranks.size() + 1);
  return ranks;
}

void Fuse(World& world, const ir::ExprPtr& expr, const std::vector<Bindings>& solutions) {
  const ir::Rrf& rrf = std::get<ir::Rrf>(expr->node);
  const auto* nearest = std::get_if<ir::Nearest>(&rrf.primary->node);
  const ir::VarId variable = nearest != nullptr
                                 ? nearest->field.variable
                                 : std::get<ir::Bm25>(rrf.primary->node).field.variable;
  std::set<size_t> entities;
  for (const Bindings& solution : solutions) entities.insert(solution.at(variable));
  const auto primary = ArmRanks(world, rrf.primary, variable, entities);
  const auto secondary = ArmRanks(world, rrf.secondary, variable, entities);
  double k = 60;
  if (rrf.k != nullptr) {
    const Value said = ValueOf(world, rrf.k, {});
    if (!said.is_null()) k = static_cast<double>(std::get<int64_t>(said.held));
  }
  struct Fused {
    size_t entity;
    double score;
    size_t first;
    size_t second;
  };
  std::vector<Fused> fused;
  for (const size_t entity : entities) {
    Fused one{entity, 0, SIZE_MAX, SIZE_MAX};
    if (primary.contains(entity)) one.first = primary.at(entity);
    if (secondary.contains(entity)) one.second = secondary.at(entity);
    if (one.first != SIZE_MAX) one.score += 1.0 / (k + static_cast<double>(one.first));
    if (one.second != SIZE_MAX) one.score += 1.0 / (k + static_cast<double>(one.second));
    if (one.score > 0) fused.push_back(one);
  }
  std::sort(fused.begin(), fused.end(), [](const Fused& a, const Fused& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.first != b.first ? a.first < b.first : a.second < b.second;
  });
  auto& places = world.fusions[expr.get()];
  for (size_t place = 0; place < fused.size(); ++place)
    places[fused[place].entity] = {fused[place].score, place};
}

void FuseAll(World& world, const std::vector<Bindings>& solutions) {
  std::vector<ir::ExprPtr> exprs;
  for (const ir::Projection& projection : world.query.projections)
    exprs.push_back(Origin(projection.expr, world.query));
  for (const ir::Ordering& ordering : world.query.order)
    exprs.push_back(Origin(ordering.expr, world.query));
  for (const ir::ExprPtr& expr : exprs) {
    if (std::holds_alternative<ir::Rrf>(expr->node)) Fuse(world, expr, solutions);
  }
}

/// The place of a row in a rank fusion, as a further key.
Value PlaceOf(const World& world, const ir::ExprPtr& expr, const Bindings& bindings) {
  const auto* rrf = std::get_if<ir::Rrf>(&expr->node);
  if (rrf == nullptr) return Value{};
  const auto* nearest = std::get_if<ir::Nearest>(&rrf->primary->node);
  const ir::VarId variable = nearest != nullptr
                                 ? nearest->field.variable
                                 : std::get<ir::Bm25>(rrf->primary->node).field.variable;
  const auto& places = world.fusions.at(expr.get());
  const auto found = places.find(bindings.at(variable));
  return found == places.end() ? Value{} : Value{static_cast<int64_t>(found->second.second)};
}

/// A row of the answer with what it is ordered by.
struct Keyed {
  std::vector<Value> row;
  std::vector<Value> keys;
  std::vector<bool> descending;
};

void SortKeyed(std::vector<Keyed>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Keyed& a, const Keyed& b) {
    for (size_t i = 0; i < a.keys.size(); ++i) {
      const int order = Order(a.keys[i], b.keys[i]);
      if (order != 0) return a.descending[i] ? order > 0 : order < 0;
    }
    return false;
  });
}

/// Named variables of the outermost block by name: the ids that break ties.
std::vector<ir::VarId> TieVariables(const ir::Query& query,
                                    const std::vector<Bindings>& solutions) {
  std::vector<ir::VarId> variables;
  if (solutions.empty()) return variables;
  for (const auto& [variable, row] : solutions.front()) {
    if (!query.variables[variable].anonymous) variables.push_back(variable);
  }
  std::sort(variables.begin(), variables.end(), [&](ir::VarId a, ir::VarId b) {
    return query.variables[a].name < query.variables[b].name;
  });
  return variables;
}

RowsOut PlainRows(World& world, const std::vector<Bindings>& solutions) {
  const ir::Query& query = world.query;
  FuseAll(world, solutions);
  const std::vector<ir::VarId> ties = TieVariables(query, solutions);
  std::vector<Keyed> rows;
  for (const Bindings& solution : solutions) {
    Keyed keyed;
    for (const ir::Projection& projection : query.projections) {
      keyed.row.push_back(ValueOf(world, projection.expr, solution));
    }
    bool ranked = true;
    for (size_t i = 0; i < query.order.size(); ++i) {
      const ir::ExprPtr& key = Origin(query.order[i].expr, query);
      keyed.keys.push_back(ValueOf(world, key, solution));
      keyed.descending.push_back(query.order[i].descending);
      if (i == 0 && IsRanking(*key) && keyed.keys.back().is_null()) ranked = false;
      keyed.keys.push_back(PlaceOf(world, key, solution));
      keyed.descending.push_back(false);
    }
    for (const ir::VarId tie : ties) {
      keyed.keys.push_back(Value{world.RowsOf(tie)[solution.at(tie)].id});
      keyed.descending.push_back(false);
    }
    if (ranked) rows.push_back(std::move(keyed));
  }
  if (!query.order.empty()) SortKeyed(rows);
  RowsOut out;
  for (Keyed& keyed : rows) out.push_back(std::move(keyed.row));
  return out;
}

Value AggregateOf(const World& world, const ir::Aggregate& aggregate,
                  const std::vector<Bindings>& rows) {
  std::vector<Value> values;
  for (const Bindings& row : rows) {
    const Value value = ValueOf(world, aggregate.argument, row);
    if (!value.is_null()) values.push_back(value);
  }
  if (aggregate.fn == ir::AggregateFn::kCount) return Value{static_cast<int64_t>(values.size())};
  if (values.empty()) return Value{};
  const auto smaller = [](const Value& a, const Value& b) { return Order(a, b) < 0; };
  if (aggregate.fn == ir::AggregateFn::kMin)
    return *std::min_element(values.begin(), values.end(), smaller);
  if (aggregate.fn == ir::AggregateFn::kMax)
    return *std::max_element(values.begin(), values.end(), smaller);
  long double sum = 0;
  for (const Value& value : values) {
    if (const auto* whole = std::get_if<int64_t>(&value.held))
      sum += static_cast<long double>(*whole);
    if (const auto* large = std::get_if<uint64_t>(&value.held))
      sum += static_cast<long double>(*large);
    if (const auto* real = std::get_if<double>(&value.held)) sum += static_cast<long double>(*real);
  }
  const auto total = static_cast<double>(sum);
  return Value{aggregate.fn == ir::AggregateFn::kSum ? total
                                                     : total / static_cast<double>(values.size())};
}

RowsOut GroupedRows(World& world, const std::vector<Bindings>& solutions) {
  const ir::Query& query = world.query;
  std::vector<std::string> seen;
  std::map<std::string, std::vector<Bindings>> groups;
  bool has_key = false;
  for (const ir::Projection& projection : query.projections) {
    has_key =
        has_key || !std::holds_alternative<ir::Aggregate>(Origin(projection.expr, query)->node);
  }
  if (!has_key) seen.push_back(""), groups[""];
  for (const Bindings& solution : solutions) {
    std::string key;
    for (const ir::Projection& projection : query.projections) {
      const ir::ExprPtr& expr = Origin(projection.expr, query);
      if (!std::holds_alternative<ir::Aggregate>(expr->node))
        key += CellText(ValueOf(world, expr, solution)) + "|";
    }
    if (!groups.contains(key)) seen.push_back(key);
    groups[key].push_back(solution);
  }
  std::vector<Keyed> rows;
  for (const std::string& key : seen) {
    Keyed keyed;
    for (const ir::Projection& projection : query.projections) {
      const ir::ExprPtr& expr = Origin(projection.expr, query);
      const auto* aggregate = std::get_if<ir::Aggregate>(&expr->node);
      keyed.row.push_back(aggregate != nullptr ? AggregateOf(world, *aggregate, groups[key])
                                               : ValueOf(world, expr, groups[key].front()));
    }
    for (const ir::Ordering& ordering : query.order) {
      const auto* column = std::get_if<ir::ColumnRef>(&ordering.expr->node);
      keyed.keys.push_back(column != nullptr ? keyed.row[column->projection]
                                             : ValueOf(world, ordering.expr, groups[key].front()));
      keyed.descending.push_back(ordering.descending);
    }
    for (size_t i = 0; i < query.projections.size(); ++i) {
      if (std::holds_alternative<ir::Aggregate>(Origin(query.projections[i].expr, query)->node))
        continue;
      keyed.keys.push_back(keyed.row[i]);
      keyed.descending.push_back(false);
    }
    rows.push_back(std::move(keyed));
  }
  if (!query.order.empty()) SortKeyed(rows);
  RowsOut out;
  for (Keyed& keyed : rows) out.push_back(std::move(keyed.row));
  return out;
}

}  // namespace

Answer Evaluate(const ir::Query& query, const Graph& graph, const ir::ParameterValues& parameters,
                const Outside& outside) {
  World world{query, graph, parameters, outside};
  const std::vector<Bindings> solutions = Solve(world, query.match, {});
  Answer answer;
  answer.rows = query.aggregates ? GroupedRows(world, solutions) : PlainRows(world, solutions);
  answer.rows_kept =
      query.limit ? std::min<uint64_t>(*query.limit, answer.rows.size()) : answer.rows.size();
  if (!query.order.empty()) answer.rows.resize(answer.rows_kept);
  return answer;
}

std::string CellText(const Value& value) {
  struct Writer {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool held) const { return held ? "true" : "false"; }
    std::string operator()(int64_t held) const { return fmt::format("{}", held); }
    std::string operator()(uint64_t held) const { return fmt::format("{}", held); }
    std::string operator()(double held) const {
      return std::isnan(held) ? "nan" : fmt::format("f{}", held == 0 ? 0.0 : held);
    }
    std::string operator()(const std::string& held) const { return "'" + held + "'"; }
    std::string operator()(ir::Date held) const { return fmt::format("d{}", held.days); }
    std::string operator()(ir::DateTime held) const { return fmt::format("t{}", held.ms); }
    std::string operator()(const ir::ValueList& held) const {
      std::string text = "[";
      for (const Value& item : held) text += (text.size() > 1 ? "," : "") + CellText(item);
      return text + "]";
    }
    std::string operator()(const ir::Vector& held) const {
      std::string text = "[";
      for (const float item : held)
        text += fmt::format("{}f{}", text.size() > 1 ? "," : "", static_cast<double>(item));
      return text + "]";
    }
  };
  return std::visit(Writer{}, value.held);
}

std::string RowText(const std::vector<Value>& row) {
  std::string text;
  for (const Value& value : row) text += (text.empty() ? "" : " ") + CellText(value);
  return text;
}

}  // namespace tarn::naive
