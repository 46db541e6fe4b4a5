#pragma once

#include <vector>

#include "tarn/base/source.h"

namespace tarn::schema {

/// What compiles and is still likely a mistake, or means something else to another tool: warnings
/// and notes in text order, codes L101 to L199. Nothing for a text that does not compile:
/// CompileSchema says why.
///
/// Codes  L101 a range that is open below; L102 a least cardinality; L103 an annotation spelt
///        almost like a known one; L104 @embed without @index; L105 an annotation that has no
///        effect; L106 an interface named twice; L107 an interface that no node implements; L108 an
///        interface named like a node type; L109 a constraint that says nothing new; L110 a bound
///        that the type reaches anyway or never; L111 a node type without @key.
std::vector<Diagnostic> LintSchema(const SourceText& source);

}  // namespace tarn::schema
