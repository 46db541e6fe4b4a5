// Functions of texts. Positions and lengths count characters (code points), never bytes.
#include <algorithm>

#include <utf8proc.h>

#include "tarn/base/check.h"
#include "tarn/base/utf8.h"
#include "tarn/exec/scalar.h"

namespace tarn::exec {
namespace {

using ir::ScalarFn;

constexpr const char* kTooLong = "a text grows beyond 16 MiB";
constexpr std::string_view kSpaces = " \t\n\r\f\v";

/// Text is checked when it is stored; a byte that is no UTF-8 after all counts as a character.
size_t CharacterBytes(std::string_view text) {
  return std::max<size_t>(1, Utf8SequenceLength(text));
}

int64_t CountCharacters(std::string_view text) {
  int64_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(CharacterBytes(text));
  return count;
}

/// Bytes of the first `count` characters, or of all.
size_t BytesOfFirst(std::string_view text, int64_t count) {
  size_t bytes = 0;
  for (; count > 0 && bytes < text.size(); --count) bytes += CharacterBytes(text.substr(bytes));
  return bytes;
}

Cell Made(ScalarOutput& out) { return Cell::String(out.text); }

/// Letter by letter, in every script, whatever the language of the text.
Cell WithCase(std::string_view text, utf8proc_int32_t (*letter)(utf8proc_int32_t),
              ScalarOutput& out) {
  out.text.clear();
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (length <= 0) {
      out.text += text.front();
      text.remove_prefix(1);
      continue;
    }
    utf8proc_uint8_t encoded[4];
    const auto written = utf8proc_encode_char(letter(point), encoded);
    out.text.append(reinterpret_cast<const char*>(encoded), static_cast<size_t>(written));
    text.remove_prefix(static_cast<size_t>(length));
  }
  return Made(out);
}

Cell Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return Cell::String(text.substr(0, 0));
  return Cell::String(text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin));
}

int64_t AtLeastZero(const Cell& cell) {
  return cell.kind == Cell::Kind::kUint ? INT64_MAX : std::max<int64_t>(0, cell.integer);
}

Cell Substring(std::span<const Cell> arguments) {
  std::string_view text = arguments[0].text();
  text.remove_prefix(BytesOfFirst(text, AtLeastZero(arguments[1])));
  if (arguments.size() == 3) text = text.substr(0, BytesOfFirst(text, AtLeastZero(arguments[2])));
  return Cell::String(text);
}

/// Appends, unless the text grows too long.
bool Append(std::string_view piece, ScalarOutput& out) {
  if (out.text.size() + piece.size() > kMadeTextBytesMax) {
    out.failure = kTooLong;
    return false;
  }
  out.text += piece;
  return true;
}

Cell Replaced(std::string_view text, std::string_view from, std::string_view to,
              ScalarOutput& out) {
  if (from.empty()) return Cell::String(text);
  out.text.clear();
  while (true) {
    const size_t at = text.find(from);
    if (!Append(text.substr(0, at), out)) return Cell::Null();
    if (at == std::string_view::npos) return Made(out);
    if (!Append(to, out)) return Cell::Null();
    text.remove_prefix(at + from.size());
  }
}

Cell Concatenated(std::span<const Cell> arguments, ScalarOutput& out) {
  out.text.clear();
  for (const Cell& piece : arguments) {
    if (!Append(piece.text(), out)) return Cell::Null();
  }
  return Made(out);
}

Cell Joined(const Cell& list, std::string_view between, ScalarOutput& out) {
  out.text.clear();
  bool first = true;
  for (int64_t i = 0; i < list.size; ++i) {
    const Cell item = ListItem(list, i);
    if (item.is_null()) continue;
    if ((!first && !Append(between, out)) || !Append(item.text(), out)) return Cell::Null();
    first = false;
  }
  return Made(out);
}

}  // namespace

Cell EvaluateText(ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out) {
  const Cell& first = arguments[0];
  switch (fn) {
    case ScalarFn::kLower: return WithCase(first.text(), utf8proc_tolower, out);
    case ScalarFn::kUpper: return WithCase(first.text(), utf8proc_toupper, out);
    case ScalarFn::kTrim: return Trimmed(first.text());
    case ScalarFn::kLength:
      return Cell::Int(first.kind == Cell::Kind::kList ? first.size
                                                       : CountCharacters(first.text()));
    case ScalarFn::kSubstring: return Substring(arguments);
    case ScalarFn::kReplace:
      return Replaced(first.text(), arguments[1].text(), arguments[2].text(), out);
    case ScalarFn::kConcat: return Concatenated(arguments, out);
    case ScalarFn::kStartsWith: return Cell::Bool(first.text().starts_with(arguments[1].text()));
    case ScalarFn::kEndsWith: return Cell::Bool(first.text().ends_with(arguments[1].text()));
    case ScalarFn::kJoin: return Joined(first, arguments[1].text(), out);
    default: TARN_UNREACHABLE("no function of texts");
  }
}

}  // namespace tarn::exec
