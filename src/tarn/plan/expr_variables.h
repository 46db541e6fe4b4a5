#pragma once

#include <set>

#include "tarn/ir/query.h"

namespace tarn::plan {

/// Variables an expression reads. A ColumnRef reads what its projection reads.
std::set<ir::VarId> VariablesOf(const ir::ExprPtr& expr, const ir::Query& query);

/// Variables that the clauses of a block mention; with `deep` also those of the negations in it.
std::set<ir::VarId> MentionedIn(const ir::Match& match, const ir::Query& query, bool deep);

/// Is an rrf() anywhere in the expression?
bool ReadsFusion(const ir::ExprPtr& expr);

/// Can its value be an error, for some rows? What reads no row is computed before the match and
/// does not count.
bool CanFail(const ir::ExprPtr& expr, const ir::Query& query);

/// The expression behind a chain of ColumnRefs.
const ir::ExprPtr& Resolve(const ir::ExprPtr& expr, const ir::Query& query);

/// Nearest, Bm25 or Rrf, also behind a ColumnRef.
bool IsRanking(const ir::ExprPtr& expr, const ir::Query& query);

}  // namespace tarn::plan
