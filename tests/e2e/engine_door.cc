// The engine's verbs, over the in-memory fakes or over the bridge on a folder.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "player.h"
#include "tarn/engine/memory_warehouse.h"
#include "tarn/wire/cell.h"
#include "tarn/wire/changes.h"
#include "tarn/wire/schema_reports.h"

namespace tarn::e2e {
namespace {

std::vector<std::string> RowsOf(const exec::ResultSet& result) {
  std::vector<std::string> lines(1);
  for (size_t c = 0; c < result.columns.size(); ++c)
    lines[0] += (c > 0 ? " | " : "") + result.columns[c];
  for (int64_t row = 0; row < result.rows->num_rows(); ++row) {
    std::string line;
    for (size_t c = 0; c < result.columns.size(); ++c) {
      const arrow::Array& column = *result.rows->column(static_cast<int>(c));
      line += (c > 0 ? " | " : "") +
              (column.IsNull(row) ? "null" : wire::CellText(column, row, result.types[c]));
    }
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class EngineDoor final : public Door {
 public:
  EngineDoor(const Mode& mode, std::filesystem::path folder)
      : options_{.durability = catalog::Durability::kProcess,
                 .resident_bytes_max = mode.resident_bytes_max,
                 .stored_topology_edges_min = mode.stored_topology_edges_min,
                 .batch_rows = mode.batch_rows},
        folder_(std::move(folder)),
        memory_(mode.store == "memory" ? engine::MemoryWarehouse::Make() : nullptr) {}

  Status Init(const std::string& schema_path) override {
    std::ostringstream text;
    text << std::ifstream(schema_path).rdbuf();
    const SourceText schema(schema_path, text.str());
    if (memory_ != nullptr) {
      TARN_RETURN_IF_ERROR(memory_->Init(Request(), schema));
    } else {
      std::filesystem::create_directories(folder_.parent_path());
      TARN_RETURN_IF_ERROR(
          engine::Database::Init(Request(), folder_.string(), schema, false, options_));
    }
    return Reopen();
  }

  Status Reopen() override {
    database_.reset();
    auto opened = memory_ != nullptr
                      ? memory_->Open(Request(), options_)
                      : engine::Database::Open(Request(), folder_.string(), options_);
    if (!opened.ok()) return opened.status();
    database_ = std::move(*opened);
    return Status::Ok();
  }

  Reply Load(const std::string& mode, const std::string& data_path,
             const std::string& branch) override {
    write::LoadOptions options{.branch = branch,
                               .source_name = std::filesystem::path(data_path).filename().string(),
                               .spill_folder = std::filesystem::temp_directory_path().string()};
    options.mode = mode == "append"  ? write::LoadMode::kAppend
                   : mode == "merge" ? write::LoadMode::kMerge
                                     : write::LoadMode::kOverwrite;
    const auto input = [&]() -> Result<std::unique_ptr<std::istream>> {
      return std::unique_ptr<std::istream>(
          std::make_unique<std::ifstream>(data_path, std::ios::binary));
    };
    return {database_->Load(Request(), input, options).status(), {}};
  }

  Reply Apply(const std::string& schema_path, const std::string& branch) override {
    std::ostringstream text;
    text << std::ifstream(schema_path).rdbuf();
    const auto applied = database_->ApplySchema(
        Request(), SourceText(std::filesystem::path(schema_path).filename().string(), text.str()),
        {.branch = branch, .spill_folder = std::filesystem::temp_directory_path().string()});
    if (!applied.ok()) return {applied.status(), {}};
    return {Status::Ok(), Lines(wire::SchemaApplyText(*applied))};
  }

  Reply Query(const std::string& text, const std::string& name, const std::string& params,
              const engine::ReadTarget& target) override {
    const SourceText source("test.gq", text);
    auto answer = database_->Query(
        Request(),
        {.source = &source, .query_name = name, .params_json = params, .target = target});
    if (!answer.ok()) return {answer.status(), {}};
    return {Status::Ok(), RowsOf(answer->result)};
  }

  Reply Mutate(const std::string& text, const std::string& name, const std::string& params,
               const std::string& branch) override {
    const SourceText source("test.gq", text);
    auto answer = database_->Mutate(Request(), {.source = &source,
                                                .query_name = name,
                                                .params_json = params,
                                                .options = {.branch = branch}});
    if (!answer.ok()) return {answer.status(), {}};
    const write::MutateResult& result = answer->result;
    return {
        Status::Ok(),
        {std::to_string(result.affected_nodes) + " nodes, " +
         std::to_string(result.affected_edges) + " edges" + (result.commit ? "" : ", no commit")}};
  }

  Reply Explain(const std::string& text, const std::string& name,
                const std::string& params) override {
    const SourceText source("test.gq", text);
    auto plan = database_->Explain(
        Request(), {.source = &source, .query_name = name, .params_json = params, .target = {}},
        false);
    if (!plan.ok()) return {plan.status(), {}};
    return {Status::Ok(), Lines(*plan)};
  }

  Reply Export(const engine::ReadTarget& target) override {
    Reply reply;
    reply.status = database_->Export(Request(), target, {}, [&](std::string_view line) {
      reply.lines.emplace_back(line);
      return Status::Ok();
    });
    return reply;
  }

  Status MakeName(const std::string& kind, const std::string& name,
                  const std::string& from) override {
    return kind == "tag" ? database_->CreateTag(Request(), name, from).status()
                         : database_->CreateBranch(Request(), name, from).status();
  }
  Reply Merge(const std::string& source, const std::string& target,
              const std::vector<std::string>& keep) override {
    changes::MergeOptions options;
    if (!keep.empty()) {
      options.keep = keep[0] == "ours" ? changes::Keep::kOurs : changes::Keep::kTheirs;
    }
    const auto merged = database_->MergeBranch(Request(), source, target, options);
    if (!merged.ok()) return {merged.status(), {}};
    return {Status::Ok(), Lines(wire::MergeText(source, target, false, *merged))};
  }
  Status DeleteName(const std::string& kind, const std::string& name) override {
    return kind == "tag" ? database_->DeleteTag(Request(), name).status()
                         : database_->DeleteBranch(Request(), name).status();
  }
  Result<std::vector<std::string>> BranchNames() override {
    TARN_ASSIGN_OR_RETURN(const auto branches, database_->Branches(Request()));
    std::vector<std::string> names = {"main"};
    for (const catalog::BranchEntry& branch : branches) names.push_back(branch.name);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::vector<std::string>> CommitIds(const std::string& branch) override {
    TARN_ASSIGN_OR_RETURN(const auto commits, database_->Commits(Request(), branch));
    std::vector<std::string> ids;
    for (const catalog::CommitRecord& commit : commits) ids.insert(ids.begin(), commit.id);
    return ids;
  }

 private:
  const engine::OpenOptions options_;
  const std::filesystem::path folder_;
  std::unique_ptr<engine::MemoryWarehouse> memory_;
  std::unique_ptr<engine::Database> database_;
};

}  // namespace

std::unique_ptr<Door> OpenEngineDoor(const Mode& mode, const std::filesystem::path& folder) {
  return std::make_unique<EngineDoor>(mode, folder);
}

}  // namespace tarn::e2e
