// The command line, run in this process with string streams.
#include <fstream>
#include <sstream>

#include <simdjson.h>

#include "in_process.h"
#include "player.h"

namespace tarn::e2e {
namespace {

Status AsStatus(const Ran& ran) {
  return ran.code == 0 ? Status::Ok()
                       : Error(ErrorId::kInvalidArgument, "exit {}: {}", ran.code, ran.err);
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Rows of the --json answer, in the form the engine door gives them.
std::vector<std::string> RowsOf(const std::string& json) {
  simdjson::dom::parser parser;
  const simdjson::dom::element answer = parser.parse(json).value();
  std::vector<std::string> columns, lines;
  for (const auto column : answer["columns"].get_array())
    columns.emplace_back(column.get_string().value());
  std::string header;
  for (const std::string& column : columns) header += (header.empty() ? "" : " | ") + column;
  lines.push_back(header);
  for (const auto row : answer["rows"].get_array()) {
    std::string line;
    for (size_t i = 0; i < columns.size(); ++i) {
      const simdjson::dom::element cell = row[columns[i]].value();
      const std::string text =
          cell.is_string() ? std::string(cell.get_string().value()) : simdjson::minify(cell);
      line += (i > 0 ? " | " : "") + text;
    }
    lines.push_back(line);
  }
  return lines;
}

class CliDoor final : public Door {
 public:
  explicit CliDoor(std::filesystem::path folder) : folder_(std::move(folder)) {}

  Status Init(const std::string& schema_path) override {
    std::filesystem::create_directories(folder_.parent_path());
    return AsStatus(Tarn({"init", folder_.string(), "--schema", schema_path, "--quiet"}));
  }

  Reply Load(const std::string& mode, const std::string& data_path,
             const std::string& branch) override {
    const Ran ran = Tarn({"load", folder_.string(), "--data", data_path, "--mode", mode, "--quiet",
                          "--branch", branch});
    return {AsStatus(ran), Lines(ran.out)};
  }

  Reply Apply(const std::string& schema_path, const std::string& branch) override {
    const Ran ran =
        Tarn({"schema", "apply", folder_.string(), "--schema", schema_path, "--branch", branch});
    return {AsStatus(ran), Lines(ran.out)};
  }

  Reply Query(const std::string& text, const std::string& name, const std::string& params,
              const engine::ReadTarget& target) override {
    std::vector<std::string> arguments = Selection("query", text, name, params);
    arguments.push_back("--json");
    AddTarget(arguments, target);
    const Ran ran = Tarn(arguments);
    Reply reply{.status = AsStatus(ran), .lines = {}};
    if (reply.status.ok()) reply.lines = RowsOf(ran.out);
    return reply;
  }

  Reply Mutate(const std::string& text, const std::string& name, const std::string& params,
               const std::string& branch) override {
    std::vector<std::string> arguments = Selection("mutate", text, name, params);
    arguments.insert(arguments.end(), {"--json", "--branch", branch});
    const Ran ran = Tarn(arguments);
    Reply reply{.status = AsStatus(ran), .lines = {}};
    if (!reply.status.ok()) return reply;
    simdjson::dom::parser parser;
    const simdjson::dom::element answer = parser.parse(ran.out).value();
    reply.lines.push_back(std::to_string(answer["affected_nodes"].get_uint64().value()) +
                          " nodes, " +
                          std::to_string(answer["affected_edges"].get_uint64().value()) + " edges" +
                          (answer["commit"].is_null() ? ", no commit" : ""));
    return reply;
  }

  Reply Explain(const std::string& text, const std::string& name,
                const std::string& params) override {
    const Ran ran = Tarn(Selection("explain", text, name, params));
    return {AsStatus(ran), Lines(ran.out)};
  }

  Reply Export(const engine::ReadTarget& target) override {
    std::vector<std::string> arguments = {"export", folder_.string()};
    AddTarget(arguments, target);
    const Ran ran = Tarn(arguments);
    return {AsStatus(ran), Lines(ran.out)};
  }

  Status MakeName(const std::string& kind, const std::string& name,
                  const std::string& from) override {
    return AsStatus(Tarn({kind, "create", name, "--from", from, "--store", folder_.string()}));
  }
  Status DeleteName(const std::string& kind, const std::string& name) override {
    return AsStatus(Tarn({kind, "delete", name, "--store", folder_.string()}));
  }
  Reply Merge(const std::string& source, const std::string& target,
              const std::vector<std::string>& keep) override {
    std::vector<std::string> arguments = {"branch", "merge",   source,          "--into",
                                          target,   "--store", folder_.string()};
    for (const std::string& side : keep) {
      arguments.push_back("--keep");
      arguments.push_back(side);
    }
    const Ran ran = Tarn(std::move(arguments));
    return {AsStatus(ran), Lines(ran.out)};
  }
  Result<std::vector<std::string>> BranchNames() override {
    const Ran ran = Tarn({"branch", "list", "--store", folder_.string(), "--json"});
    TARN_RETURN_IF_ERROR(AsStatus(ran));
    simdjson::dom::parser parser;
    const simdjson::dom::element answer = parser.parse(ran.out).value();
    std::vector<std::string> names;
    for (const auto name : answer["branches"].get_array())
      names.emplace_back(name.get_string().value());
    return names;
  }

  Result<std::vector<std::string>> CommitIds(const std::string& branch) override {
    const Ran ran = Tarn({"commit", "list", folder_.string(), "--json", "--branch", branch});
    TARN_RETURN_IF_ERROR(AsStatus(ran));
    simdjson::dom::parser parser;
    const simdjson::dom::element answer = parser.parse(ran.out).value();
    std::vector<std::string> ids;
    for (const auto commit : answer["commits"].get_array()) {
      ids.emplace(ids.begin(), commit["graph_commit_id"].get_string().value());
    }
    return ids;
  }

  Status Reopen() override { return Status::Ok(); }  // every command opens anew

 private:
  static void AddTarget(std::vector<std::string>& arguments, const engine::ReadTarget& target) {
    if (target.branch != "main") arguments.insert(arguments.end(), {"--branch", target.branch});
    if (target.as_of) arguments.insert(arguments.end(), {"--snapshot", *target.as_of});
  }

  std::vector<std::string> Selection(const std::string& verb, const std::string& text,
                                     const std::string& name, const std::string& params) {
    std::vector<std::string> arguments = {verb, "--store", folder_.string(), "-e", text, "--quiet"};
    if (!name.empty()) arguments.push_back(name);
    if (!params.empty()) arguments.insert(arguments.end(), {"--params", params});
    return arguments;
  }

  const std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<Door> OpenCliDoor(const Mode&, const std::filesystem::path& folder) {
  return std::make_unique<CliDoor>(folder);
}

}  // namespace tarn::e2e
