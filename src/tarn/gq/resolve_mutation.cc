#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "tarn/base/check.h"
#include "tarn/gq/resolution.h"
#include "tarn/gq/resolve_value.h"
#include "tarn/gq/suggest.h"
#include "tarn/gq/typing.h"
#include "tarn/schema/default_value.h"

namespace tarn::gq {
namespace {

using schema::Scalar;
using Use = ValueTarget::Use;

/// The type a statement writes to. A name that is both is the node.
struct Target {
  const schema::NodeType* node = nullptr;
  const schema::EdgeType* edge = nullptr;

  bool found() const { return node != nullptr || edge != nullptr; }
  const std::string& name() const { return node != nullptr ? node->name : edge->name; }
  const std::vector<schema::Property>& properties() const {
    return node != nullptr ? node->properties : edge->properties;
  }
};

bool IsEnd(std::string_view word) { return word == "from" || word == "to"; }

Target FindTarget(const Name& type, Resolution& state) {
  Target target{.node = state.schema.FindNode(type.text)};
  if (target.node == nullptr) target.edge = state.schema.FindEdge(type.text);
  if (target.found()) return target;
  const bool is_interface = state.schema.FindInterface(type.text) != nullptr;
  state.diagnostics.Error("T10", type.span,
                          is_interface
                              ? fmt::format("`{}` is an interface, which holds no rows", type.text)
                              : fmt::format("unknown node or edge type `{}`", type.text),
                          is_interface ? "name a node type that implements it"
                                       : SuggestTarget(type.text, state.schema));
  return target;
}

/// The type of `name` in the target; the ends of an edge are its `from` and `to`. Nothing, reported
/// as T11, if it has no such property.
std::optional<schema::PropertyType> TypeOf(const Name& name, const Target& target,
                                           Resolution& state) {
  if (target.edge != nullptr && IsEnd(name.text)) return MakeType(Scalar::kString);
  const schema::Property* property = target.node != nullptr ? target.node->FindProperty(name.text)
                                                            : target.edge->FindProperty(name.text);
  if (property != nullptr) return property->type;
  std::string suggestion = SuggestProperty(name.text, target.properties());
  if (target.edge != nullptr && (name.text == "src" || name.text == "dst")) {
    suggestion = fmt::format("the ends of an edge are written `from` and `to`: did you mean `{}`?",
                             name.text == "src" ? "from" : "to");
  }
  state.diagnostics.Error("T11", name.span,
                          fmt::format("`{}` has no property `{}`", target.name(), name.text),
                          std::move(suggestion));
  return std::nullopt;
}

std::vector<ir::Assignment> ResolveAssignments(const StatementAst& ast, const Target& target,
                                               Resolution& state) {
  if (ast.assignments.empty()) {
    state.diagnostics.Error("T10", ast.type.span,
                            fmt::format("the statement on `{}` assigns nothing", target.name()));
  }
  std::vector<ir::Assignment> assignments;
  std::unordered_set<std::string> seen;
  for (const AssignmentAst& assignment : ast.assignments) {
    const Name& name = assignment.property;
    if (state.diagnostics.full()) break;
    if (!seen.insert(name.text).second) {
      state.diagnostics.Error("T13", name.span,
                              fmt::format("property `{}` is assigned twice", name.text));
      continue;
    }
    const std::optional<schema::PropertyType> type = TypeOf(name, target, state);
    if (!type) continue;
    ir::ExprPtr value = ResolveValue(
        assignment.value,
        {.use = Use::kAssignment, .owner = target.name(), .property = name.text, .type = *type},
        state);
    if (value != nullptr) assignments.push_back({.property = name.text, .value = std::move(value)});
  }
  return assignments;
}

std::optional<ir::Predicate> ResolvePredicate(const PredicateAst& ast, const Target& target,
                                              Resolution& state) {
  const Name& name = ast.property;
  const std::optional<schema::PropertyType> type = TypeOf(name, target, state);
  if (!type) return std::nullopt;
  if (type->scalar == Scalar::kBlob) {
    state.diagnostics.Error(
        "T11", name.span,
        fmt::format("the Blob `{}.{}` cannot be compared", target.name(), name.text));
    return std::nullopt;
  }
  ir::ExprPtr value = ResolveValue(
      ast.value,
      {.use = Use::kPredicate, .owner = target.name(), .property = name.text, .type = *type},
      state);
  if (value == nullptr) return std::nullopt;
  return ir::Predicate{.property = name.text, .op = ast.op, .value = std::move(value)};
}

bool IsAssigned(const StatementAst& ast, std::string_view name) {
  return std::any_of(
      ast.assignments.begin(), ast.assignments.end(),
      [name](const AssignmentAst& assignment) { return assignment.property.text == name; });
}

/// What an insert must say and does not.
void CheckComplete(const StatementAst& ast, const Target& target, Resolution& state) {
  std::vector<std::string> missing;
  if (target.edge != nullptr) {
    for (const char* end : {"from", "to"}) {
      if (!IsAssigned(ast, end)) missing.emplace_back(end);
    }
  }
  for (const schema::Property& property : target.properties()) {
    if (property.type.nullable || IsAssigned(ast, property.name)) continue;
    if (schema::DefaultOf(property) != nullptr) continue;
    if (property.embed && IsAssigned(ast, property.embed->property)) continue;
    missing.push_back(property.name);
  }
  for (const std::string& name : missing) {
    state.diagnostics.Error("T12", ast.type.span,
                            fmt::format("an insert of `{}` must assign `{}`", target.name(), name));
  }
}

ir::Statement ResolveInsert(const StatementAst& ast, const Target& target, Resolution& state) {
  std::vector<ir::Assignment> assignments = ResolveAssignments(ast, target, state);
  if (!ast.assignments.empty()) CheckComplete(ast, target, state);
  return ir::Insert{.type_name = target.name(),
                    .is_edge = target.edge != nullptr,
                    .assignments = std::move(assignments)};
}

std::optional<ir::Statement> ResolveUpdate(const StatementAst& ast, const Target& target,
                                           Resolution& state) {
  if (target.edge != nullptr) {
    state.diagnostics.Error("T16", ast.type.span,
                            fmt::format("the edge `{}` cannot be updated", target.name()),
                            "delete it and insert it anew");
    return std::nullopt;
  }
  std::vector<ir::Assignment> assignments = ResolveAssignments(ast, target, state);
  std::optional<ir::Predicate> where = ResolvePredicate(*ast.where, target, state);
  if (!where) return std::nullopt;
  return ir::Update{.type_name = target.name(),
                    .assignments = std::move(assignments),
                    .where = std::move(*where)};
}

std::optional<ir::Statement> ResolveDelete(const StatementAst& ast, const Target& target,
                                           Resolution& state) {
  std::optional<ir::Predicate> where = ResolvePredicate(*ast.where, target, state);
  if (!where) return std::nullopt;
  return ir::Delete{
      .type_name = target.name(), .is_edge = target.edge != nullptr, .where = std::move(*where)};
}

std::optional<ir::Statement> ResolveStatement(const StatementAst& ast, Resolution& state) {
  const Target target = FindTarget(ast.type, state);
  if (!target.found()) return std::nullopt;
  switch (ast.kind) {
    case StatementAst::Kind::kInsert: return ResolveInsert(ast, target, state);
    case StatementAst::Kind::kUpdate: return ResolveUpdate(ast, target, state);
    case StatementAst::Kind::kDelete: return ResolveDelete(ast, target, state);
  }
  TARN_UNREACHABLE("a statement kind outside its enum");
}

}  // namespace

std::vector<ir::Statement> ResolveStatements(const MutationAst& mutation, Resolution& state) {
  std::vector<ir::Statement> statements;
  for (const StatementAst& ast : mutation) {
    if (state.diagnostics.full()) break;
    std::optional<ir::Statement> statement = ResolveStatement(ast, state);
    if (statement) statements.push_back(std::move(*statement));
  }
  return statements;
}

}  // namespace tarn::gq
