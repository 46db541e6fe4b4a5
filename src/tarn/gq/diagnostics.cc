#include "tarn/gq/diagnostics.h"

#include <fmt/format.h>

#include "tarn/gq/limits.h"

namespace tarn::gq {

void Diagnostics::Error(std::string code, SourceSpan span, std::string message,
                        std::string suggestion) {
  if (full()) return;
  list_.push_back({.severity = Severity::kError,
                   .code = std::move(code),
                   .message = std::move(message),
                   .span = span,
                   .suggestion = std::move(suggestion)});
}

bool Diagnostics::full() const { return list_.size() >= kDiagnosticsMax; }

std::string SuggestName(const std::string& word, std::vector<std::string> candidates) {
  if (candidates.size() > kSuggestionCandidatesMax) candidates.resize(kSuggestionCandidatesMax);
  const std::string nearest = NearestName(word, candidates);
  return nearest.empty() ? "" : fmt::format("did you mean `{}`?", nearest);
}

}  // namespace tarn::gq
