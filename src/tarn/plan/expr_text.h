#pragma once

#include <string>

#include "tarn/ir/query.h"

namespace tarn::plan {

/// An expression as the query language spells it: `$p.code = $code`, `bm25($s.log, "fog")`.
std::string ExprText(const ir::ExprPtr& expr, const ir::Query& query);

/// "$p"; anonymous variables are numbered: "$_3".
std::string VariableText(ir::VarId variable, const ir::Query& query);

}  // namespace tarn::plan
