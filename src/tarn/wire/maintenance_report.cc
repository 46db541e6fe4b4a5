#include "tarn/wire/maintenance_report.h"

#include <fmt/format.h>

#include "tarn/base/json_writer.h"
#include "tarn/wire/reports.h"

namespace tarn::wire {
namespace {

void WriteOptimized(JsonWriter& json, const write::OptimizedTable& table) {
  json.BeginObject().Key("type_key").String(table.key);
  json.Key("fragments_removed").Uint(table.fragments_removed);
  json.Key("fragments_added").Uint(table.fragments_added);
  json.Key("committed").Bool(table.committed).Key("skipped");
  if (table.skipped.empty()) {
    json.Null();
  } else {
    json.String(table.skipped);
  }
  json.Key("published_dataset_version").Uint(table.published_version);
  json.Key("lance_head_version").Uint(table.newest_version);
  json.Key("pending_indexes").BeginArray().EndArray().EndObject();
}

}  // namespace

std::string OptimizeJson(const std::string& uri, const write::OptimizeResult& result) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(uri).Key("commit");
  if (result.commit.id.empty()) {
    json.Null();
  } else {
    WriteCommit(json, result.commit);
  }
  json.Key("datasets").BeginArray();
  for (const write::OptimizedTable& table : result.tables) WriteOptimized(json, table);
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

std::string OptimizeText(const write::OptimizeResult& result) {
  std::string out;
  for (const write::OptimizedTable& table : result.tables) {
    if (!table.skipped.empty()) {
      out += fmt::format(
          "  {:<24} left alone: storage has version {}, the newest commit names {} ({})\n",
          table.key, table.newest_version, table.published_version, table.skipped);
    } else if (table.committed) {
      out += fmt::format("  {:<24} {} files became {}\n", table.key, table.fragments_removed,
                         table.fragments_added);
    }
  }
  return (result.commit.id.empty() ? std::string("nothing to optimize: no commit was made\n")
                                   : fmt::format("optimized in commit {}\n", result.commit.id)) +
         out;
}

}  // namespace tarn::wire
