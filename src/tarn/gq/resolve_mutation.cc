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

ir::ExprPtr ResolveKeyPart(const AssignmentAst& end, const schema::NodeType& node,
                           const std::string& property, Resolution& state) {
  const auto part = std::find_if(end.key.begin(), end.key.end(), [&](const PatternAst& pattern) {
    return pattern.property.text == property;
  });
  if (part == end.key.end()) {
    state.diagnostics.Error("T12", end.property.span,
                            fmt::format("`{}` names a {} without `{}` of its key",
                                        end.property.text, node.name, property));
    return nullptr;
  }
  return ResolveValue(part->value,
                      {.use = Use::kAssignment,
                       .owner = node.name,
                       .property = property,
                       .type = node.FindProperty(property)->type},
                      state);
}

/// `from: { code: "A" }`: every part of the key of the node at that end, and nothing else. Empty
/// after an error.
std::vector<ir::KeyPart> ResolveEndKey(const AssignmentAst& end, const Target& target,
                                       Resolution& state) {
  const Name& name = end.property;
  if (target.edge == nullptr || !IsEnd(name.text)) {
    state.diagnostics.Error("T3", name.span,
                            fmt::format("`{}.{}` is not an end of an edge, which alone is named by "
                                        "a key",
                                        target.name(), name.text));
    return {};
  }
  const schema::NodeType& node =
      *state.schema.FindNode(name.text == "from" ? target.edge->from : target.edge->to);
  if (!node.key) {
    state.diagnostics.Error("T11", name.span, fmt::format("`{}` has no @key", node.name),
                            "name the node by its id, a String");
    return {};
  }
  std::unordered_set<std::string> seen;
  for (const PatternAst& part : end.key) {
    const std::vector<std::string>& columns = node.key->columns;
    const Name& property = part.property;
    const bool is_part = std::find(columns.begin(), columns.end(), property.text) != columns.end();
    const bool again = !seen.insert(property.text).second;
    if (is_part && !again && !part.unless_null) continue;
    state.diagnostics.Error(
        again ? "T13" : "T11", property.span,
        again     ? fmt::format("`{}` is said twice", property.text)
        : is_part ? fmt::format("`{}` of a key cannot be left out", property.text)
                  : fmt::format("`{}` is no part of the key of {}", property.text, node.name));
    return {};
  }
  std::vector<ir::KeyPart> key;
  for (const std::string& property : node.key->columns) {
    ir::ExprPtr value = ResolveKeyPart(end, node, property, state);
    if (value == nullptr) return {};
    key.push_back({.property = property, .value = std::move(value)});
  }
  return key;
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
    if (!assignment.key.empty()) {
      std::vector<ir::KeyPart> key = ResolveEndKey(assignment, target, state);
      if (!key.empty()) assignments.push_back({.property = name.text, .key = std::move(key)});
      continue;
    }
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
