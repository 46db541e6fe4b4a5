// The command line, run in this process with string streams.
#include <fstream>
#include <sstream>

#include <simdjson.h>

#include "player.h"
#include "tarn/cli/run.h"

namespace tarn::e2e {
namespace {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran RunCli(const std::vector<std::string>& arguments) {
  std::istringstream in;
  std::ostringstream out, err;
  const int code = cli::Run(arguments, {in, out, err, false});
  return {code, out.str(), err.str()};
}

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
    return AsStatus(RunCli({"init", folder_.string(), "--schema", schema_path, "--quiet"}));
  }

  Reply Load(const std::string& mode, const std::string& data_path) override {
    const Ran ran =
        RunCli({"load", folder_.string(), "--data", data_path, "--mode", mode, "--quiet"});
    return {AsStatus(ran), Lines(ran.out)};
  }

  Reply Query(const std::string& text, const std::string& name, const std::string& params,
              const std::optional<std::string>& commit) override {
    std::vector<std::string> arguments = Selection("query", text, name, params);
    arguments.push_back("--json");
    if (commit) arguments.insert(arguments.end(), {"--snapshot", *commit});
    const Ran ran = RunCli(arguments);
    Reply reply{.status = AsStatus(ran), .lines = {}};
    if (reply.status.ok()) reply.lines = RowsOf(ran.out);
    return reply;
  }

  Reply Explain(const std::string& text, const std::string& name,
                const std::string& params) override {
    const Ran ran = RunCli(Selection("explain", text, name, params));
    return {AsStatus(ran), Lines(ran.out)};
  }

  Reply Export() override {
    const Ran ran = RunCli({"export", folder_.string()});
    return {AsStatus(ran), Lines(ran.out)};
  }

  Result<std::vector<std::string>> CommitIds() override {
    const Ran ran = RunCli({"commit", "list", folder_.string(), "--json"});
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
