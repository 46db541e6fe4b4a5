#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/cli/run.h"

namespace tarn::cli {

/// One flag of a command. Help text, parsing and the reference page derive from it.
struct Flag {
  std::string name;   ///< "--schema"
  std::string value;  ///< "FILE"; empty = a switch
  std::string help;
  bool repeated = false;
  bool required = false;
};

struct Positional {
  std::string name;  ///< "URI"
  std::string help;
  bool required = false;
};

/// What the user gave, by flag and positional name.
class Arguments {
 public:
  void Set(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
  }

  bool Has(const std::string& name) const { return values_.count(name) != 0; }
  std::optional<std::string> Get(const std::string& name) const {
    auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional<std::string>(found->second.back());
  }
  std::vector<std::string> All(const std::string& name) const {
    auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct Invocation {
  const Arguments& args;
  const Streams& streams;
  Request request;
  bool quiet = false;
};

/// What a command can address, and so which of --store and a positional URI it accepts.
enum class Addressing { kNone, kStoreFlag, kStoreFlagOrPositional };

/// One verb: a row of the table in commands.cc.
struct Command {
  std::string path;                   ///< "schema show"
  std::string summary;                ///< one line
  std::string details;                ///< what it does, what it prints, what it never does
  std::vector<std::string> examples;  ///< whole command lines
  std::string alias = {};             ///< another path for the same verb: "schema get"
  Addressing addressing = Addressing::kNone;
  std::vector<Positional> positionals;
  std::vector<Flag> flags;
  Result<int> (*run)(Invocation&) = nullptr;  ///< the exit code, or the error to print
};

/// Every verb, in the order of the help.
const std::vector<Command>& Commands();

/// The warehouse a command addresses: --store, else the positional URI. kInvalidArgument when
/// neither or both.
Result<std::string> StoreUri(const Invocation& invocation);

Result<int> RunInit(Invocation& invocation);
Result<int> RunLoad(Invocation& invocation);
Result<int> RunQuery(Invocation& invocation);
Result<int> RunMutate(Invocation& invocation);
Result<int> RunExplain(Invocation& invocation);
Result<int> RunLint(Invocation& invocation);
Result<int> RunSchemaPlan(Invocation& invocation);
Result<int> RunSchemaApply(Invocation& invocation);
Result<int> RunSchemaShow(Invocation& invocation);
Result<int> RunSnapshot(Invocation& invocation);
Result<int> RunExport(Invocation& invocation);
Result<int> RunCommitList(Invocation& invocation);
Result<int> RunCommitShow(Invocation& invocation);
Result<int> RunOptimize(Invocation& invocation);
Result<int> RunCleanup(Invocation& invocation);
Result<int> RunRecoveryList(Invocation& invocation);
Result<int> RunRepair(Invocation& invocation);
Result<int> RunDiff(Invocation& invocation);
Result<int> RunCommitChanges(Invocation& invocation);
Result<int> RunChangesPoll(Invocation& invocation);
Result<int> RunChangesBaseline(Invocation& invocation);
Result<int> RunBranchCreate(Invocation& invocation);
Result<int> RunBranchList(Invocation& invocation);
Result<int> RunBranchDelete(Invocation& invocation);
Result<int> RunBranchMerge(Invocation& invocation);
Result<int> RunTagCreate(Invocation& invocation);
Result<int> RunTagList(Invocation& invocation);
Result<int> RunTagDelete(Invocation& invocation);
Result<int> RunVersion(Invocation& invocation);

}  // namespace tarn::cli
