#include "tarn/gq/lint_findings.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tarn::gq {
namespace {

LintFinding Make(Severity severity, std::string code, std::string message) {
  return {.severity = severity,
          .code = std::move(code),
          .message = std::move(message),
          .type_name = {},
          .property = {},
          .query_names = {}};
}

bool Contains(const std::vector<std::string>& columns, const std::string& name) {
  return std::find(columns.begin(), columns.end(), name) != columns.end();
}

bool IsIndexed(const schema::NodeType& node, const schema::Property& property) {
  const bool is_vector = property.type.scalar == schema::Scalar::kVector;
  if (node.key && !is_vector && Contains(node.key->columns, property.name)) return true;
  return std::any_of(node.indexes.begin(), node.indexes.end(),
                     [&property](const schema::IndexConstraint& index) {
                       return Contains(index.columns, property.name);
                     });
}

/// Looks through one read.
class ReadLint {
 public:
  ReadLint(const ir::Query& query, const schema::Schema& schema, LintFindings& findings)
      : query_(query), schema_(schema), findings_(findings) {}

  void Run() {
    LookAt(query_.match, /*negated=*/false);
    for (const ir::Projection& projection : query_.projections) LookAt(*projection.expr, false);
    for (const ir::ExprPtr& condition : query_.having) LookAt(*condition, false);
    for (const ir::Ordering& ordering : query_.order) LookAt(*ordering.expr, false);
    LookAtColumns();
    LookAtNames();
  }

 private:
  void Add(LintFinding finding) { findings_.Add(std::move(finding), query_.name); }

  void LookAt(const ir::Match& match, bool negated) {
    for (const ir::Clause& clause : match.clauses) {
      if (const auto* filter = std::get_if<ir::Filter>(&clause)) {
        LookAt(*filter->condition, negated);
      }
      if (const auto* negation = std::get_if<ir::Negation>(&clause)) LookAt(*negation->inner, true);
      if (const auto* optional = std::get_if<ir::Optional>(&clause)) {
        LookAt(*optional->inner, negated);
      }
    }
  }

  void LookAt(const ir::Expr& expr, bool negated) {
    if (const auto* compare = std::get_if<ir::Compare>(&expr.node)) {
      const bool is_search = std::holds_alternative<ir::TextMatch>(compare->left->node) ||
                             std::holds_alternative<ir::TextMatch>(compare->right->node);
      LookAtOperand(*compare->left, negated || is_search);
      LookAtOperand(*compare->right, negated || is_search);
      LookAtEnum(*compare);
    } else if (const auto* text = std::get_if<ir::TextMatch>(&expr.node)) {
      LookAtText(*text, negated);
    } else if (const auto* nearest = std::get_if<ir::Nearest>(&expr.node)) {
      LookAtField(nearest->field);
    } else if (const auto* bm25 = std::get_if<ir::Bm25>(&expr.node)) {
      LookAtField(bm25->field);
    } else if (const auto* rrf = std::get_if<ir::Rrf>(&expr.node)) {
      LookAt(*rrf->primary, false);
      LookAt(*rrf->secondary, false);
    } else {
      if (const auto* logic = std::get_if<ir::Logic>(&expr.node)) NoteTested(*logic);
      for (const ir::ExprPtr& child : ir::ChildrenOf(expr)) LookAt(*child, negated);
    }
  }

  /// `$x is null or ...`: who writes this knows what a parameter that is left out does.
  void NoteTested(const ir::Logic& logic) {
    for (const ir::ExprPtr& operand : logic.operands) {
      const auto* test = std::get_if<ir::NullTest>(&operand->node);
      const auto* parameter =
          test == nullptr ? nullptr : std::get_if<ir::ParameterRef>(&test->operand->node);
      if (parameter != nullptr) tested_.insert(parameter->index);
    }
  }

  void LookAtOperand(const ir::Expr& operand, bool negated) {
    if (const auto* parameter = std::get_if<ir::ParameterRef>(&operand.node)) {
      const ir::Parameter& declared = query_.parameters[parameter->index];
      if (declared.type.nullable && tested_.count(parameter->index) == 0) {
        Add(Make(Severity::kWarning, "L305",
                 fmt::format("nullable parameter `${}` is compared directly: left out, it matches "
                             "no row rather than "
                             "every row",
                             declared.name)));
      }
      return;
    }
    LookAt(operand, negated);
  }

