#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/schema/codes.h"

namespace tarn::schema {

/// The errors found in one source text. Keeps at most kDiagnosticsMax.
class Findings {
 public:
  void Error(Rule rule, SourceSpan span, std::string message, std::string suggestion = "");
  /// Takes over what the lexer found.
  void Adopt(std::vector<Diagnostic> found);

  bool empty() const { return list_.empty(); }
  /// No more are kept; the caller may stop looking.
  bool full() const;
  /// In text order.
  std::vector<Diagnostic> Take();

 private:
  std::vector<Diagnostic> list_;
};

/// "did you mean `Port`?" for the candidate nearest to `word`, else "". Looks at no more than
/// kSuggestionCandidatesMax candidates.
std::string SuggestName(std::string_view word, std::vector<std::string> candidates);

/// What Error would say, for a name that is to be shown in a message: cut to a length that fits a
/// line.
std::string Shown(std::string_view name);

}  // namespace tarn::schema
