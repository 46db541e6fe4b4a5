#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tarn/base/source.h"

namespace tarn::gq {

/// The findings about one source text, in the order in which they were found: the first error is
/// the one that counts. Keeps at most kDiagnosticsMax.
class Diagnostics {
 public:
  void Error(std::string code, SourceSpan span, std::string message, std::string suggestion = "");

  bool has_errors() const { return !list_.empty(); }
  /// No more are kept; the caller may stop looking.
  bool full() const;
  size_t size() const { return list_.size(); }
  const std::vector<Diagnostic>& list() const { return list_; }
  std::vector<Diagnostic> Take() { return std::move(list_); }

 private:
  std::vector<Diagnostic> list_;
};

/// "did you mean `Port`?" for the candidate nearest to `word`, else "". Looks at no more than
/// kSuggestionCandidatesMax candidates.
std::string SuggestName(const std::string& word, std::vector<std::string> candidates);

}  // namespace tarn::gq
