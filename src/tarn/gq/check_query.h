#pragma once

#include "tarn/gq/ast.h"
#include "tarn/gq/compile.h"

namespace tarn::gq {

/// Resolves names, checks types and lowers one parsed query.
Compiled CheckQuery(const QueryAst& query, const schema::Schema& schema);

/// The message of a diagnostic with its class prefix and code: `type error: T6: ...`.
std::string DiagnosticHeadline(const Diagnostic& diagnostic);

}  // namespace tarn::gq
