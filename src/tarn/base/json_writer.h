#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// Writes JSON front to back. Keys and values alternate as the caller writes them; commas and, when
/// asked, two-space indentation are placed here.
///
///   JsonWriter json;
///   json.BeginObject().Key("rows").Int(3).EndObject();   // {"rows":3}
class JsonWriter {
 public:
  enum class Layout { kCompact, kPretty };
  explicit JsonWriter(Layout layout = Layout::kCompact) : pretty_(layout == Layout::kPretty) {}

  JsonWriter& BeginObject() { return Begin('{'); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& BeginArray() { return Begin('['); }
  JsonWriter& EndArray() { return End(']'); }
  JsonWriter& Key(std::string_view name);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Uint(uint64_t value);
  /// Shortest text that reads back equal; integral values keep ".0"; non-finite values become the
  /// strings "NaN", "Infinity" and "-Infinity".
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  /// Text that is JSON already.
  JsonWriter& Raw(std::string_view json);

  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Begin(char open);
  JsonWriter& End(char close);
  void BeforeValue();
  void NewLine();

  std::string out_;
  std::vector<bool> has_items_;  // per open container
  bool after_key_ = false;
  bool pretty_;
};

/// `text` as a JSON string with its quotes. Control characters, quotes and backslashes are escaped;
/// bytes that are not UTF-8 are replaced by U+FFFD, so the output is always valid JSON.
std::string JsonQuoted(std::string_view text);
/// The same, behind what `out` holds.
void AppendJsonQuoted(std::string_view text, std::string& out);

/// The number text that JsonWriter::Double writes for a finite value.
std::string JsonNumber(double value);

}  // namespace tarn
