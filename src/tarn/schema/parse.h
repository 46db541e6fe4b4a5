#pragma once

#include <string_view>

#include "tarn/schema/ast.h"
#include "tarn/schema/findings.h"

namespace tarn::schema {

/// Reads a schema file. Syntax errors go to `findings` and parsing goes on behind them, so that
/// what is whole can still be checked. Without recursion: no text can exhaust the stack.
FileAst Parse(std::string_view text, Findings& findings);

}  // namespace tarn::schema
