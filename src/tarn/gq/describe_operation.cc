#include "tarn/gq/describe_operation.h"

#include <algorithm>
#include <set>

#include "tarn/base/check.h"

namespace tarn::gq {
namespace {

using Touched = std::set<TouchedType>;

std::vector<TouchedType> Listed(const Touched& touched) { return {touched.begin(), touched.end()}; }

std::string FieldName(const ProjectionAst& projection) {
  if (projection.alias) return projection.alias->text;
  if (std::holds_alternative<LiteralAst>(projection.expr.node)) return "literal";
  if (const auto* property = std::get_if<PropertyAst>(&projection.expr.node)) {
    return property->property.text;
  }
  if (const auto* variable = std::get_if<VariableAst>(&projection.expr.node)) {
    return variable->name.text;
  }
  if (const auto* alias = std::get_if<AliasAst>(&projection.expr.node)) return alias->name.text;
  const auto* call = std::get_if<CallAst>(&projection.expr.node);
  return call == nullptr ? "expression" : call->word.text;
}

bool IsAllProperties(const ProjectionAst& projection) {
  const auto* property = std::get_if<PropertyAst>(&projection.expr.node);
  return property != nullptr && property->property.text == "*";
}

/// How many columns a projection makes; `first` is the first of them.
size_t ColumnsOf(const ProjectionAst& projection, const ir::Expr& first, const ir::Query& query,
                 const schema::Schema& schema) {
  if (!IsAllProperties(projection)) return 1;
  const ir::Variable& row = query.variables[std::get<ir::PropertyRef>(first.node).variable];
  const std::vector<schema::Property>& properties =
      row.kind == ir::Variable::Kind::kNode ? schema.FindNode(row.type_name)->properties
                                            : schema.FindEdge(row.type_name)->properties;
  return static_cast<size_t>(
      std::count_if(properties.begin(), properties.end(), [](const schema::Property& property) {
        return property.type.scalar != schema::Scalar::kBlob;
      }));
}

std::vector<ResultField> Fields(const ReadAst& ast, const ir::Query& query,
                                const schema::Schema& schema) {
  std::vector<ResultField> fields;
  auto written = ast.projections.begin();
  size_t left = 0;  // of the columns of a `$v.*`
  for (const ir::Projection& projection : query.projections) {
    if (projection.hidden) continue;
    const ir::Expr& expr = *projection.expr;
    ValueKind kind = KindOfType(expr.type);
    if (std::holds_alternative<ir::EntityRef>(expr.node)) kind.kind = "object";
    if (left == 0) left = ColumnsOf(*written, expr, query, schema);
    const bool many = IsAllProperties(*written);
    fields.push_back(
        {.name = many ? std::get<ir::PropertyRef>(expr.node).property : FieldName(*written),
         .kind = std::move(kind)});
    if (--left == 0) ++written;
  }
  return fields;
}

/// The edge and both its ends.
void TouchEdge(const schema::EdgeType& edge, Touched& touched) {
  touched.insert({.is_edge = true, .type_name = edge.name});
  touched.insert({.is_edge = false, .type_name = edge.from});
  touched.insert({.is_edge = false, .type_name = edge.to});
}

void TouchMatch(const ir::Match& match, const schema::Schema& schema, Touched& touched) {
  for (const ir::Clause& clause : match.clauses) {
    if (const auto* traversal = std::get_if<ir::Traversal>(&clause)) {
      TouchEdge(*schema.FindEdge(traversal->edge_type), touched);
      for (const std::string& other : traversal->alternatives) {
        TouchEdge(*schema.FindEdge(other), touched);
      }
    } else if (const auto* negation = std::get_if<ir::Negation>(&clause)) {
      TouchMatch(*negation->inner, schema, touched);
    } else if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
      TouchMatch(*optional->inner, schema, touched);
    }
  }
}

Operation DescribeRead(const ReadAst& ast, const ir::Query& query, const schema::Schema& schema) {
  Touched reads;
  for (const ir::Variable& variable : query.variables) {
    reads.insert(
        {.is_edge = variable.kind != ir::Variable::Kind::kNode, .type_name = variable.type_name});
  }
  TouchMatch(query.match, schema, reads);
  return {.result = Fields(ast, query, schema), .reads = Listed(reads), .writes = {}};
}

Operation DescribeMutation(const ir::Mutation& mutation, const schema::Schema& schema) {
  Touched reads;
  Touched writes;
  const auto touch = [&reads, &writes](bool is_edge, const std::string& type) {
    reads.insert({.is_edge = is_edge, .type_name = type});
    writes.insert({.is_edge = is_edge, .type_name = type});
  };
  for (const ir::Statement& statement : mutation.statements) {
    if (const auto* insert = std::get_if<ir::Insert>(&statement)) {
      touch(insert->is_edge, insert->type_name);
      if (insert->is_edge) TouchEdge(*schema.FindEdge(insert->type_name), reads);
    } else if (const auto* update = std::get_if<ir::Update>(&statement)) {
      touch(false, update->type_name);
    } else {
      const auto& removal = std::get<ir::Delete>(statement);
      touch(removal.is_edge, removal.type_name);
      if (removal.is_edge) continue;
      for (const schema::EdgeType& edge : schema.edges) {
        if (edge.from == removal.type_name || edge.to == removal.type_name) touch(true, edge.name);
      }
    }
  }
  return {.result = {}, .reads = Listed(reads), .writes = Listed(writes)};
}

}  // namespace

Operation DescribeOperation(const QueryAst& ast, const CompiledQuery& query,
                            const schema::Schema& schema) {
  if (const auto* mutation = std::get_if<ir::Mutation>(&query)) {
    return DescribeMutation(*mutation, schema);
  }
  return DescribeRead(std::get<ReadAst>(ast.body), std::get<ir::Query>(query), schema);
}

}  // namespace tarn::gq
