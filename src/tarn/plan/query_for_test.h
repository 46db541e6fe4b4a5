#pragma once

// For the tests of this room: queries written by hand over a small schema, and snapshots that only
// have row counts.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tarn/catalog/snapshot.h"
#include "tarn/ir/query.h"
#include "tarn/plan/node.h"
#include "tarn/plan/plan.h"
#include "tarn/schema/compile.h"

namespace tarn::plan {

inline std::shared_ptr<const schema::Schema> TestSchema() {
  static const auto schema = [] {
    const SourceText source("test.pg", R"(
node Person { name: String @key  age: I32?  city: enum(a, b, c, d)?  email: String @unique }
node Place { name: String }
edge Knows: Person -> Person { since: I32? }
edge Lives: Person -> Place
)");
    schema::Compiled compiled = schema::CompileSchema(source);
    EXPECT_TRUE(compiled.schema.has_value());
    return std::make_shared<const schema::Schema>(*compiled.schema);
  }();
  return schema;
}

/// Row counts by "node:Person", "edge:Knows".
inline catalog::Snapshot SnapshotOf(const std::map<std::string, uint64_t>& rows) {
  auto manifest = std::make_shared<catalog::Manifest>();
  manifest->schema = TestSchema();
  for (const auto& [key, count] : rows) {
    catalog::TableEntry entry;
    entry.kind = key.starts_with("edge:") ? catalog::TableKind::kEdge : catalog::TableKind::kNode;
    entry.type_name = key.substr(5);
    entry.rows = count;
    manifest->tables.push_back(entry);
  }
  return catalog::Snapshot(manifest, "", nullptr);
}

/// Writes a query clause by clause.
class QueryWriter {
 public:
  VarId Node(const std::string& name, const std::string& type) {
    return Variable(name, type, ir::Variable::Kind::kNode);
  }
  VarId Edge(const std::string& name, const std::string& type) {
    return Variable(name, type, ir::Variable::Kind::kEdge);
  }

  QueryWriter& Bind(VarId variable) {
    query_.match.clauses.push_back(ir::Binding{variable});
    return *this;
  }
  QueryWriter& Step(VarId left, const std::string& edge, VarId right,
                    std::optional<VarId> bound = {}) {
    query_.match.clauses.push_back(
        ir::Traversal{left, right, edge, ir::Direction::kForward, 1, 1, bound});
    return *this;
  }
  QueryWriter& Where(ir::CompareOp op, ir::ExprPtr left, ir::ExprPtr right) {
    schema::PropertyType type;
    type.scalar = schema::Scalar::kBool;
    query_.match.clauses.push_back(
        ir::Filter{ir::MakeExpr(ir::Compare{op, std::move(left), std::move(right)}, type)});
    return *this;
  }
  QueryWriter& Not(std::vector<ir::Clause> clauses) {
    query_.match.clauses.push_back(
        ir::Negation{std::make_shared<const ir::Match>(ir::Match{std::move(clauses), {}, {}})});
    return *this;
  }
  QueryWriter& Optional(std::vector<ir::Clause> clauses, std::vector<VarId> bound) {
    for (const VarId variable : bound) query_.variables[variable].optional = true;
    query_.match.clauses.push_back(ir::Optional{
        std::make_shared<const ir::Match>(ir::Match{std::move(clauses), std::move(bound), {}})});
    return *this;
  }
  QueryWriter& Return(ir::ExprPtr expr) {
    query_.aggregates = query_.aggregates || std::holds_alternative<ir::Aggregate>(expr->node);
    query_.projections.push_back({std::move(expr), "c"});
    return *this;
  }
  QueryWriter& Order(ir::ExprPtr expr, bool descending = false) {
    query_.order.push_back({std::move(expr), descending});
    return *this;
  }
  QueryWriter& Limit(uint64_t rows) {
    query_.limit = rows;
    return *this;
  }

  ir::ExprPtr Property(VarId variable, const std::string& name) const {
    const ir::Variable& facts = query_.variables[variable];
    const auto* node = TestSchema()->FindNode(facts.type_name);
    const auto* edge = TestSchema()->FindEdge(facts.type_name);
    const auto* property = facts.kind == ir::Variable::Kind::kNode ? node->FindProperty(name)
                                                                   : edge->FindProperty(name);
    return ir::MakeExpr(ir::PropertyRef{variable, name}, property->type);
  }
  static ir::ExprPtr Text(const std::string& text) {
    return ir::MakeExpr(ir::Constant{ir::Value{text}}, schema::PropertyType{});
  }
  static ir::ExprPtr Int(int64_t value) {
    schema::PropertyType type;
    type.scalar = schema::Scalar::kI64;
    return ir::MakeExpr(ir::Constant{ir::Value{value}}, type);
  }
  static ir::ExprPtr Sum(ir::ExprPtr a, ir::ExprPtr b) {
    schema::PropertyType type;
    type.scalar = schema::Scalar::kI64;
    return ir::MakeExpr(ir::Call{ir::ScalarFn::kAdd, {std::move(a), std::move(b)}}, type);
  }
  static ir::ExprPtr Entity(VarId variable) {
    return ir::MakeExpr(ir::EntityRef{variable}, schema::PropertyType{});
  }
  static ir::ExprPtr Count(ir::ExprPtr argument) {
    schema::PropertyType type;
    type.scalar = schema::Scalar::kI64;
    return ir::MakeExpr(ir::Aggregate{ir::AggregateFn::kCount, std::move(argument)}, type);
  }

  std::shared_ptr<const ir::Query> Take() { return std::make_shared<const ir::Query>(query_); }

 private:
  VarId Variable(const std::string& name, const std::string& type, ir::Variable::Kind kind) {
    query_.variables.push_back({name, kind, type, name == "_"});
    return static_cast<VarId>(query_.variables.size() - 1);
  }

  ir::Query query_;
};

/// The kinds of the operators of a plan, root first, the first input before the second.
inline void CollectKinds(const Node& node, std::string& kinds) {
  static constexpr const char* kNames[] = {
      "Scan",     "Seed", "Expand", "Reach", "Path",      "Close",  "Cross", "Filter", "AntiJoin",
      "Optional", "Leaf", "Merge",  "Rank",  "Aggregate", "Having", "Sort",  "Limit",  "Project"};
  static_assert(std::size(kNames) == std::variant_size_v<Operator>);
  kinds += (kinds.empty() ? "" : " ") + std::string(kNames[node.op.index()]);
  for (const auto& input : node.inputs) CollectKinds(*input, kinds);
}
inline std::string KindsOf(const Plan& plan) {
  std::string kinds;
  CollectKinds(*plan.root, kinds);
  return kinds;
}

/// The first operator of a kind, root first; null if there is none.
template <typename Op>
const Op* FindOp(const Node& node) {
  if (const auto* op = std::get_if<Op>(&node.op)) return op;
  for (const auto& input : node.inputs) {
    if (const Op* op = FindOp<Op>(*input)) return op;
  }
  return nullptr;
}

}  // namespace tarn::plan
