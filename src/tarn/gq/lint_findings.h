#pragma once

#include <map>
#include <utility>
#include <vector>

#include "tarn/gq/compile.h"
#include "tarn/gq/lint.h"

namespace tarn::gq {

/// Gathers findings in the order in which they turn up. The same finding in several queries is one
/// that names them all.
class LintFindings {
 public:
  /// `finding.query_names` is left empty by the caller.
  void Add(LintFinding finding, const std::string& query_name);
  std::vector<LintFinding> Take() { return std::move(list_); }

 private:
  std::vector<LintFinding> list_;
  std::map<std::pair<std::string, std::string>, size_t> index_;  // by code and message
};

/// Tarn's own findings (L301 to L309) about one query that compiled.
void FindInQuery(const CompiledQuery& query, const schema::Schema& schema, LintFindings& findings);

/// L201, over all queries of the file that compiled.
void FindNeverUpdated(const std::vector<CompiledQuery>& queries, const schema::Schema& schema,
                      LintFindings& findings);

}  // namespace tarn::gq