  /// A value that the enum does not have: the comparison is legal and never tells rows apart.
  void LookAtEnum(const ir::Compare& compare) {
    if (compare.op != ir::CompareOp::kEqual && compare.op != ir::CompareOp::kNotEqual) return;
    const bool enum_left = compare.left->type.is_enum();
    const ir::Expr& property = enum_left ? *compare.left : *compare.right;
    const auto* ref = std::get_if<ir::PropertyRef>(&property.node);
    const auto* constant =
        std::get_if<ir::Constant>(&(enum_left ? compare.right : compare.left)->node);
    if (ref == nullptr || constant == nullptr || !property.type.is_enum()) return;
    const auto* word = std::get_if<std::string>(&constant->value.held);
    const std::vector<std::string>& values = property.type.enum_values;
    if (word == nullptr || Contains(values, *word)) return;
    Add(Make(Severity::kWarning, "L309",
             fmt::format("`{}` is never '{}': it is one of {}", FieldName(*ref), *word,
                         fmt::join(values, ", "))));
  }

  void LookAtText(const ir::TextMatch& text, bool negated) {
    LookAtField(text.field);
    const std::string field = FieldName(text.field);
    if (negated) {
      Add(Make(
          Severity::kNote, "L304",
          fmt::format(
              "the search of `{}` is negated, which other implementations of this language ignore",
              field)));
    }
    const ir::Constant* constant = std::get_if<ir::Constant>(&text.query->node);
    if (text.kind != ir::TextMatchKind::kMatchText || constant == nullptr) return;
    const std::string& words = std::get<std::string>(constant->value.held);
    const size_t gap = words.find_first_of(" \t\r\n");
    if (gap == std::string::npos || words.find_first_not_of(" \t\r\n", gap) == std::string::npos) {
      return;
    }
    Add(Make(
        Severity::kWarning, "L306",
        fmt::format(
            "`match_text` on `{}` is given several words and matches any of them, not the phrase",
            field)));
  }

  std::string FieldName(const ir::PropertyRef& field) const {
    return query_.variables[field.variable].type_name + "." + field.property;
  }

  void LookAtField(const ir::PropertyRef& field) {
    const schema::NodeType* node = schema_.FindNode(query_.variables[field.variable].type_name);
    const schema::Property* property =
        node == nullptr ? nullptr : node->FindProperty(field.property);
    if (property == nullptr || IsIndexed(*node, *property)) return;
    LintFinding finding =
        Make(Severity::kNote, "L303",
             fmt::format("`{}.{}` is searched and has no @index: every row is read", node->name,
                         property->name));
    finding.type_name = node->name;
    finding.property = property->name;
    Add(std::move(finding));
  }

  void LookAtColumns() {
    std::unordered_set<std::string> names;
    for (const ir::Projection& projection : query_.projections) {
      if (projection.hidden) continue;
      if (names.insert(projection.column).second) continue;
      Add(Make(Severity::kWarning, "L302",
               fmt::format("column `{}` is returned twice, and a JSON row keeps the later value",
                           projection.column)));
    }
  }

  void LookAtNames() {
    std::unordered_set<std::string> rows;
    for (const ir::Variable& variable : query_.variables) rows.insert(variable.name);
    for (const ir::Parameter& parameter : query_.parameters) {
      if (rows.count(parameter.name) == 0) continue;
      Add(Make(
          Severity::kWarning, "L307",
          fmt::format(
              "`${0}` is a parameter and a row: a bare `${0}` is the parameter, `${0}.x` the row",
              parameter.name)));
    }
  }

