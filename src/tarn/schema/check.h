#pragma once

#include <optional>

#include "tarn/base/source.h"
#include "tarn/schema/ast.h"
#include "tarn/schema/findings.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

/// Holds a file to the rules of the language (docs/spec/graph-language.md §2). Errors go to
/// `findings`; a declaration that is not whole is checked as far as what was skipped cannot matter.
/// Nothing when `findings` is not empty.
std::optional<Schema> Check(const SourceText& source, const FileAst& file, Findings& findings);

}  // namespace tarn::schema
