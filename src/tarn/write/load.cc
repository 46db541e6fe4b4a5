#include "tarn/write/load.h"

#include <algorithm>
#include <filesystem>

#include "tarn/catalog/while_others_win.h"
#include "tarn/write/judge.h"
#include "tarn/write/load_context.h"
#include "tarn/write/plan_guard.h"
#include "tarn/write/record_reader.h"
#include "tarn/write/stage.h"

namespace tarn::write {
namespace {

const char* ModeName(LoadMode mode) {
  switch (mode) {
    case LoadMode::kAppend: return "append";
    case LoadMode::kMerge: return "merge";
    case LoadMode::kOverwrite: return "overwrite";
  }
  TARN_UNREACHABLE("a load mode without a name");
}

/// Reports where a load is.
class Progress {
 public:
  explicit Progress(const LoadOptions& options) : options_(options) {
    state_.bytes_total = options.bytes_total;
  }

  void Step(std::string step) {
    state_.step = std::move(step);
    Send();
  }
  void Read(uint64_t bytes, uint64_t records) {
    state_.bytes_read = bytes;
    state_.records = records;
    if (records % kProgressEveryRecords == 0) Send();
  }
  uint64_t records() const { return state_.records; }

 private:
  void Send() const {
    if (options_.progress) options_.progress(state_);
  }
  const LoadOptions& options_;
  LoadProgress state_;
};

Status ReadRecords(std::istream& input, const std::string& source_name, GraphRows& rows,
                   Progress& progress) {
  LoadContext& context = rows.context();
  RecordReader reader(input, context.problems);
  uint64_t records = 0;
  while (true) {
    Result<bool> found = reader.Next();
    if (!found.ok()) return std::move(found).status().While("reading " + source_name);
    if (!*found) break;
    TARN_RETURN_IF_ERROR(rows.Add(reader.record()));
    ++records;
    progress.Read(reader.bytes_read(), records);
    if (records % kCheckEveryRecords == 0) TARN_RETURN_IF_ERROR(context.request.Check());
  }
  TARN_RETURN_IF_ERROR(context.problems.ToStatus());
  TARN_RETURN_IF_ERROR(context.request.Check());
  return rows.Finish();
}

std::vector<LoadedType> Loaded(const GraphRows::Types& types) {
  std::vector<LoadedType> loaded;
  for (const auto& [name, type] : types) loaded.push_back({name, type->live_rows()});
  return loaded;
}

LoadResult ResultOf(const GraphRows& rows) {
  LoadResult result;
  result.nodes = Loaded(rows.nodes());
  result.edges = Loaded(rows.edges());
  for (const auto* types : {&result.nodes, &result.edges}) {
    for (const LoadedType& type : *types) result.total_entities += type.entities_loaded;
  }
  return result;
}

/// One attempt on top of the newest commit. kCommitConflict: nothing was written, another attempt
/// may succeed.
Result<LoadResult> Attempt(const Request& request, catalog::Catalog& catalog, Clock& clock,
                           UlidFactory& ulids, const OpenInput& open, const LoadOptions& options) {
  TARN_ASSIGN_OR_RETURN(catalog::Snapshot head,
                        catalog.Head(request.In(Phase::kPlan), options.branch));
  LoadContext context(request, std::move(head), clock, ulids, options);
  GraphRows rows(context);
  Progress progress(options);
  progress.Step("reading");
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<std::istream> input, open());
  TARN_RETURN_IF_ERROR(ReadRecords(*input, options.source_name, rows, progress));
  if (progress.records() == 0) return LoadResult();
  progress.Step("checking keys");
  TARN_RETURN_IF_ERROR(Judge(rows));
  PlanGuard guard(
      request, catalog,
      {.base = context.snapshot, .operation = fmt::format("load:{}", ModeName(options.mode))});
  const auto begin_type = [&progress](const std::string& label) {
    progress.Step("writing " + label);
  };
  TARN_RETURN_IF_ERROR(StageRows(catalog, rows, guard.plan(), begin_type));
  progress.Step("committing");
  LoadResult result = ResultOf(rows);
  TARN_ASSIGN_OR_RETURN(result.commit, catalog.Commit(request, guard.Take()));
  return result;
}

/// What an earlier request with the same id did. WRITE-60: a replay is recognised before any rule
/// is judged.
Result<std::optional<LoadResult>> FindReplay(const Request& request, catalog::Catalog& catalog,
                                             const std::string& branch) {
  if (request.request_id.empty()) return std::optional<LoadResult>();
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot head,
                        catalog.Head(request.In(Phase::kRead), branch));
  TARN_ASSIGN_OR_RETURN(const std::optional<catalog::RequestAnswer> answer,
                        catalog.FindRequest(request, head, request.request_id));
  if (!answer) return std::optional<LoadResult>();
  const catalog::CommitRecord* const found = &answer->commit;
  TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, catalog.At(request, found->id));
  LoadResult result;
  result.commit = *found;
  for (const catalog::TableChange& change : found->changes) {
    const auto& tables = snapshot.manifest().tables;
    const auto entry = std::ranges::find(tables, change.table_id, &catalog::TableEntry::id);
    if (entry == tables.end()) continue;
    auto& types = entry->kind == catalog::TableKind::kNode ? result.nodes : result.edges;
    types.push_back({entry->type_name, change.inserted + change.updated});
    result.total_entities += change.inserted + change.updated;
  }
  std::ranges::sort(result.nodes, {}, &LoadedType::name);
  std::ranges::sort(result.edges, {}, &LoadedType::name);
  return std::optional(std::move(result));
}

Status CheckOptions(const LoadOptions& options) {
  if (options.memory_bytes_max <= 0) {
    return Error(ErrorId::kInvalidArgument, "a load needs a memory limit above zero, got {}",
                 options.memory_bytes_max);
  }
  if (!options.spill_folder.empty() && !std::filesystem::path(options.spill_folder).is_absolute()) {
    return Error(ErrorId::kInvalidArgument,
                 "the folder for temporary files must be an absolute path, got '{}'",
                 options.spill_folder);
  }
  return Status::Ok();
}

}  // namespace

Result<LoadResult> Load(const Request& request, catalog::Catalog& catalog, Clock& clock,
                        const OpenInput& input, const LoadOptions& options) {
  TARN_RETURN_IF_ERROR(CheckOptions(options));
  TARN_ASSIGN_OR_RETURN(std::optional<LoadResult> replayed,
                        FindReplay(request, catalog, options.branch));
  if (replayed) return std::move(*replayed);
  LoadOptions affordable = options;
  affordable.memory_bytes_max = AffordableBytes(request, options.memory_bytes_max);
  BudgetHold hold = request.Hold("loading");
  TARN_RETURN_IF_ERROR(hold.Resize(affordable.memory_bytes_max));
  const uint32_t retries_max =
      options.mode == LoadMode::kOverwrite ? 0 : options.conflict_retries_max;
  UlidFactory ulids(clock);
  return catalog::WhileOthersWin(
      retries_max, [&] { return Attempt(request, catalog, clock, ulids, input, affordable); });
}

}  // namespace tarn::write
