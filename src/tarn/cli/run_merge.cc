// The verb that merges branches.
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/changes.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

constexpr int64_t kMergeMemoryDefault = int64_t{1} << 30;

Result<changes::Keep> SideNamed(std::string_view word) {
  if (word == "ours") return changes::Keep::kOurs;
  if (word == "theirs") return changes::Keep::kTheirs;
  return Error(ErrorId::kUsage, "--keep '{}' names no side", word)
      .WithHint("--keep ours, --keep theirs, or --keep \"node:Port SEGOT=theirs\" for one row");
}

Result<changes::MergeOptions> OptionsOf(const Arguments& args) {
  changes::MergeOptions options{.dry_run = args.Has("--dry-run")};
  for (const std::string& word : args.All("--keep")) {
    const size_t equals = word.rfind('=');
    const bool names_row = equals != word.npos;
    TARN_ASSIGN_OR_RETURN(const changes::Keep side,
                          SideNamed(names_row ? std::string_view(word).substr(equals + 1) : word));
    if (!names_row) {
      options.keep = side;
      continue;
    }
    const std::string row = word.substr(0, equals);
    const bool is_row =
        (row.starts_with("node:") || row.starts_with("edge:")) && row.find(' ') != row.npos;
    if (!is_row) {
      return Error(ErrorId::kUsage, "--keep '{}' names no row", word)
          .WithHint("A row is named as conflicts name it: --keep \"node:Port SEGOT=theirs\"");
    }
    options.keep_of[row] = side;
  }
  return options;
}

}  // namespace

Result<int> RunBranchMerge(Invocation& invocation) {
  const Arguments& args = invocation.args;
  const std::string source = args.Get("SOURCE").value_or("");
  const std::string target = args.Get("--into").value_or("main");
  TARN_ASSIGN_OR_RETURN(const changes::MergeOptions options, OptionsOf(args));
  if (options.dry_run && args.Has("--delete-branch")) {
    return Error(ErrorId::kUsage, "--dry-run writes nothing, so it cannot --delete-branch");
  }
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(const int64_t memory, MemoryOf(invocation, kMergeMemoryDefault));
  MemoryBudget budget(memory);
  invocation.request.budget = &budget;
  TARN_ASSIGN_OR_RETURN(const auto database,
                        OpenDatabase(invocation, options.dry_run ? catalog::Access::kReadOnly
                                                                 : catalog::Access::kReadWrite));
  if (!invocation.quiet)
    invocation.streams.err << "tarn branch merge → " << uri << " (direct, local)\n";
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  TARN_ASSIGN_OR_RETURN(const changes::MergeResult result,
                        database->MergeBranch(invocation.request, source, target, options));
  std::optional<wire::MergedBranch> branch;
  if (args.Has("--delete-branch")) {
    // A branch that cannot go does not make the merge undone.
    const Status gone = database->DeleteBranch(invocation.request, source).status();
    branch = {.deleted = gone.ok(), .error = gone.ok() ? "" : gone.message()};
  }
  if (args.Has("--json")) {
    invocation.streams.out << wire::MergeJson(source, target, invocation.request.actor,
                                              options.dry_run, result, branch);
  } else {
    invocation.streams.out << wire::MergeText(source, target, options.dry_run, result);
    if (branch && branch->deleted) invocation.streams.out << "deleted branch " << source << "\n";
    if (branch && !branch->deleted)
      invocation.streams.err << "the branch stays: " << branch->error << "\n";
  }
  if (args.Has("--cost"))
    invocation.streams.err << "cost: " << wire::CostText(meter->Read()) << "\n";
  return 0;
}

}  // namespace tarn::cli
