#include "tarn/catalog/catalog_state.h"

#include <algorithm>
#include <utility>

#include "tarn/catalog/layout.h"

namespace tarn::catalog {

Status NoBranch(std::string_view name) {
  return Error(ErrorId::kBranchNotFound, "branch '{}' not found", name)
      .WithHint("Run: tarn branch list");
}

Result<std::shared_ptr<const Manifest>> Catalog::State::LookAtMain(const Request& request) {
  TARN_ASSIGN_OR_RETURN(ManifestReader::Head head, main.reader->Look(request));
  return std::move(head.manifest);
}

Result<OpenLine*> Catalog::State::FindLine(const Request& request, std::string_view name) {
  if (name == kMainBranch) return &main;
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const Manifest> names, LookAtMain(request));
  const BranchEntry* entry = names->FindBranch(name);
  if (entry == nullptr) return NoBranch(name);
  return Open(request, entry->line());
}

Result<OpenLine*> Catalog::State::LineById(const Request& request, const Manifest& main_now,
                                           std::string_view id) {
  if (id == kMainBranch) return &main;
  const auto& branches = main_now.branches;
  const auto found = std::find_if(branches.begin(), branches.end(),
                                  [id](const BranchEntry& branch) { return branch.id == id; });
  if (found == branches.end()) {
    return Error(ErrorId::kCorruptData, "{}: no branch has the id {}, which a name stands on",
                 kManifestFolder, id);
  }
  return Open(request, found->line());
}

Result<OpenLine*> Catalog::State::Open(const Request& request, const Line& line) {
  if (line.id == kMainBranch) return &main;
  {
    std::lock_guard lock(mutex_);
    if (auto found = branch_by_id_.find(line.id); found != branch_by_id_.end())
      return found->second.get();
  }
  const std::string uri = Under(location.root, ManifestLocation(line.id));
  Result<std::unique_ptr<lance::Table>> newest = location.tables->Open(request, uri, std::nullopt);
  // Between the look at main and this, the branch may have been deleted and its files cleared away.
  if (!newest.ok() && newest.status().id() == ErrorId::kObjectNotFound) return NoBranch(line.name);
  TARN_RETURN_IF_ERROR(newest.status());
  TARN_ASSIGN_OR_RETURN(
      std::unique_ptr<ManifestReader> reader,
      ManifestReader::Open(request, location, warehouse_id, line, std::move(newest).value()));
  std::lock_guard lock(mutex_);
  auto [at, is_new] =
      branch_by_id_.try_emplace(line.id, std::make_unique<OpenLine>(std::move(reader)));
  return at->second.get();
}

OpenLine& Catalog::State::LineOf(const Snapshot& snapshot) {
  const Line& line = snapshot.manifest().line;
  if (line.id == kMainBranch) return main;
  std::lock_guard lock(mutex_);
  auto found = branch_by_id_.find(line.id);
  TARN_CHECK(found != branch_by_id_.end(), "a snapshot of another catalog");
  return *found->second;
}

void Catalog::State::Advance(const Request& request, OpenLine& line, Published& published) {
  std::shared_ptr<const lance::Table> table = std::move(published.manifest);
  const Line& of = line.reader->line();
  if (table == nullptr) {
    auto opened = location.tables->Open(request.In(Phase::kRead),
                                        Under(location.root, ManifestLocation(of.id)),
                                        published.record.manifest_version - of.first + 1);
    if (!opened.ok()) return;
    table = std::move(opened).value();
  }
  (void)line.reader->Advance(request.In(Phase::kRead), std::move(table), std::move(published.rows));
}

}  // namespace tarn::catalog
