#include "naive/naive.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "naive/compare.h"
#include "naive/functions.h"
#include "naive/match.h"

namespace tarn::naive {
namespace {

using ir::Value;

/// The expression an alias stands for.
const ir::ExprPtr& Origin(const ir::ExprPtr& expr, const ir::Query& query) {
  const auto* column = std::get_if<ir::ColumnRef>(&expr->node);
  return column == nullptr ? expr : Origin(query.projections[column->projection].expr, query);
}

bool IsRanking(const ir::Expr& expr) {
  return std::holds_alternative<ir::Nearest>(expr.node) ||
         std::holds_alternative<ir::Bm25>(expr.node) || std::holds_alternative<ir::Rrf>(expr.node);
}

uint64_t RowsOf(const World& world, const ir::RowCount& rows) {
  if (!rows.parameter) return rows.literal;
  return static_cast<uint64_t>(std::get<int64_t>(world.parameters[*rows.parameter].held));
}
uint64_t Skipped(const World& world) {
  return world.query.offset ? RowsOf(world, *world.query.offset) : 0;
}
uint64_t Limit(const World& world) {
  return world.query.limit ? RowsOf(world, *world.query.limit) : UINT32_MAX;
}
uint64_t RowsWanted(const World& world) { return Skipped(world) + Limit(world); }

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
  const uint64_t most = RowsWanted(world);
  if (nearest && scored.size() > most) scored.resize(most);
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

/// A row of the answer to be: what it is made of, and what it is ordered by.
struct Keyed {
  std::vector<Bindings> rows;  // one, or those of a group
  std::vector<Value> keys;
  std::vector<bool> descending;
};

Value ValueIn(World& world, const ir::ExprPtr& expr, const Keyed& keyed) {
  world.group = &keyed.rows;
  const Value value = ValueOf(world, expr, keyed.rows.empty() ? Bindings{} : keyed.rows.front());
  world.group = nullptr;
  return value;
}

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
    const ir::Variable& facts = query.variables[variable];
    const bool has_id = facts.kind != ir::Variable::Kind::kPath;
    if (!facts.anonymous && has_id) variables.push_back(variable);
  }
  std::sort(variables.begin(), variables.end(), [&](ir::VarId a, ir::VarId b) {
    return query.variables[a].name < query.variables[b].name;
  });
  return variables;
}

/// Rows that the first order key ranks, with all their keys.
std::vector<Keyed> PlainRows(World& world, const std::vector<Bindings>& solutions) {
  const ir::Query& query = world.query;
  FuseAll(world, solutions);
  const std::vector<ir::VarId> ties = TieVariables(query, solutions);
  std::vector<Keyed> rows;
  for (const Bindings& solution : solutions) {
    Keyed keyed{{solution}, {}, {}};
    bool ranked = true;
    for (size_t i = 0; i < query.order.size(); ++i) {
      const ir::ExprPtr& key = Origin(query.order[i].expr, query);
      if (i > 0 && !ranked) break;  // a row that is dropped is asked nothing more
      keyed.keys.push_back(ValueOf(world, key, solution));
      keyed.descending.push_back(query.order[i].descending);
      if (i == 0 && IsRanking(*key) && keyed.keys.back().is_null()) ranked = false;
      keyed.keys.push_back(PlaceOf(world, key, solution));
      keyed.descending.push_back(false);
    }
    for (const ir::VarId tie : ties) {
      const bool absent = solution.at(tie) == kAbsent;
      keyed.keys.push_back(absent ? Value{} : Value{world.RowsOf(tie)[solution.at(tie)].id});
      keyed.descending.push_back(false);
    }
    if (ranked) rows.push_back(std::move(keyed));
  }
  return rows;
}

std::vector<Value> Distinct(std::vector<Value> values) {
  std::vector<Value> kept;
  std::set<std::string> seen;
  for (Value& value : values) {
    if (seen.insert(CellText(value)).second) kept.push_back(std::move(value));
  }
  return kept;
}

Value IntegerSum(const std::vector<Value>& values) {
  __int128 sum = 0;
  for (const Value& value : values) {
    const auto* whole = std::get_if<int64_t>(&value.held);
    sum += whole != nullptr ? static_cast<__int128>(*whole)
                            : static_cast<__int128>(std::get<uint64_t>(value.held));
  }
  if (sum < INT64_MIN || sum > INT64_MAX) throw NotComputable{};
  return Value{static_cast<int64_t>(sum)};
}

/// Solutions with equal keys, and the empty group of a query without a key.
std::vector<Keyed> Groups(World& world, const std::vector<Bindings>& solutions) {
  const ir::Query& query = world.query;
  std::vector<ir::ExprPtr> key_exprs;
  for (const ir::Projection& projection : query.projections) {
    if (!ir::ReadsAggregate(*projection.expr, query)) key_exprs.push_back(projection.expr);
  }
  std::vector<Keyed> groups;
  if (key_exprs.empty()) groups.emplace_back();
  std::map<std::string, size_t> places;
  for (const Bindings& solution : solutions) {
    std::string key;
    for (const ir::ExprPtr& expr : key_exprs) key += CellText(ValueOf(world, expr, solution)) + "|";
    if (!key_exprs.empty() && places.try_emplace(key, groups.size()).second) groups.emplace_back();
    groups[key_exprs.empty() ? 0 : places[key]].rows.push_back(solution);
  }
  return groups;
}

