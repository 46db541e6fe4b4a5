#include "tarn/gq/duplicate.h"

#include <unordered_set>

#include <fmt/format.h>

#include "tarn/gq/diagnostics.h"

namespace tarn::gq {

std::vector<Diagnostic> FindDuplicateQueries(const std::vector<QueryAst>& queries) {
  Diagnostics diagnostics;
  std::unordered_set<std::string> names;
  for (const QueryAst& query : queries) {
    if (names.insert(query.name.text).second) continue;
    diagnostics.Error("P013", query.name.span,
                      fmt::format("query `{}` is declared twice", query.name.text),
                      "rename one of them; a call by name runs the first");
  }
  return diagnostics.Take();
}

}  // namespace tarn::gq
