#include <algorithm>

#include "tarn/plan/block.h"
#include "tarn/plan/demand.h"
#include "tarn/plan/expr_variables.h"
#include "tarn/plan/plan.h"

namespace tarn::plan {
namespace {

/// Puts the operators behind the match on top of its plan.
class TailPlanner {
 public:
  TailPlanner(const ir::Query& query, const schema::Schema& schema, const Demand& demand,
              PlannedBlock block)
      : query_(query),
        schema_(schema),
        demand_(demand),
        lanes_(std::move(block.lanes)),
        node_(std::move(block.root)) {}

  std::shared_ptr<Node> Plan() {
    AddRanks();
    if (query_.aggregates) AddAggregate();
    if (!query_.having.empty()) Add(Having{query_.having}, node_->rows / 2, node_->rows);
    if (!query_.order.empty()) AddSort();
    // A sort keeps to a limit by itself.
    if (query_.offset || (query_.limit && (query_.order.empty() || query_.per_group))) {
      Add(Limit{query_.offset, query_.limit}, RowsKept(), 0);
    }
    Add(Project{}, node_->rows, node_->rows);
    return node_;
  }

 private:
  void Add(Operator op, double rows, double work) {
    auto node = std::make_shared<Node>();
    node->op = std::move(op);
    node->live = node_->live;
    node->rows = rows;
    node->cost = node_->cost + work;
    node->inputs.push_back(node_);
    node_ = std::move(node);
  }

  /// An estimate; a limit that a parameter gives is not known yet.
  double RowsKept() const {
    if (!query_.limit || query_.limit->parameter) return node_->rows;
    return std::min(node_->rows, static_cast<double>(query_.limit->literal));
  }

  /// One Rank per distinct score; the first key of the order drops rows that it does not rank.
  void AddRanks() {
    std::vector<ir::ExprPtr> scores;
    const auto add = [&](const ir::ExprPtr& expr, bool required) {
      const ir::ExprPtr score = Resolve(expr, query_);
      const auto same = [&score](const ir::ExprPtr& other) { return ir::SameExpr(*score, *other); };
      if (!IsRanking(score, query_) || std::any_of(scores.begin(), scores.end(), same)) return;
      scores.push_back(score);
      Add(Rank{score, required}, node_->rows, node_->rows);
    };
    if (!query_.order.empty()) add(query_.order.front().expr, !query_.aggregates);
    for (const ir::Ordering& ordering : query_.order) add(ordering.expr, false);
    for (const ir::Projection& projection : query_.projections) {
      const auto* aggregate = std::get_if<ir::Aggregate>(&projection.expr->node);
      add(aggregate == nullptr ? projection.expr : aggregate->argument, false);
    }
  }

  bool ReadsAggregate(const ir::ExprPtr& expr) const { return ir::ReadsAggregate(*expr, query_); }

  void AddAggregate() {
    Aggregate aggregate;
    std::set<VarId> grouped;
    std::set<VarId> identified;
    for (uint32_t i = 0; i < query_.projections.size(); ++i) {
      const ir::ExprPtr& expr = query_.projections[i].expr;
      if (const auto* item = std::get_if<ir::Aggregate>(&expr->node)) {
        aggregate.items.push_back(ItemOf(i, *item));
      } else if (!ReadsAggregate(expr)) {
        aggregate.group.push_back(i);
        const std::set<VarId> reads = VariablesOf(expr, query_);
        grouped.insert(reads.begin(), reads.end());
        if (IdentifiesRow(expr, query_, schema_)) identified.insert(reads.begin(), reads.end());
      }
    }
    // A key that can fail is computed for every row, whatever drops its group later.
    const bool total =
        std::none_of(aggregate.group.begin(), aggregate.group.end(),
                     [this](uint32_t i) { return CanFail(query_.projections[i].expr, query_); });
    aggregate.identified = total && grouped == identified;
    // Groups are tuples of vertices then, or there is one group: adding up equal tuples first gains
    // nothing.
    if (aggregate.identified && std::holds_alternative<Merge>(node_->op))
      node_ = node_->inputs.front();
    const double groups = grouped.empty()        ? 1
                          : aggregate.identified ? node_->rows
                                                 : std::max(1.0, node_->rows / 10);
    const double work = node_->rows;
    Add(std::move(aggregate), groups, work);
    node_->live.assign(grouped.begin(), grouped.end());
  }

  AggregateItem ItemOf(uint32_t projection, const ir::Aggregate& item) const {
    AggregateItem made{projection, item.fn, Resolve(item.argument, query_),
                       0,          false,   item.distinct};
    if (item.fn != ir::AggregateFn::kCount || item.distinct) return made;
    const auto* property = std::get_if<ir::PropertyRef>(&made.argument->node);
    const bool of_row =
        property != nullptr || std::holds_alternative<ir::EntityRef>(made.argument->node);
    made.counts_rows = of_row && !made.argument->type.nullable;
    if (property == nullptr || made.counts_rows || query_.variables[property->variable].optional) {
      return made;
    }
    for (const LaneTest& test : demand_.lanes.at(property->variable)) {
      if (test.argument == made.argument && lanes_.contains(test.lane)) {
        made.lane = test.lane;
        made.counts_rows = true;
      }
    }
    return made;
  }

