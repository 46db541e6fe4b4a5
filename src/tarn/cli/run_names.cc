// The verbs of branches and tags.
#include <ostream>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

/// What a change of names works on.
struct Target {
  std::string uri;
  std::string name;
  std::unique_ptr<engine::Database> database;
};

Result<Target> Open(const Invocation& invocation, std::string_view verb) {
  Target target{.name = invocation.args.Get("NAME").value_or("")};
  TARN_ASSIGN_OR_RETURN(target.uri, StoreUri(invocation));
  TARN_ASSIGN_OR_RETURN(target.database, OpenDatabase(invocation, catalog::Access::kReadWrite));
  if (!invocation.quiet)
    invocation.streams.err << "tarn " << verb << " → " << target.uri << " (direct, local)\n";
  return target;
}

int Say(const Invocation& invocation, const std::string& json, const std::string& text) {
  invocation.streams.out << (invocation.args.Has("--json") ? json : text);
  return 0;
}

}  // namespace

Result<int> RunBranchCreate(Invocation& invocation) {
  const std::string from = invocation.args.Get("--from").value_or("main");
  TARN_ASSIGN_OR_RETURN(const Target target, Open(invocation, "branch create"));
  TARN_ASSIGN_OR_RETURN(const catalog::BranchEntry made,
                        target.database->CreateBranch(invocation.request, target.name, from));
  return Say(invocation, wire::BranchMadeJson(target.uri, from, made),
             fmt::format("made branch {} at commit {}\n", made.name, made.from));
}

Result<int> RunBranchList(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const std::vector<catalog::BranchEntry> branches,
                        database->Branches(invocation.request));
  return Say(invocation, wire::BranchesJson(branches), wire::BranchesText(branches));
}

Result<int> RunBranchDelete(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Target target, Open(invocation, "branch delete"));
  TARN_ASSIGN_OR_RETURN(const catalog::BranchEntry gone,
                        target.database->DeleteBranch(invocation.request, target.name));
  return Say(invocation, wire::NameGoneJson(target.uri, gone.name, invocation.request.actor),
             fmt::format("deleted branch {}\n", gone.name));
}

Result<int> RunTagCreate(Invocation& invocation) {
  const std::string from = invocation.args.Get("--from").value_or("main");
  TARN_ASSIGN_OR_RETURN(const Target target, Open(invocation, "tag create"));
  TARN_ASSIGN_OR_RETURN(const catalog::TagEntry made,
                        target.database->CreateTag(invocation.request, target.name, from));
  return Say(invocation, wire::TagJson(made),
             fmt::format("tagged commit {} as {}\n", made.commit, made.name));
}

Result<int> RunTagList(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadOnly));
  TARN_ASSIGN_OR_RETURN(const std::vector<catalog::TagEntry> tags,
                        database->Tags(invocation.request));
  return Say(invocation, wire::TagsJson(tags), wire::TagsText(tags));
}

Result<int> RunTagDelete(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const Target target, Open(invocation, "tag delete"));
  TARN_ASSIGN_OR_RETURN(const catalog::TagEntry gone,
                        target.database->DeleteTag(invocation.request, target.name));
  return Say(invocation, wire::NameGoneJson(target.uri, gone.name, invocation.request.actor),
             fmt::format("deleted tag {}; commit {} stays\n", gone.name, gone.commit));
}

}  // namespace tarn::cli
