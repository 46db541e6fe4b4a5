#include "tarn/wire/result_text.h"

#include <algorithm>
#include <vector>

#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <utf8proc.h>

#include "tarn/base/check.h"
#include "tarn/wire/cell.h"

namespace tarn::wire {
namespace {

std::string HeaderLine(const ReadOutput& output) {
  const int64_t rows = output.result.rows->num_rows();
  const std::string from = output.snapshot ? fmt::format("snapshot {}", *output.snapshot)
                                           : fmt::format("branch {}", output.branch);
  return fmt::format("{} {} from {} via {}\n", rows, rows == 1 ? "row" : "rows", from,
                     output.query_name);
}

std::string Cell(const ReadOutput& output, int64_t row, size_t column) {
  return CellText(*output.result.rows->column(static_cast<int>(column)), row,
                  output.result.types[column]);
}

/// The longest prefix that fits `width` columns, and how many columns it takes.
std::pair<size_t, size_t> FitPrefix(std::string_view text, size_t width) {
  size_t offset = 0;
  size_t used = 0;
  while (offset < text.size()) {
    utf8proc_int32_t codepoint = 0;
    const auto step =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + offset,
                         static_cast<utf8proc_ssize_t>(text.size() - offset), &codepoint);
    const size_t length = step > 0 ? static_cast<size_t>(step) : 1;
    const size_t columns =
        step > 0 ? static_cast<size_t>(std::max(utf8proc_charwidth(codepoint), 0)) : 1;
    if (used + columns > width) break;
    used += columns;
    offset += length;
  }
  return {offset, used};
}

std::string Cut(std::string text) {
  if (DisplayWidth(text) <= kTableColumnWidthMax) return text;
  return text.substr(0, FitPrefix(text, kTableColumnWidthMax - 1).first) + "…";
}

std::string RenderTable(const ReadOutput& output) {
  const size_t columns = output.result.columns.size();
  const int64_t rows = output.result.rows->num_rows();
  std::vector<std::vector<std::string>> grid(static_cast<size_t>(rows) + 1,
                                             std::vector<std::string>(columns));
  std::vector<size_t> widths(columns, 0);
  std::vector<bool> right(columns, false);
  for (size_t c = 0; c < columns; ++c) {
    const schema::PropertyType& type = output.result.types[c];
    right[c] = !type.list && schema::IsNumeric(type.scalar);
    grid[0][c] = Cut(VisibleText(output.result.columns[c]));
    for (int64_t r = 0; r < rows; ++r)
      grid[static_cast<size_t>(r) + 1][c] = Cut(VisibleText(Cell(output, r, c)));
    for (const auto& line : grid) widths[c] = std::max(widths[c], DisplayWidth(line[c]));
  }
  std::string out = HeaderLine(output);
  for (size_t r = 0; r < grid.size(); ++r) {
    std::string line;
    for (size_t c = 0; c < columns; ++c) {
      const std::string pad(widths[c] - DisplayWidth(grid[r][c]), ' ');
      if (c > 0) line += "  ";
      line += right[c] ? pad + grid[r][c] : grid[r][c] + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
    if (r == 0) {
      for (size_t c = 0; c < columns; ++c) {
        if (c > 0) out += "  ";
        for (size_t i = 0; i < widths[c]; ++i) out += "─";
      }
      out += "\n";
    }
  }
  return out;
}

std::string RenderKv(const ReadOutput& output) {
  std::string out = HeaderLine(output);
  for (int64_t r = 0; r < output.result.rows->num_rows(); ++r) {
    out += fmt::format("row {}\n", r + 1);
    for (size_t c = 0; c < output.result.columns.size(); ++c) {
      out += fmt::format("  {}: {}\n", VisibleText(output.result.columns[c]),
                         VisibleText(Cell(output, r, c)));
    }
  }
  return out;
}

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string RenderCsv(const ReadOutput& output) {
  std::string out;
  for (int64_t r = -1; r < output.result.rows->num_rows(); ++r) {
    for (size_t c = 0; c < output.result.columns.size(); ++c) {
      if (c > 0) out += ',';
      out += CsvField(r < 0 ? output.result.columns[c] : Cell(output, r, c));
    }
    out += "\r\n";
  }
  return out;
}

std::string RenderJsonl(const ReadOutput& output) {
  JsonWriter meta;
  meta.BeginObject().Key("kind").String("metadata").Key("query_name").String(output.query_name);
  meta.Key("target").BeginObject();
  if (output.snapshot)
    meta.Key("branch").Null().Key("snapshot").String(*output.snapshot);
  else
    meta.Key("branch").String(output.branch).Key("snapshot").Null();
  meta.EndObject().Key("row_count").Int(output.result.rows->num_rows()).EndObject();
  std::string out = meta.Take() + "\n";
  for (int64_t r = 0; r < output.result.rows->num_rows(); ++r) {
    JsonWriter json;
    json.BeginObject();
    for (size_t c = 0; c < output.result.columns.size(); ++c) {
      json.Key(output.result.columns[c]);
      WriteCell(json, *output.result.rows->column(static_cast<int>(c)), r, output.result.types[c]);
    }
    out += json.EndObject().Take() + "\n";
  }
  return out;
}

}  // namespace

std::optional<Format> ParseFormat(std::string_view word) {
  if (word == "table") return Format::kTable;
  if (word == "kv") return Format::kKv;
  if (word == "csv") return Format::kCsv;
  if (word == "jsonl") return Format::kJsonl;
  if (word == "json") return Format::kJson;
  return std::nullopt;
}

size_t DisplayWidth(std::string_view text) {
  return FitPrefix(text, static_cast<size_t>(-1)).second;
}

std::string Render(const ReadOutput& output, Format format) {
  switch (format) {
    case Format::kTable: return RenderTable(output);
    case Format::kKv: return RenderKv(output);
    case Format::kCsv: return RenderCsv(output);
    case Format::kJsonl: return RenderJsonl(output);
    case Format::kJson: return ToJson(output);
  }
  TARN_UNREACHABLE("a Format outside its enum");
}

}  // namespace tarn::wire
