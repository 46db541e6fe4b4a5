#include "tarn/catalog/manifest_log.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "tarn/catalog/layout.h"

namespace tarn::catalog {
namespace {

Status Broken(std::string_view key, uint64_t seq, std::string_view why) {
  return Error(ErrorId::kCorruptData, "{} row '{}' of version {}: {}", kManifestFolder, key, seq,
               why);
}

/// The second half of log-4 for branches and tags.
Status FollowName(std::string_view key, uint64_t seq, const RowContent& content, bool repeats,
                  std::set<std::string>& live) {
  const std::string name(key);
  const auto* branch = std::get_if<BranchEntry>(&content);
  const bool is_drop =
      std::holds_alternative<DroppedBranch>(content) || std::holds_alternative<DroppedTag>(content);
  const bool is_name = branch != nullptr || std::holds_alternative<TagEntry>(content);
  const bool is_close = branch != nullptr && branch->closing;
  if (!repeats && (is_drop || is_close) && !live.contains(name))
    return Broken(key, seq, "there was nothing of this name");
  if (!repeats && is_name && !is_close && live.contains(name))
    return Broken(key, seq, "the name is taken");
  if (is_drop) live.erase(name);
  if (is_name) live.insert(name);
  return Status::Ok();
}

/// log-7.
Status FollowBarrier(std::string_view key, uint64_t seq, const RowContent& content, bool repeats,
                     uint64_t& epoch) {
  const auto* barrier = std::get_if<BarrierEntry>(&content);
  if (barrier == nullptr) return Status::Ok();
  if (!repeats && barrier->epoch != epoch + 1)
    return Broken(key, seq, fmt::format("the barrier before it has epoch {}", epoch));
  epoch = barrier->epoch;
  return Status::Ok();
}

/// What a version may hold that makes no commit.
bool IsName(const RowContent& content) {
  struct Arms {
    bool operator()(const WarehouseEntry&) { return true; }
    bool operator()(const SchemaEntry&) { return false; }
    bool operator()(const TableEntry&) { return false; }
    bool operator()(const DroppedTable&) { return false; }
    bool operator()(const CommitRecord&) { return false; }
    bool operator()(const RequestEntry&) { return false; }
    bool operator()(const Checkpoint&) { return true; }
    bool operator()(const HeadEntry&) { return true; }
    bool operator()(const BranchEntry&) { return true; }
    bool operator()(const DroppedBranch&) { return true; }
    bool operator()(const TagEntry&) { return true; }
    bool operator()(const DroppedTag&) { return true; }
    bool operator()(const LineEntry&) { return true; }
    bool operator()(const FloorEntry&) { return true; }
    bool operator()(const BarrierEntry&) { return true; }
    bool operator()(const RecoveryRecord&) { return false; }
  };
  return std::visit(Arms{}, content);
}

}  // namespace

Result<std::vector<ManifestLog::Entry>> ManifestLog::Decode(uint64_t after, uint64_t version,
                                                            std::vector<ManifestRow> rows) {
  std::erase_if(rows, [after](const ManifestRow& row) { return row.seq <= after; });
  std::sort(rows.begin(), rows.end(), [](const ManifestRow& a, const ManifestRow& b) {
    return std::tie(a.seq, a.key) < std::tie(b.seq, b.key);
  });
  std::vector<Entry> entries;
  entries.reserve(rows.size());
  for (ManifestRow& row : rows) {
    if (row.seq > version)
      return Broken(row.key, row.seq, fmt::format("the manifest ends at version {}", version));
    if (!entries.empty() && entries.back().seq == row.seq && entries.back().key == row.key) {
      return Broken(row.key, row.seq, "it is there twice");
    }
    TARN_ASSIGN_OR_RETURN(RowContent content, DecodeRow(row));
    entries.push_back({row.seq, std::move(row.key), std::move(content)});
  }
  return entries;
}

Status ManifestLog::CheckCommits(const std::vector<Entry>& entries) const {
  std::string_view last = state_.head.id;
  for (auto group = entries.begin(); group != entries.end();) {
    const CommitRecord* commit = nullptr;
    const CommitRecord* head = nullptr;
    bool names_only = true;
    auto row = group;
    for (; row != entries.end() && row->seq == group->seq; ++row) {
      names_only = names_only && IsName(row->content);
      if (const auto* entry = std::get_if<HeadEntry>(&row->content)) head = &entry->commit;
      const auto* found = std::get_if<CommitRecord>(&row->content);
      if (found == nullptr) continue;
      if (commit != nullptr) return Broken(row->key, row->seq, "its version has another commit");
      if (commit_by_id_.contains(found->id))
        return Broken(row->key, row->seq, "the commit is there already");
      if (!last.empty() && found->parent_id != last) {
        return Broken(row->key, row->seq,
                      fmt::format("its parent is not the commit before it, {}", last));
      }
      commit = found;
    }
    // A checkpoint that makes no commit repeats the state, and so tables.
    if (commit == nullptr && head == nullptr && (!names_only || last.empty()))
      return Broken(group->key, group->seq, "its version has no commit");
    if (head != nullptr && (commit != nullptr || (!last.empty() && head->id != last)))
      return Broken("head", group->seq, "it names another commit than the newest");
    last = commit != nullptr ? std::string_view(commit->id)
           : head != nullptr ? std::string_view(head->id)
                             : last;
    group = row;
  }
  return Status::Ok();
}

Status ManifestLog::CheckClosed(const std::vector<Entry>& entries, bool closed) {
  uint64_t closed_at = 0;
  for (const Entry& entry : entries) {
    if (const auto* line = std::get_if<LineEntry>(&entry.content)) {
      closed = line->closed;
      closed_at = entry.seq;
    }
    const bool is_commit = std::holds_alternative<CommitRecord>(entry.content);
    if (is_commit && closed && entry.seq != closed_at)
      return Broken(entry.key, entry.seq, "a commit after the branch was closed");
  }
  return Status::Ok();
}

void ManifestLog::Fold(const RowContent& content, ManifestState& state) {
  struct Arms {
    ManifestState& state;
    void operator()(const WarehouseEntry& entry) {
      state.warehouse_id = entry.id;
      state.format = entry.format;
    }
    void operator()(const SchemaEntry& entry) { state.schema = entry; }
    void operator()(const TableEntry& table) { state.tables.insert_or_assign(table.id, table); }
    void operator()(const DroppedTable& table) { state.tables.erase(table.id); }
    void operator()(const CommitRecord& commit) { state.head = commit; }
    void operator()(const RequestEntry&) {}
    void operator()(const Checkpoint&) {}
    void operator()(const HeadEntry& head) { state.head = head.commit; }
    void operator()(const BranchEntry& branch) {
      state.branches.insert_or_assign(branch.name, branch);
    }
    void operator()(const DroppedBranch& branch) { state.branches.erase(branch.name); }
    void operator()(const TagEntry& tag) { state.tags.insert_or_assign(tag.name, tag); }
    void operator()(const DroppedTag& tag) { state.tags.erase(tag.name); }
    void operator()(const LineEntry& entry) { state.line = entry; }
    void operator()(const FloorEntry& floor) {
      state.floors.insert_or_assign(floor.line_id, floor);
    }
    void operator()(const BarrierEntry& barrier) { state.barrier = barrier; }
    void operator()(const RecoveryRecord&) {}
  };
  std::visit(Arms{state}, content);
}

Status ManifestLog::CheckState(const std::vector<Entry>& entries, const ManifestState& before,
                               const ManifestState& after) {
  std::set<std::string_view> known;
  for (const auto& [id, table] : before.tables) known.insert(id);
  std::set<std::string> live;
  for (const auto& [name, branch] : before.branches) live.insert("branch/" + name);
  for (const auto& [name, tag] : before.tags) live.insert("tag/" + name);
  WarehouseEntry warehouse{.id = before.warehouse_id, .format = before.format};
  uint64_t epoch = before.barrier.epoch;
  std::set<uint64_t> checkpoints;  // they repeat what is known, and may be all that is known
  for (const Entry& entry : entries) {
    if (std::holds_alternative<Checkpoint>(entry.content)) checkpoints.insert(entry.seq);
  }
  for (const Entry& entry : entries) {
    const bool repeats = checkpoints.contains(entry.seq);
    TARN_RETURN_IF_ERROR(FollowName(entry.key, entry.seq, entry.content, repeats, live));
    TARN_RETURN_IF_ERROR(FollowBarrier(entry.key, entry.seq, entry.content, repeats, epoch));
    if (const auto* table = std::get_if<TableEntry>(&entry.content)) known.insert(table->id);
    const auto* dropped = std::get_if<DroppedTable>(&entry.content);
    if (dropped != nullptr && known.erase(dropped->id) == 0 && !repeats) {
      return Broken(entry.key, entry.seq, "no such table was there to drop");
    }
    const auto* found = std::get_if<WarehouseEntry>(&entry.content);
    if (found == nullptr) continue;
    if (!warehouse.id.empty() && found->id != warehouse.id) {
      return Broken(entry.key, entry.seq, "another warehouse than the row before it");
    }
    if (found->format < warehouse.format) {
      return Broken(entry.key, entry.seq, "an older format than the row before it");
    }
    warehouse = *found;
  }
  if (after.warehouse_id.empty() || after.schema.id.empty()) {
    return Error(ErrorId::kCorruptData, "{} has no {} row", kManifestFolder,
                 after.warehouse_id.empty() ? "warehouse" : "schema");
  }
  std::set<std::string> names;
  for (const auto& [id, table] : after.tables) {
    if (!names.insert(table.Key()).second) {
      return Error(ErrorId::kCorruptData, "{} row 'table/{}': there is another table of {}",
                   kManifestFolder, id, table.Key());
    }
  }
  return Status::Ok();
}

Status ManifestLog::CheckBeginning(const std::vector<Entry>& entries) const {
  if (floor_ > 0) return Status::Ok();
  if (entries.empty()) return Error(ErrorId::kCorruptData, "{} has no rows", kManifestFolder);
  const uint64_t first = entries.front().seq;
  if (first == 1) return Status::Ok();
  uint64_t rows = 0;
  uint64_t promised = 0;
  for (auto entry = entries.begin(); entry != entries.end() && entry->seq == first; ++entry) {
    ++rows;
    if (const auto* found = std::get_if<Checkpoint>(&entry->content)) promised = found->rows;
  }
  if (rows == promised) return Status::Ok();
  return Error(ErrorId::kCorruptData,
               "{} begins with version {}, which is no checkpoint: it has {} rows, {} are promised",
               kManifestFolder, first, rows, promised);
}

Status ManifestLog::Advance(uint64_t version, std::vector<ManifestRow> rows) {
  if (version <= state_.version) return Status::Ok();
  TARN_ASSIGN_OR_RETURN(std::vector<Entry> entries,
                        Decode(state_.version, version, std::move(rows)));
  TARN_RETURN_IF_ERROR(CheckBeginning(entries));
  TARN_RETURN_IF_ERROR(CheckCommits(entries));
  TARN_RETURN_IF_ERROR(CheckClosed(entries, state_.line.closed));
  ManifestState next = state_;
  for (const Entry& entry : entries) Fold(entry.content, next);
  next.version = version;
  TARN_RETURN_IF_ERROR(CheckState(entries, state_, next));
  state_ = std::move(next);
  if (floor_ == 0) floor_ = entries.front().seq;
  const size_t known = commits_.size();
  for (Entry& entry : entries) {
    if (auto* commit = std::get_if<CommitRecord>(&entry.content)) {
      commits_.push_back(std::move(*commit));
      continue;
    }
    if (const auto* request = std::get_if<RequestEntry>(&entry.content)) {
      request_by_id_[request->request_id] = *request;
    }
    entries_.push_back(std::move(entry));
  }
  Index(known);
  return Status::Ok();
}

/// The commits from this place on are new there.
void ManifestLog::Index(size_t from) {
  for (size_t i = from; i < commits_.size(); ++i) commit_by_id_[commits_[i].id] = i;
}

Status ManifestLog::Complete(ManifestLog older) {
  const std::string& last = older.state_.head.id;
  const bool meets =
      older.floor_ == 1 && older.version() + 1 == floor_ && !last.empty() &&
      (commits_.empty() ? state_.head.id == last : commits_.front().parent_id == last) &&
      older.state_.warehouse_id == state_.warehouse_id;
  if (!meets) {
    return Error(ErrorId::kCorruptData, "{}: the history before version {} does not lead to it",
                 kManifestFolder, floor_);
  }
  older.entries_.insert(older.entries_.end(), std::make_move_iterator(entries_.begin()),
                        std::make_move_iterator(entries_.end()));
  older.commits_.insert(older.commits_.end(), std::make_move_iterator(commits_.begin()),
                        std::make_move_iterator(commits_.end()));
  older.request_by_id_.merge(request_by_id_);
  older.Index(0);
  older.state_ = std::move(state_);
  *this = std::move(older);
  return Status::Ok();
}

std::vector<RowContent> StateRows(const ManifestState& state) {
  std::vector<RowContent> rows = {state.schema};
  for (const auto& [id, table] : state.tables) rows.emplace_back(table);
  for (const auto& [name, branch] : state.branches) rows.emplace_back(branch);
  for (const auto& [name, tag] : state.tags) rows.emplace_back(tag);
  for (const auto& [line, floor] : state.floors) rows.emplace_back(floor);
  if (state.barrier.epoch > 0) rows.emplace_back(state.barrier);
  if (state.line.line != Line()) rows.emplace_back(state.line);
  rows.emplace_back(WarehouseEntry{.id = state.warehouse_id, .format = state.format});
  return rows;
}

std::map<std::string, TableEntry> ManifestLog::TablesEver() const {
  std::map<std::string, TableEntry> tables;
  for (const Entry& entry : entries_) {
    if (const auto* table = std::get_if<TableEntry>(&entry.content))
      tables.insert_or_assign(table->location, *table);
  }
  return tables;
}

std::map<std::string, BranchEntry> ManifestLog::BranchesEver() const {
  std::map<std::string, BranchEntry> branches;
  for (const Entry& entry : entries_) {
    if (const auto* branch = std::get_if<BranchEntry>(&entry.content))
      branches.insert_or_assign(branch->id, *branch);
  }
  return branches;
}

std::set<std::string> ManifestLog::SchemasEver() const {
  std::set<std::string> schemas;
  for (const Entry& entry : entries_) {
    if (const auto* schema = std::get_if<SchemaEntry>(&entry.content)) schemas.insert(schema->id);
  }
  return schemas;
}

ManifestState ManifestLog::StateAt(const CommitRecord& commit) const {
  if (state_.head.id == commit.id) return state_;
  ManifestState state;
  for (const Entry& entry : entries_) {
    if (entry.seq > commit.manifest_version) break;
    Fold(entry.content, state);
  }
  state.version = commit.manifest_version;
  state.head = commit;
  return state;
}

const CommitRecord* ManifestLog::FindCommit(std::string_view id) const {
  auto found = commit_by_id_.find(id);
  return found == commit_by_id_.end() ? nullptr : &commits_[found->second];
}

std::vector<std::string> ManifestLog::FindByPrefix(std::string_view prefix) const {
  std::vector<std::string> ids;
  for (auto at = commit_by_id_.lower_bound(prefix);
       at != commit_by_id_.end() && at->first.starts_with(prefix) && ids.size() < 2; ++at) {
    ids.push_back(at->first);
  }
  return ids;
}

std::vector<RecoveryRecord> ManifestLog::Recoveries() const {
  std::vector<RecoveryRecord> recoveries;
  for (const Entry& entry : entries_) {
    if (const auto* found = std::get_if<RecoveryRecord>(&entry.content))
      recoveries.push_back(*found);
  }
  return recoveries;
}

std::optional<RequestAnswer> ManifestLog::FindRequest(std::string_view request_id) const {
  const auto found = request_by_id_.find(request_id);
  if (found == request_by_id_.end()) return std::nullopt;
  const CommitRecord* const commit = FindCommit(found->second.commit_id);
  if (commit == nullptr) return std::nullopt;
  return RequestAnswer{*commit, found->second.affected_nodes, found->second.affected_edges};
}

}  // namespace tarn::catalog
