#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// Bytes [begin, end) of a source text. An empty span marks a place between two bytes.
struct SourceSpan {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const SourceSpan&) const = default;
};

/// One-based line and column; the column counts Unicode code points, so a caret lands under its
/// letter.
struct SourcePlace {
  size_t line = 1;
  size_t column = 1;
};

/// A named text, so that diagnostics can show where they point.
class SourceText {
 public:
  SourceText(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  SourcePlace PlaceOf(size_t offset) const;
  /// The line that holds `offset`, without its end of line.
  std::string_view LineAt(size_t offset) const;
  size_t LineBegin(size_t offset) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<size_t> line_begins_;
};

enum class Severity { kError, kWarning, kNote };

/// One finding about a source text. `code` is stable ("T6", "S012", "L201"); `message` is one
/// sentence without the class prefix; `suggestion` is what to write instead, or empty.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;
  std::string message;
  SourceSpan span;
  std::string suggestion;
};

/// Renders like a compiler: `file:line:column: error[T6]: message`, the source line, a caret under
/// the span, and the suggestion as `help:`.
std::string RenderDiagnostic(const SourceText& source, const Diagnostic& diagnostic);

/// The candidate nearest to `word` by edit distance if it is near enough to be a slip, else "".
std::string NearestName(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace tarn
