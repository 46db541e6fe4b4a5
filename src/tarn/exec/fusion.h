#pragma once

#include <vector>

#include "tarn/exec/query_state.h"
#include "tarn/exec/score_tables.h"

namespace tarn::exec {

/// Fills the scores of an rrf() over the entities of a match: score = sum over its arms of 1 / (k +
/// rank in the arm). A nearest arm is cut at the query's limit; a bm25 arm holds its matches. Equal
/// ranks within an arm are broken by id, so that the fusion is the same however the entities are
/// ordered.
///
/// Errors  kInvalidArgument when k is not an integer above zero.
Status Fuse(QueryState& state, const ir::Rrf& rrf, const std::vector<search::Dense>& entities,
            FusedScores& fused);

/// The variable that an rrf() ranks.
plan::VarId RankedVariable(const ir::Rrf& rrf);

}  // namespace tarn::exec