/// Groups that `having` keeps, with all their keys.
std::vector<Keyed> GroupedRows(World& world, const std::vector<Bindings>& solutions) {
  const ir::Query& query = world.query;
  std::vector<Keyed> kept;
  std::vector<Keyed> groups = Groups(world, solutions);
  // Every aggregate of every group is computed, whatever is asked of it later.
  for (const ir::Projection& projection : query.projections) {
    for (const Keyed& group : groups) {
      if (std::holds_alternative<ir::Aggregate>(projection.expr->node))
        ValueIn(world, projection.expr, group);
    }
  }
  for (Keyed& group : groups) {
    bool holds = true;
    for (const ir::ExprPtr& condition : query.having)
      holds = holds && ValueIn(world, condition, group) == Value{true};
    if (!holds) continue;
    for (const ir::Ordering& ordering : query.order) {
      group.keys.push_back(ValueIn(world, ordering.expr, group));
      group.descending.push_back(ordering.descending);
    }
    for (const ir::Projection& projection : query.projections) {
      if (ir::ReadsAggregate(*projection.expr, query) || query.order.empty()) continue;
      group.keys.push_back(ValueIn(world, projection.expr, group));
      group.descending.push_back(false);
    }
    kept.push_back(std::move(group));
  }
  return kept;
}

/// The first rows of each group of the limit, in order.
void KeepPerGroup(World& world, std::vector<Keyed>& rows) {
  if (!world.query.per_group) return;
  std::map<std::string, uint64_t> taken;
  std::vector<Keyed> kept;
  for (Keyed& row : rows) {
    std::string key;
    for (const ir::ExprPtr& expr : world.query.per_group->keys)
      key += CellText(ValueIn(world, expr, row)) + "|";
    if (taken[key]++ < RowsOf(world, world.query.per_group->rows)) kept.push_back(std::move(row));
  }
  rows = std::move(kept);
}

Answer AnswerOf(World& world) {
  const ir::Query& query = world.query;
  ComputeFixed(world);
  Answer answer;
  if (query.limit && Limit(world) == 0) return answer;
  const std::vector<Bindings> solutions = Solve(world, query.match, {});
  std::vector<Keyed> rows =
      query.aggregates ? GroupedRows(world, solutions) : PlainRows(world, solutions);
  const uint64_t left = rows.size() - std::min<uint64_t>(rows.size(), Skipped(world));
  answer.rows_kept = std::min(Limit(world), left);
  if (!query.order.empty()) {
    SortKeyed(rows);
    KeepPerGroup(world, rows);
    const uint64_t begin = std::min<uint64_t>(rows.size(), Skipped(world));
    const uint64_t end = std::min<uint64_t>(rows.size(), RowsWanted(world));
    rows = {rows.begin() + static_cast<std::ptrdiff_t>(begin),
            rows.begin() + static_cast<std::ptrdiff_t>(end)};
    answer.rows_kept = rows.size();
  }
  for (const Keyed& row : rows) {
    std::vector<Value>& out = answer.rows.emplace_back();
    for (const ir::Projection& projection : query.projections) {
      if (!projection.hidden) out.push_back(ValueIn(world, projection.expr, row));
    }
  }
  return answer;
}

}  // namespace

Value AggregateOf(const World& world, const ir::Aggregate& aggregate,
                  const std::vector<Bindings>& rows) {
  std::vector<Value> values;
  for (const Bindings& row : rows) {
    const Value value = ValueOf(world, aggregate.argument, row);
    if (!value.is_null()) values.push_back(value);
  }
  if (aggregate.distinct) values = Distinct(std::move(values));
  const auto smaller = [](const Value& a, const Value& b) { return Order(a, b) < 0; };
  if (aggregate.fn == ir::AggregateFn::kCount) return Value{static_cast<int64_t>(values.size())};
  if (aggregate.fn == ir::AggregateFn::kCollect) {
    std::stable_sort(values.begin(), values.end(), smaller);
    return Value{ir::ValueList(values.begin(), values.end())};
  }
  if (values.empty()) return Value{};
  if (aggregate.fn == ir::AggregateFn::kMin)
    return *std::min_element(values.begin(), values.end(), smaller);
  if (aggregate.fn == ir::AggregateFn::kMax)
    return *std::max_element(values.begin(), values.end(), smaller);
  if (aggregate.fn == ir::AggregateFn::kIsum) return IntegerSum(values);
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

Answer Evaluate(const ir::Query& query, const Graph& graph, const ir::ParameterValues& parameters,
                const Outside& outside) {
  World world{query, graph, parameters, outside};
  try {
    return AnswerOf(world);
  } catch (const NotComputable&) {
    return Answer{.rows = {}, .rows_kept = 0, .failed = true};
  }
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
