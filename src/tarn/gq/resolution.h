#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tarn/gq/ast.h"
#include "tarn/gq/diagnostics.h"
#include "tarn/gq/scope.h"
#include "tarn/ir/query.h"
#include "tarn/schema/schema.h"

namespace tarn::gq {

/// What is known about one query while it is checked. The schema must outlive it.
struct Resolution {
  explicit Resolution(const schema::Schema& checked) : schema(checked) {}

  /// One declared parameter. `known` is false if its type was refused: its uses are not reported
  /// again.
  struct Declared {
    uint32_t index = 0;
    bool known = true;
  };
  /// One column of `return` so far; a null expression was refused and reported.
  struct Column {
    ir::ExprPtr expr;
    std::string name;
    SourceSpan span;
    bool hidden = false;  ///< an aggregate that another column, `having` or `order` reads
    size_t nodes = 1;     ///< of the expression, columns that it reads spelled out
  };

  const schema::Schema& schema;
  Diagnostics diagnostics;
  std::vector<ir::Parameter> parameters;
  std::unordered_map<std::string, Declared> parameter_by_name;
  std::vector<ir::Variable> variables;
  Scope scope;
  std::vector<Column> columns;
  std::unordered_map<std::string, uint32_t> column_by_alias;  ///< the first of a name
  std::unordered_map<std::string, uint32_t> column_by_name;
  bool groups = false;  ///< `distinct` or `having` make rows groups without an aggregate
  /// The edge row that a condition in brackets is about.
  struct HopEdge {
    ir::VarId variable = 0;
    const schema::EdgeType* type = nullptr;
  };
  std::optional<HopEdge> hop_edge;
  size_t hidden_columns = 0;
  size_t expr_depth = 0;  ///< of the expression under way; 1 is the outermost

  const Declared* FindParameter(const std::string& name) const;
  /// Reference to a known parameter, with its type.
  ir::ExprPtr ParameterExpr(const Declared& declared) const;
  ir::VarId AddVariable(ir::Variable variable);
};

/// Declares the parameters of `query`. Errors (uncoded): a reserved name, an unknown type.
void ResolveParameters(const QueryAst& query, Resolution& state);

/// A block of clauses in text order; its variables are bound in the innermost open block of the
/// scope.
std::vector<ir::Clause> ResolveClauses(const std::vector<ClauseAst>& clauses, Resolution& state);

/// Nothing if it was refused.
std::optional<ir::Clause> ResolveTraversal(const TraversalAst& traversal, Resolution& state);
std::optional<ir::Clause> ResolveFilter(const FilterAst& filter, Resolution& state);

/// T26: `name` was bound by an `optional` and may have no row where the clause needs one.
void FailAbsent(const Name& name, Resolution& state);

/// Where an expression stands decides what it may be.
enum class Place : uint8_t { kFilter, kHop, kReturn, kHaving, kOrder, kAggregate };

// The functions below return null when they have reported an error.

ir::ExprPtr ResolveExpr(const ExprAst& expr, Place place, Resolution& state);
/// search, fuzzy, match_text, nearest, bm25 or rrf.
ir::ExprPtr ResolveSearch(const CallAst& call, SourceSpan span, Resolution& state);
ir::ExprPtr ResolveCompare(const CompareAst& ast, SourceSpan span, Place place, Resolution& state);
/// Something that is true or false. T25 for another kind.
ir::ExprPtr ResolveTruth(const ExprAst& ast, Place place, Resolution& state);
ir::ExprPtr ResolveLogic(const LogicAst& ast, Place place, Resolution& state);
ir::ExprPtr ResolveNullTest(const NullTestAst& ast, Place place, Resolution& state);
ir::ExprPtr ResolveMembership(const MembershipAst& ast, SourceSpan span, Place place,
                              Resolution& state);
/// An operator or a function of row values. T25 for arguments of the wrong kind.
ir::ExprPtr ResolveScalar(ir::ScalarFn fn, const std::vector<ExprAst>& arguments, SourceSpan span,
                          Place place, Resolution& state);
ir::ExprPtr ResolveAggregate(const CallAst& call, SourceSpan span, Resolution& state);

/// The property `$v.p` names. `code` is reported when the variable is unbound or has no such
/// property.
struct ResolvedProperty {
  ir::PropertyRef ref;
  const schema::Property* property = nullptr;
  bool of_edge = false;
};
std::optional<ResolvedProperty> ResolveProperty(const PropertyAst& ast, std::string_view code,
                                                Resolution& state);

/// Fills state.columns.
void ResolveReturn(const ReadAst& read, Resolution& state);
std::vector<ir::ExprPtr> ResolveHaving(const ReadAst& read, Resolution& state);
std::vector<ir::Ordering> ResolveOrder(const ReadAst& read, Resolution& state);
/// The checks behind all others, in their order: T21, T17, T18, T9.
void CheckRanking(const ReadAst& read, Resolution& state);
void CheckGrouping(Resolution& state);

std::vector<ir::Statement> ResolveStatements(const MutationAst& mutation, Resolution& state);

/// A number of rows for `limit` or `offset`. Nothing, reported as T25, for a parameter that is no
/// integer.
std::optional<ir::RowCount> ResolveRowCount(const RowCountAst& ast, std::string_view word,
                                            Resolution& state);
std::optional<ir::PerGroup> ResolvePerGroup(const ReadAst& read, Resolution& state);
/// The column that returns the same, or null.
ir::ExprPtr ColumnOf(const ir::Expr& expr, const Resolution& state);
/// The expression over the columns of a grouped query, or null if it reads a row that is no part of
/// the group.
ir::ExprPtr OverGroups(const ir::ExprPtr& expr, const Resolution& state);
/// Does it read a row or a column?
bool ReadsRows(const ir::Expr& expr);

/// The column that a bare word names, or null: an earlier alias in `return`; in `order` also the
/// name of a column that has no alias.
const uint32_t* FindColumn(const std::string& word, Place place, const Resolution& state);
/// Sees through references to earlier columns. Null for a refused column.
ir::ExprPtr ColumnOrigin(uint32_t column, const Resolution& state);
bool IsAggregateQuery(const Resolution& state);

}  // namespace tarn::gq
