#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tarn/wire/read_output.h"

namespace tarn::wire {

enum class Format : uint8_t { kTable, kKv, kCsv, kJsonl, kJson };

/// "table", "kv", "csv", "jsonl", "json"; nothing for any other word.
std::optional<Format> ParseFormat(std::string_view word);

/// Columns wider than this are cut in a table, with "…" as the last character.
inline constexpr size_t kTableColumnWidthMax = 80;

/// The whole answer as text, ending in a newline.
///   table  a header line, then fitted columns      kv    a header line, then a block a row
///   csv    RFC 4180 with a header row              jsonl a metadata object, then one object a row
///   json   ToJson(output)
std::string Render(const ReadOutput& output, Format format);

/// Columns a terminal needs to show `text`: wide East Asian characters take two, combining marks
/// none.
size_t DisplayWidth(std::string_view text);

}  // namespace tarn::wire