  const ir::Query& query_;
  const schema::Schema& schema_;
  LintFindings& findings_;
  std::set<uint32_t> tested_;  // parameters that the query asks for null
};

const ir::Predicate* WhereOf(const ir::Statement& statement) {
  if (const auto* update = std::get_if<ir::Update>(&statement)) return &update->where;
  if (const auto* removal = std::get_if<ir::Delete>(&statement)) return &removal->where;
  return nullptr;
}

void LookAtUpdate(const ir::Update& update, const ir::Mutation& mutation,
                  const schema::Schema& schema, LintFindings& findings) {
  const schema::NodeType* node = schema.FindNode(update.type_name);
  if (node == nullptr || !node->key) return;
  for (const ir::Assignment& assignment : update.assignments) {
    if (!Contains(node->key->columns, assignment.property)) continue;
    LintFinding finding =
        Make(Severity::kWarning, "L308",
             fmt::format("cannot update @key property '{}' of {}: this statement always fails",
                         assignment.property, node->name));
    finding.type_name = node->name;
    finding.property = assignment.property;
    findings.Add(std::move(finding), mutation.name);
  }
}

void LookAtMutation(const ir::Mutation& mutation, const schema::Schema& schema,
                    LintFindings& findings) {
  bool writes = false;
  bool deletes = false;
  for (const ir::Statement& statement : mutation.statements) {
    const bool is_delete = std::holds_alternative<ir::Delete>(statement);
    (is_delete ? deletes : writes) = true;
    if (const auto* update = std::get_if<ir::Update>(&statement)) {
      LookAtUpdate(*update, mutation, schema, findings);
    }
    const ir::Predicate* where = WhereOf(statement);
    const auto* parameter =
        where == nullptr ? nullptr : std::get_if<ir::ParameterRef>(&where->value->node);
    if (parameter == nullptr || !mutation.parameters[parameter->index].type.nullable) continue;
    findings.Add(
        Make(Severity::kWarning, "L305",
             fmt::format(
                 "nullable parameter `${}` is compared directly: left out, it matches no row",
                 mutation.parameters[parameter->index].name)),
        mutation.name);
  }
  if (!writes || !deletes) return;
  findings.Add(Make(Severity::kWarning, "L301",
                    "the query mixes inserts/updates and deletes, which other implementations of "
                    "this language refuse"),
               mutation.name);
}

/// The update queries of one type and what they set.
struct Updates {
  std::vector<std::string> query_names;
  std::set<std::string> set;
};

}  // namespace

void LintFindings::Add(LintFinding finding, const std::string& query_name) {
  const auto [found, is_new] =
      index_.emplace(std::pair(finding.code, finding.message), list_.size());
  if (is_new) list_.push_back(std::move(finding));
  std::vector<std::string>& names = list_[found->second].query_names;
  if (names.empty() || names.back() != query_name) names.push_back(query_name);
}

void FindInQuery(const CompiledQuery& query, const schema::Schema& schema, LintFindings& findings) {
  if (const auto* mutation = std::get_if<ir::Mutation>(&query)) {
    LookAtMutation(*mutation, schema, findings);
  } else {
    ReadLint(std::get<ir::Query>(query), schema, findings).Run();
  }
}

void FindNeverUpdated(const std::vector<CompiledQuery>& queries, const schema::Schema& schema,
                      LintFindings& findings) {
  std::map<std::string, Updates> by_type;
  for (const CompiledQuery& query : queries) {
    const auto* mutation = std::get_if<ir::Mutation>(&query);
    if (mutation == nullptr) continue;
    for (const ir::Statement& statement : mutation->statements) {
      const auto* update = std::get_if<ir::Update>(&statement);
      if (update == nullptr) continue;
      Updates& updates = by_type[update->type_name];
      if (updates.query_names.empty() || updates.query_names.back() != mutation->name) {
        updates.query_names.push_back(mutation->name);
      }
      for (const ir::Assignment& assignment : update->assignments) {
        updates.set.insert(assignment.property);
      }
    }
  }
  for (const auto& [type_name, updates] : by_type) {
    const schema::NodeType* node = schema.FindNode(type_name);
    for (const schema::Property& property : node->properties) {
      const bool is_key = node->key && Contains(node->key->columns, property.name);
      if (!property.type.nullable || is_key || property.embed ||
          updates.set.count(property.name) > 0)
        continue;
      LintFinding finding = Make(Severity::kWarning, "L201",
                                 fmt::format("{}.{} exists in schema but no update query sets it",
                                             node->name, property.name));
      finding.type_name = node->name;
      finding.property = property.name;
      for (const std::string& name : updates.query_names) findings.Add(finding, name);
    }
  }
}

}  // namespace tarn::gq
