#include "tarn/base/source.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include <fmt/format.h>

namespace tarn {
namespace {

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "error";
}

bool SameLetter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Letters added, dropped, changed, or swapped with their neighbour, each counted once; case does
/// not count.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);  // the row of a's letter before the last
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last[j - 1] + (SameLetter(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool swapped =
          i > 1 && j > 1 && SameLetter(a[i - 1], b[j - 2]) && SameLetter(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

constexpr size_t kShownBytesMax = 400;   // of one source line
constexpr size_t kShownBeforeMax = 120;  // of them before the place

/// Bytes [begin, end) of a line, and what stands for the rest.
struct ShownLine {
  size_t begin;
  size_t end;
  std::string_view before;
  std::string_view behind;
};

/// The whole line, or of a very long one the part around `at`, so that a message stays readable and
/// bounded.
ShownLine ShownPart(std::string_view line, size_t at) {
  if (line.size() <= kShownBytesMax)
    return {.begin = 0, .end = line.size(), .before = "", .behind = ""};
  const auto inside = [line](size_t i) {
    return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80;
  };
  size_t begin = at > kShownBeforeMax ? at - kShownBeforeMax : 0;
  while (inside(begin) && begin < at) ++begin;
  size_t end = std::min(begin + kShownBytesMax, line.size());
  while (inside(end) && end > at) --end;
  return {.begin = begin,
          .end = end,
          .before = begin > 0 ? "..." : "",
          .behind = end < line.size() ? "..." : ""};
}

}  // namespace

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  line_begins_.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_begins_.push_back(i + 1);
  }
}

size_t SourceText::LineBegin(size_t offset) const {
  offset = std::min(offset, text_.size());
  return *std::prev(std::upper_bound(line_begins_.begin(), line_begins_.end(), offset));
}

SourcePlace SourceText::PlaceOf(size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  const size_t begin = *std::prev(next);
  return {.line = static_cast<size_t>(next - line_begins_.begin()),
          .column = CodePoints(std::string_view(text_).substr(begin, offset - begin)) + 1};
}

std::string_view SourceText::LineAt(size_t offset) const {
  const size_t begin = LineBegin(offset);
  size_t end = text_.find('\n', begin);
  if (end == std::string::npos) end = text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(begin, end - begin);
}

std::string RenderDiagnostic(const SourceText& source, const Diagnostic& diagnostic) {
  const SourcePlace place = source.PlaceOf(diagnostic.span.begin);
  std::string out =
      fmt::format("{}:{}:{}: {}{}: {}\n", source.name(), place.line, place.column,
                  SeverityName(diagnostic.severity),
                  diagnostic.code.empty() ? "" : "[" + diagnostic.code + "]", diagnostic.message);
  const std::string_view line = source.LineAt(diagnostic.span.begin);
  const size_t line_begin = source.LineBegin(diagnostic.span.begin);
  const size_t at = std::min(diagnostic.span.begin - line_begin, line.size());
  const size_t end = std::clamp(std::max(diagnostic.span.begin, diagnostic.span.end) - line_begin,
                                at, line.size());
  const ShownLine shown = ShownPart(line, at);
  const std::string number = std::to_string(place.line);
  const std::string gutter(number.size(), ' ');
  std::string pad(shown.before.size(), ' ');
  for (char c : line.substr(shown.begin, at - shown.begin)) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) pad += c == '\t' ? '\t' : ' ';
  }
  const size_t width = CodePoints(line.substr(at, std::min(end, shown.end) - at));
  out += fmt::format("{} |\n{} | {}{}{}\n{} | {}{}\n", gutter, number, shown.before,
                     line.substr(shown.begin, shown.end - shown.begin), shown.behind, gutter, pad,
                     std::string(std::max<size_t>(width, 1), '^'));
  if (!diagnostic.suggestion.empty())
    out += fmt::format("{} = help: {}\n", gutter, diagnostic.suggestion);
  return out;
}

std::string NearestName(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr size_t kWordMax =
      128;  // longer names are no slip of the hand, and the distance is quadratic
  if (word.size() > kWordMax) return "";
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kWordMax) continue;
    const size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace tarn
