#pragma once

// For the tests of this room: a graph made of arrays, which operators read as if it were resident
// state, and short ways to write plans and queries by hand. One node type "N", one edge type "E".

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/api.h>
#include <arrow/compute/api_vector.h>

#include "tarn/columnar/row_text.h"
#include "tarn/exec/execute.h"
#include "tarn/plan/node.h"
#include "tarn/search/resident.h"

namespace tarn::exec {

using Edges = std::vector<std::pair<uint32_t, uint32_t>>;

class FakeVertices final : public search::Vertices {
 public:
  explicit FakeVertices(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      ids_.push_back(fmt::format("n{}", i));
      row_ids_.push_back(i);
    }
  }
  search::Dense count() const override { return static_cast<search::Dense>(ids_.size()); }
  std::string_view IdOf(search::Dense row) const override { return ids_[row]; }
  std::optional<search::Dense> Find(std::string_view id) const override {
    const auto found = std::find(ids_.begin(), ids_.end(), id);
    return found == ids_.end() ? std::nullopt
                               : std::optional(static_cast<search::Dense>(found - ids_.begin()));
  }
  std::span<const uint64_t> row_ids() const override { return row_ids_; }
  int64_t bytes() const override { return 0; }

 private:
  std::vector<std::string> ids_;
  std::vector<uint64_t> row_ids_;
};

/// Nodes "n0", "n1", ... with a property "p" (Int64), edges with a property "w" (Int64).
class FakeGraph final : public search::Resident {
 public:
  FakeGraph(size_t nodes, Edges edges, const std::string& p = "", const std::string& w = "")
      : nodes_(std::make_shared<FakeVertices>(nodes)),
        edges_(std::make_shared<FakeVertices>(edges.size())),
        p_(IntColumn(p, nodes)),
        w_(IntColumn(w, edges.size())) {
    out_ = Side(edges, nodes);
    for (auto& edge : edges) std::swap(edge.first, edge.second);
    in_ = Side(edges, nodes);
  }

  Result<std::shared_ptr<const search::Vertices>> VerticesOf(const Request&,
                                                             const catalog::Snapshot&,
                                                             catalog::TableKind kind,
                                                             std::string_view) override {
    ++loads;
    return std::shared_ptr<const search::Vertices>(kind == catalog::TableKind::kNode ? nodes_
                                                                                     : edges_);
  }
  Result<std::shared_ptr<const search::Adjacency>> AdjacencyOf(
      const Request&, const catalog::Snapshot&, std::string_view,
      search::Resident::Side side) override {
    ++loads;
    return side == Resident::Side::kOut ? out_ : in_;
  }
  Result<std::shared_ptr<arrow::Array>> ColumnOf(const Request&, const catalog::Snapshot&,
                                                 catalog::TableKind kind, std::string_view,
                                                 std::string_view) override {
    ++loads;
    return kind == catalog::TableKind::kNode ? p_ : w_;
  }
  Result<std::shared_ptr<arrow::RecordBatch>> FetchRows(
      const Request&, const catalog::Snapshot&, catalog::TableKind kind, std::string_view,
      const std::vector<search::Dense>& rows, const std::vector<std::string>& properties) override {
    rows_fetched += rows.size();
    const auto& column = kind == catalog::TableKind::kNode ? p_ : w_;
    arrow::UInt32Builder indices;
    EXPECT_TRUE(indices.AppendValues(rows).ok());
    const auto taken = arrow::compute::Take(*column, **indices.Finish()).ValueOrDie();
    return arrow::RecordBatch::Make(arrow::schema({arrow::field(properties.at(0), arrow::int64())}),
                                    taken->length(), {taken});
  }
  Result<std::shared_ptr<const search::TextCorpus>> CorpusOf(const Request&,
                                                             const catalog::Snapshot&,
                                                             std::string_view,
                                                             std::string_view) override {
    return Error(ErrorId::kUnsupported, "no texts here");
  }
  search::ResidentStats stats() const override { return {}; }

  uint64_t loads = 0;
  uint64_t rows_fetched = 0;

 private:
  static std::shared_ptr<arrow::Array> IntColumn(const std::string& json, size_t rows) {
    if (json.empty())
      return arrow::MakeArrayOfNull(arrow::int64(), static_cast<int64_t>(rows)).ValueOrDie();
    const auto schema = arrow::schema({arrow::field("x", arrow::int64())});
    std::string rows_json;
    for (const char c : json) rows_json += c == ' ' ? "],[" : std::string(1, c);
    return columnar::BatchFromJson(schema, "[[" + rows_json + "]]").value()->column(0);
  }

