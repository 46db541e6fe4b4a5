#include "naive/match.h"

#include <algorithm>
#include <optional>
#include <set>

#include "naive/compare.h"
#include "naive/functions.h"

namespace tarn::naive {

const std::vector<Row>& World::RowsOf(ir::VarId variable) const {
  static const std::vector<Row> kNone;
  const ir::Variable& facts = query.variables[variable];
  const auto& tables = facts.kind == ir::Variable::Kind::kNode ? graph.nodes : graph.edges;
  const auto found = tables.find(facts.type_name);
  return found == tables.end() ? kNone : found->second;
}

namespace {

/// How often an edge row connects two rows in the direction of a traversal: 0 or 1.
bool Connects(const Row& edge, const std::string& left, const std::string& right,
              ir::Direction direction) {
  const bool forward = edge.src == left && edge.dst == right;
  const bool backward = edge.src == right && edge.dst == left;
  if (direction == ir::Direction::kForward) return forward;
  if (direction == ir::Direction::kBackward) return backward;
  return forward || backward;
}

class Solver {
 public:
  explicit Solver(const World& world) : world_(world) {}

  /// Binds clause by clause, in the order of the text.
  void From(const ir::Match& match, size_t clause, const Bindings& bindings,
            std::vector<Bindings>& found) {
    if (clause == match.clauses.size()) {
      if (PassesLast(match, bindings)) found.push_back(bindings);
      return;
    }
    const auto next = [&](const Bindings& more) { From(match, clause + 1, more, found); };
    std::visit([&](const auto& node) { Step(node, bindings, next); }, match.clauses[clause]);
  }

 private:
  /// A condition that may fail is asked of what passes all others.
  static bool IsLast(const ir::ExprPtr& condition) {
    const auto* call = std::get_if<ir::Call>(&condition->node);
    if (call != nullptr && MayFail(call->fn) && !IsFixed(condition)) return true;
    const std::vector<ir::ExprPtr> children = ir::ChildrenOf(*condition);
    return std::any_of(children.begin(), children.end(), IsLast);
  }
  bool PassesLast(const ir::Match& match, const Bindings& bindings) const {
    return std::all_of(match.clauses.begin(), match.clauses.end(), [&](const ir::Clause& clause) {
      const auto* filter = std::get_if<ir::Filter>(&clause);
      return filter == nullptr || !IsLast(filter->condition) ||
             ValueOf(world_, filter->condition, bindings) == ir::Value{true};
    });
  }

  template <typename Next>
  void Step(const ir::Binding& binding, const Bindings& bindings, Next next) {
    EachRow(binding.variable, bindings, next);
  }

  template <typename Next>
  void Step(const ir::Filter& filter, const Bindings& bindings, Next next) {
    if (IsLast(filter.condition)) {
      next(bindings);
      return;
    }
    const ir::Value value = ValueOf(world_, filter.condition, bindings);
    if (value == ir::Value{true}) next(bindings);
  }

  template <typename Next>
  void Step(const ir::Negation& negation, const Bindings& bindings, Next next) {
    std::vector<Bindings> inner;
    From(*negation.inner, 0, bindings, inner);
    if (inner.empty()) next(bindings);
  }

  template <typename Next>
  void Step(const ir::Optional& optional, const Bindings& bindings, Next next) {
    std::vector<Bindings> inner;
    From(*optional.inner, 0, bindings, inner);
    for (const Bindings& found : inner) next(found);
    if (!inner.empty()) return;
    Bindings none = bindings;
    for (const ir::VarId variable : optional.inner->bound) none[variable] = kAbsent;
    next(none);
  }

  template <typename Next>
  void Step(const ir::Traversal& step, const Bindings& bindings, Next next) {
    EachRow(step.left, bindings, [&](const Bindings& with_left) {
      EachRow(step.right, with_left, [&](const Bindings& with_both) {
        const Row& left = world_.RowsOf(step.left)[with_both.at(step.left)];
        const Row& right = world_.RowsOf(step.right)[with_both.at(step.right)];
        if (step.path) {
          const std::optional<Path> path = BestPath(step, left.id, right.id);
          if (!path) return;
          Bindings more = with_both;
          more[*step.path] = world_.paths->size();
          world_.paths->emplace_back(left.id, *path);
          next(more);
          return;
        }
        if (!step.edge) {
          if (Reaches(step, left.id, right.id)) next(with_both);
          return;
        }
        const std::vector<Row>& edges = world_.RowsOf(*step.edge);
        for (size_t edge = 0; edge < edges.size(); ++edge) {
          if (!Connects(edges[edge], left.id, right.id, step.direction)) continue;
          Bindings more = with_both;
          more[*step.edge] = edge;
          next(more);
        }
      });
    });
  }

