#include "tarn/schema/findings.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "tarn/base/utf8.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {

void Findings::Error(Rule rule, SourceSpan span, std::string message, std::string suggestion) {
  if (full()) return;
  list_.push_back({.severity = Severity::kError,
                   .code = RuleCode(rule),
                   .message = std::move(message),
                   .span = span,
                   .suggestion = std::move(suggestion)});
}

void Findings::Adopt(std::vector<Diagnostic> found) {
  std::move(found.begin(), found.end(), std::back_inserter(list_));
}

bool Findings::full() const { return list_.size() >= kDiagnosticsMax; }

std::vector<Diagnostic> Findings::Take() {
  std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return a.span.begin < b.span.begin;
  });
  return std::move(list_);
}

std::string SuggestName(std::string_view word, std::vector<std::string> candidates) {
  if (candidates.size() > kSuggestionCandidatesMax) candidates.resize(kSuggestionCandidatesMax);
  const std::string nearest = NearestName(word, candidates);
  return nearest.empty() ? "" : fmt::format("did you mean `{}`?", nearest);
}

std::string Shown(std::string_view name) {
  constexpr size_t kShownMax = 80;
  if (name.size() <= kShownMax) return std::string(name);
  std::string_view head = name.substr(0, kShownMax);
  while (!head.empty() && FindInvalidUtf8(head) != std::string_view::npos) head.remove_suffix(1);
  return std::string(head) + "...";
}

}  // namespace tarn::schema