  void AddSort() {
    Sort sort;
    for (const ir::Ordering& ordering : query_.order)
      sort.keys.push_back({ordering.expr, ordering.descending});
    if (query_.aggregates) {
      for (uint32_t i = 0; i < query_.projections.size(); ++i) {
        if (!ReadsAggregate(query_.projections[i].expr))
          sort.keys.push_back({query_.projections[i].expr, false});
      }
    }
    sort.ties = demand_.ties;
    sort.per_group = query_.per_group;
    sort.offset = query_.offset;
    if (!query_.per_group) sort.limit = query_.limit;
    const double rows = RowsKept();
    const double work = node_->rows;
    Add(std::move(sort), rows, work);
  }

  const ir::Query& query_;
  const schema::Schema& schema_;
  const Demand& demand_;
  const std::set<uint32_t> lanes_;
  std::shared_ptr<Node> node_;
};

/// The query may have been compiled against another schema than this snapshot's.
Status CheckTypes(const ir::Query& query, const schema::Schema& schema) {
  for (const ir::Variable& variable : query.variables) {
    const bool node = variable.kind == ir::Variable::Kind::kNode;
    const bool known = node ? schema.FindNode(variable.type_name) != nullptr
                            : schema.FindEdge(variable.type_name) != nullptr;
    if (!known) {
      return Error(ErrorId::kUnknownType, "the schema of this snapshot has no {} type {}",
                   node ? "node" : "edge", variable.type_name);
    }
  }
  return Status::Ok();
}

Status CheckAlternatives(const ir::Traversal& step, const schema::Schema& schema) {
  for (const std::string& other : step.alternatives) {
    if (schema.FindEdge(other) != nullptr) continue;
    return Error(ErrorId::kUnknownType, "the schema of this snapshot has no edge type {}", other);
  }
  return Status::Ok();
}

Status CheckMatch(const ir::Match& match, const schema::Schema& schema) {
  for (const ir::Clause& clause : match.clauses) {
    if (const auto* filter = std::get_if<ir::Filter>(&clause);
        filter != nullptr && ReadsFusion(filter->condition)) {
      return Error(ErrorId::kUnsupported,
                   "rrf() ranks the rows of a whole match, so a condition inside it cannot ask for "
                   "it")
          .WithHint("return rrf(...) as a column and order by it");
    }
    if (const auto* step = std::get_if<ir::Traversal>(&clause);
        step != nullptr && schema.FindEdge(step->edge_type) == nullptr) {
      return Error(ErrorId::kUnknownType, "the schema of this snapshot has no edge type {}",
                   step->edge_type);
    } else if (step != nullptr) {
      TARN_RETURN_IF_ERROR(CheckAlternatives(*step, schema));
    }
    if (const auto* negation = std::get_if<ir::Negation>(&clause)) {
      TARN_RETURN_IF_ERROR(CheckMatch(*negation->inner, schema));
    }
    if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
      TARN_RETURN_IF_ERROR(CheckMatch(*optional->inner, schema));
    }
  }
  return Status::Ok();
}

uint32_t Number(Node& node, uint32_t next) {
  node.id = next++;
  for (const std::shared_ptr<Node>& input : node.inputs) next = Number(*input, next);
  return next;
}

}  // namespace

Result<Plan> Choose(std::shared_ptr<const ir::Query> query, const catalog::Snapshot& snapshot) {
  TARN_RETURN_IF_ERROR(CheckTypes(*query, snapshot.schema()));
  TARN_RETURN_IF_ERROR(CheckMatch(query->match, snapshot.schema()));
  Plan plan;
  Statistics statistics(*query, snapshot);
  PlannerContext context{*query, snapshot.schema(), statistics, plan.choices};
  const Demand demand = DemandOf(*query, snapshot.schema());
  BlockWish wish;
  wish.wanted = demand.wanted;
  wish.lanes = demand.lanes;
  // An unordered limit wants its first rows soon; adding up equal tuples would hold them back.
  wish.merge = query->aggregates || !query->order.empty() || !query->limit;
  PlannedBlock block = PlanBlock(context, query->match, wish);
  const bool tail_gains = query->aggregates || !query->order.empty();
  if (!tail_gains && std::holds_alternative<Merge>(block.root->op))
    block.root = block.root->inputs.front();
  const std::shared_ptr<Node> root =
      TailPlanner(*query, snapshot.schema(), demand, std::move(block)).Plan();
  plan.node_count = Number(*root, 0);
  plan.root = root;
  plan.lanes = demand.lane_count;
  plan.statistics = statistics.Lines();
  plan.query = std::move(query);
  return plan;
}

}  // namespace tarn::plan
