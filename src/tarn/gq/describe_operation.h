#pragma once

#include "tarn/gq/ast.h"
#include "tarn/gq/compile.h"
#include "tarn/gq/operation.h"

namespace tarn::gq {

/// `query` is what `ast` compiled to.
Operation DescribeOperation(const QueryAst& ast, const CompiledQuery& query,
                            const schema::Schema& schema);

}  // namespace tarn::gq