  /// The row a variable is bound to, or each row of its type.
  template <typename Next>
  void EachRow(ir::VarId variable, const Bindings& bindings, Next next) {
    if (bindings.contains(variable)) {
      next(bindings);
      return;
    }
    for (size_t row = 0; row < world_.RowsOf(variable).size(); ++row) {
      Bindings more = bindings;
      more[variable] = row;
      next(more);
    }
  }

  /// Is there an edge of the traversal from one row to another?
  bool Joined(const ir::Traversal& step, const std::string& from, const std::string& to) const {
    std::vector<std::string> types = step.alternatives;
    types.push_back(step.edge_type);
    for (const std::string& type : types) {
      const auto edges = world_.graph.edges.find(type);
      if (edges == world_.graph.edges.end()) continue;
      for (size_t row = 0; row < edges->second.size(); ++row) {
        if (!Connects(edges->second[row], from, to, step.direction)) continue;
        if (step.hop_condition == nullptr) return true;
        const Bindings hop{{*step.hop_edge, row}};
        if (ValueOf(world_, step.hop_condition, hop) == ir::Value{true}) return true;
      }
    }
    return false;
  }

  /// The ids of the edges from one row to another, smallest first.
  std::vector<std::string> Joining(const ir::Traversal& step, const std::string& from,
                                   const std::string& to) const {
    std::vector<std::string> ids;
    std::vector<std::string> types = step.alternatives;
    types.push_back(step.edge_type);
    for (const std::string& type : types) {
      const auto edges = world_.graph.edges.find(type);
      if (edges == world_.graph.edges.end()) continue;
      for (size_t row = 0; row < edges->second.size(); ++row) {
        if (!Connects(edges->second[row], from, to, step.direction)) continue;
        const Bindings hop = step.hop_edge ? Bindings{{*step.hop_edge, row}} : Bindings{};
        if (step.hop_condition != nullptr &&
            ValueOf(world_, step.hop_condition, hop) != ir::Value{true})
          continue;
        ids.push_back(edges->second[row].id);
      }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  /// The best path of every node, depth by depth: what is reached first is reached by its shortest
  /// way, and of those the smallest is kept.
  std::optional<Path> BestPath(const ir::Traversal& step, const std::string& source,
                               const std::string& target) const {
    if (!Reaches(step, source, target)) return std::nullopt;
    const schema::EdgeType& type = *world_.graph.schema->FindEdge(step.edge_type);
    if (type.from != type.to || source == target)
      return Path{{target, Joining(step, source, target).front()}};
    std::map<std::string, Path> frontier{{source, {}}};
    std::set<std::string> visited{source};
    while (!frontier.contains(target)) {
      std::map<std::string, Path> reached;
      for (const auto& [from, way] : frontier) {
        for (const Row& node : world_.graph.nodes.at(type.from)) {
          const std::vector<std::string> edges = Joining(step, from, node.id);
          if (visited.contains(node.id) || edges.empty()) continue;
          Path path = way;
          path.emplace_back(node.id, edges.front());
          const auto [found, is_new] = reached.try_emplace(node.id, path);
          if (!is_new && path < found->second) found->second = path;
        }
      }
      for (const auto& [node, way] : reached) visited.insert(node);
      frontier = std::move(reached);
    }
    return frontier.at(target);
  }

  /// Breadth first from the left row, as the specification tells it.
  bool Reaches(const ir::Traversal& step, const std::string& source,
               const std::string& target) const {
    const schema::EdgeType& type = *world_.graph.schema->FindEdge(step.edge_type);
    const auto connected = [&](const std::string& from, const std::string& to) {
      return Joined(step, from, to);
    };
    // Between two types there is only one hop, and ids of the two may be spelled alike.
    if (type.from != type.to) return step.min_hops == 1 && connected(source, target);
    if (source == target) return step.min_hops == 1 && connected(source, source);
    const auto nodes = world_.graph.nodes.find(type.from);
    std::set<std::string> visited{source};
    std::vector<std::string> frontier{source};
    for (uint32_t depth = 1; depth <= step.max_hops && !frontier.empty(); ++depth) {
      std::vector<std::string> reached;
      for (const Row& node : nodes->second) {
        const bool near =
            std::any_of(frontier.begin(), frontier.end(),
                        [&](const std::string& from) { return connected(from, node.id); });
        if (!near || !visited.insert(node.id).second) continue;
        if (node.id == target) return depth >= step.min_hops;
        reached.push_back(node.id);
      }
      frontier = reached;
    }
    return false;
  }

  const World& world_;
};

}  // namespace

std::vector<Bindings> Solve(const World& world, const ir::Match& match, const Bindings& outer) {
  std::vector<Bindings> found;
  Solver(world).From(match, 0, outer, found);
  return found;
}

}  // namespace tarn::naive
