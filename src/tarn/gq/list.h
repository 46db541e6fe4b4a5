#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/ir/value.h"

namespace tarn::gq {

/// What a query says about itself; known without a schema.
struct QueryInfo {
  std::string name;
  bool is_mutation = false;
  std::vector<ir::Parameter> parameters;
  std::optional<std::string> description;  ///< `@description("...")`
  std::optional<std::string> instruction;  ///< `@instruction("...")`
  SourceSpan span;                         ///< of the name
};

struct QueryList {
  std::vector<QueryInfo> queries;  ///< in text order; empty if the text does not parse
  std::vector<Diagnostic>
      diagnostics;  ///< parse errors; refused parameters; a name declared twice (P013)
};

/// The queries of a source, for publishing and for menus.
QueryList ListQueries(const SourceText& source);

}  // namespace tarn::gq
