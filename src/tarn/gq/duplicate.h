#pragma once

#include <vector>

#include "tarn/gq/ast.h"

namespace tarn::gq {

/// One P013 error for every query whose name an earlier one has. At run time the first wins; lint
/// and publishing refuse.
std::vector<Diagnostic> FindDuplicateQueries(const std::vector<QueryAst>& queries);

}  // namespace tarn::gq
