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

void WriteStrays(JsonWriter& json, const catalog::CleanedStrays& strays) {
  json.Key("unreferenced").BeginObject().Key("files").Uint(strays.files);
  json.Key("bytes").Uint(strays.bytes).Key("paths").BeginArray();
  for (const std::string& path : strays.paths) json.String(path);
  json.EndArray().Key("error");
  if (strays.error.empty()) {
    json.Null();
  } else {
    json.String(strays.error);
  }
  json.EndObject();
}

std::string StraysText(const catalog::CleanedStrays& strays, bool is_preview) {
  std::string out;
  if (strays.files > 0) {
    out += fmt::format("  {:<24} {} files, {}\n", "unreferenced", strays.files,
                       BytesText(strays.bytes));
  }
  for (const std::string& path : strays.paths) {
    if (is_preview) out += fmt::format("    {}\n", path);
  }
  if (!strays.error.empty()) out += fmt::format("  {:<24} {}\n", "unreferenced", strays.error);
  return out;
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

std::string CleanupJson(const std::string& uri, const catalog::CleanupOptions& options,
                        const catalog::CleanupReport& report) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("uri").String(uri).Key("keep_versions");
  if (options.keep) {
    json.Uint(*options.keep);
  } else {
    json.Null();
  }
  json.Key("older_than_secs");
  if (options.older_than_micros) {
    json.Int(*options.older_than_micros / 1'000'000);
  } else {
    json.Null();
  }
  json.Key("confirm").Bool(options.confirm);
  json.Key("commits_kept").Uint(report.commits_kept);
  json.Key("commits_given_up").Uint(report.commits_given_up);
  json.Key("branches_removed").Uint(report.branches_removed);
  WriteStrays(json, report.strays);
  json.Key("datasets").BeginArray();
  for (const catalog::CleanedTable& table : report.tables) {
    json.BeginObject().Key("type_key").String(table.key);
    json.Key("bytes_removed").Uint(table.bytes_removed);
    json.Key("old_versions_removed").Uint(table.versions_removed).Key("error");
    if (table.error.empty()) {
      json.Null();
    } else {
      json.String(table.error);
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

std::string CleanupText(const catalog::CleanupOptions& options,
                        const catalog::CleanupReport& report) {
  std::string out =
      fmt::format("{} {} commits, keeps {}\n", options.confirm ? "gave up" : "would give up",
                  report.commits_given_up, report.commits_kept);
  for (const catalog::CleanedTable& table : report.tables) {
    if (!table.error.empty()) {
      out += fmt::format("  {:<24} {}\n", table.key, table.error);
    } else if (table.versions_removed + table.files_removed > 0) {
      out += fmt::format("  {:<24} {} versions, {} files, {}\n", table.key, table.versions_removed,
                         table.files_removed, BytesText(table.bytes_removed));
    }
  }
  out += StraysText(report.strays, !options.confirm);
  if (report.branches_removed > 0)
    out += fmt::format("  {} deleted branches\n", report.branches_removed);
  if (!options.confirm) out += "nothing was removed; --confirm does it\n";
  return out;
}

}  // namespace tarn::wire