  /// `edges` as given; their position is their edge number.
  static std::shared_ptr<const search::Adjacency> Side(const Edges& edges, size_t nodes) {
    std::vector<std::pair<std::pair<uint32_t, uint32_t>, uint32_t>> sorted;
    for (uint32_t i = 0; i < edges.size(); ++i) sorted.push_back({edges[i], i});
    std::sort(sorted.begin(), sorted.end());
    search::AdjacencyLists lists;
    lists.offsets.assign(nodes + 1, 0);
    for (const auto& [ends, row] : sorted) {
      ++lists.offsets[ends.first + 1];
      lists.neighbours.push_back(ends.second);
      lists.edge_rows.push_back(row);
    }
    for (size_t i = 0; i < nodes; ++i) lists.offsets[i + 1] += lists.offsets[i];
    return std::make_shared<const search::Adjacency>(search::MakeAdjacency(std::move(lists), ""));
  }

  std::shared_ptr<FakeVertices> nodes_;
  std::shared_ptr<FakeVertices> edges_;
  std::shared_ptr<arrow::Array> p_;
  std::shared_ptr<arrow::Array> w_;
  std::shared_ptr<const search::Adjacency> out_;
  std::shared_ptr<const search::Adjacency> in_;
};

inline schema::PropertyType TypeOf(schema::Scalar scalar, bool nullable = true) {
  schema::PropertyType type;
  type.scalar = scalar;
  type.nullable = nullable;
  return type;
}
inline ir::ExprPtr IntOf(int64_t value) {
  return ir::MakeExpr(ir::Constant{ir::Value{value}}, TypeOf(schema::Scalar::kI64));
}
inline ir::ExprPtr PropertyOf(plan::VarId variable, const std::string& name) {
  return ir::MakeExpr(ir::PropertyRef{variable, name}, TypeOf(schema::Scalar::kI64));
}
inline ir::ExprPtr IdOf(plan::VarId variable) {
  return ir::MakeExpr(ir::EntityRef{variable}, TypeOf(schema::Scalar::kString));
}
inline ir::ExprPtr CompareOf(ir::CompareOp op, ir::ExprPtr left, ir::ExprPtr right) {
  return ir::MakeExpr(ir::Compare{op, std::move(left), std::move(right)},
                      TypeOf(schema::Scalar::kBool));
}

/// A query whose variables are nodes "a", "b", ... and, at the numbers in `edges`, edge rows.
inline std::shared_ptr<ir::Query> QueryOf(size_t variables, std::vector<ir::ExprPtr> projections,
                                          std::vector<plan::VarId> edges = {}) {
  auto query = std::make_shared<ir::Query>();
  query->name = "q";
  for (size_t i = 0; i < variables; ++i) {
    const bool edge = std::find(edges.begin(), edges.end(), i) != edges.end();
    query->variables.push_back({std::string(1, static_cast<char>('a' + i)),
                                edge ? ir::Variable::Kind::kEdge : ir::Variable::Kind::kNode,
                                edge ? "E" : "N", false});
  }
  for (ir::ExprPtr& expr : projections) query->projections.push_back({std::move(expr), "c"});
  return query;
}

using NodePtr = std::shared_ptr<plan::Node>;

inline NodePtr NodeOf(plan::Operator op, std::vector<plan::VarId> live,
                      std::vector<NodePtr> inputs = {}) {
  auto node = std::make_shared<plan::Node>();
  node->op = std::move(op);
  node->live = std::move(live);
  node->inputs = std::move(inputs);
  return node;
}

inline uint32_t NumberNodes(plan::Node& node, uint32_t next = 0) {
  node.id = next++;
  for (const NodePtr& input : node.inputs) next = NumberNodes(*input, next);
  return next;
}

/// A plan with a Project over `below`.
inline plan::Plan PlanOf(std::shared_ptr<const ir::Query> query, NodePtr below) {
  plan::Plan plan;
  plan.query = std::move(query);
  const NodePtr root = NodeOf(plan::Project{}, below->live, {below});
  plan.node_count = NumberNodes(*root);
  plan.root = root;
  return plan;
}

inline plan::Hop HopOf(ir::Direction direction = ir::Direction::kForward, uint32_t low = 1,
                       uint32_t high = 1) {
  return {"E", direction, low, high};
}

}  // namespace tarn::exec
