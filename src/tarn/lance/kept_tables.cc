#include "tarn/lance/kept_tables.h"

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace tarn::lance {
namespace {

/// Tables by address and version, least recently used ones dropped. Thread safe.
class Shelf {
 public:
  explicit Shelf(size_t tables_max) : tables_max_(tables_max) {}

  /// Null when it is not there.
  std::unique_ptr<Table> Find(std::string_view uri, uint64_t version) {
    std::lock_guard lock(mutex_);
    const auto found = place_.find(Key(uri, version));
    if (found == place_.end()) return nullptr;
    books_.splice(books_.begin(), books_, found->second);
    return books_.front().table->Clone();
  }

  /// Drops the versions of a table for which `gone` holds.
  template <typename Gone>
  void Forget(std::string_view uri, Gone&& gone) {
    ForgetIf([&](const Key& key) { return key.first == uri && gone(key.second); });
  }
  void ForgetBelow(std::string_view folder) {
    ForgetIf([folder](const Key& key) {
      return std::string_view(key.first).starts_with(folder) &&
             (key.first.size() == folder.size() || key.first[folder.size()] == '/');
    });
  }

  void Keep(const Table& table) {
    std::unique_ptr<Table> copy = table.Clone();
    Key key(table.uri(), table.version());
    std::unique_ptr<Table> dropped;  // outside the lock
    std::lock_guard lock(mutex_);
    if (place_.contains(key)) return;
    books_.push_front({key, std::move(copy)});
    place_[std::move(key)] = books_.begin();
    if (books_.size() <= tables_max_) return;
    dropped = std::move(books_.back().table);
    place_.erase(books_.back().key);
    books_.pop_back();
  }

 private:
  using Key = std::pair<std::string, uint64_t>;
  struct Book {
    Key key;
    std::unique_ptr<Table> table;
  };

  template <typename Gone>
  void ForgetIf(Gone&& gone) {
    std::lock_guard lock(mutex_);
    for (auto at = books_.begin(); at != books_.end();) {
      if (!gone(at->key)) {
        ++at;
        continue;
      }
      place_.erase(at->key);
      at = books_.erase(at);
    }
  }

  const size_t tables_max_;
  std::mutex mutex_;
  // All below is guarded by mutex_.
  std::list<Book> books_;  // used last first
  std::map<Key, std::list<Book>::iterator> place_;
};

class KeptTables final : public TableStore {
 public:
  KeptTables(std::unique_ptr<TableStore> store, size_t tables_max)
      : store_(std::move(store)), shelf_(tables_max) {}

  Result<std::unique_ptr<Table>> Open(const Request& request, std::string_view uri,
                                      std::optional<uint64_t> version) override {
    if (version) {
      if (std::unique_ptr<Table> kept = shelf_.Find(uri, *version)) return kept;
    }
    return Keep(store_->Open(request, uri, version));
  }
  Result<std::unique_ptr<Table>> CommitExact(const Request& request, const Table& base,
                                             Staged& staged,
                                             const CommitOptions& options) override {
    return Keep(store_->CommitExact(request, base, staged, options));
  }
  Result<std::unique_ptr<Table>> CommitCreate(const Request& request, Staged& staged,
                                              const CommitOptions& options) override {
    return Keep(store_->CommitCreate(request, staged, options));
  }
  Result<std::unique_ptr<Table>> Fork(const Request& request, const Table& base,
                                      std::string_view name, bool durable) override {
    return Keep(store_->Fork(request, base, name, durable));
  }
  Result<std::unique_ptr<Table>> RestoreExact(const Request& request, const Table& head,
                                              uint64_t to, std::string_view uuid,
                                              const CommitOptions& options) override {
    return Keep(store_->RestoreExact(request, head, to, uuid, options));
  }

  // What does not answer with a table goes through.
  Status DropFork(const Request& request, std::string_view uri) override {
    shelf_.Forget(uri, [](uint64_t) { return true; });
    return store_->DropFork(request, uri);
  }
  Result<std::vector<uint64_t>> Versions(const Request& request, const Table& table) override {
    return store_->Versions(request, table);
  }
  Result<Removal> RemoveVersions(const Request& request, const Table& newest,
                                 std::span<const uint64_t> versions, bool dry_run) override {
    if (!dry_run) {
      shelf_.Forget(newest.uri(), [versions](uint64_t version) {
        return std::find(versions.begin(), versions.end(), version) != versions.end();
      });
    }
    return store_->RemoveVersions(request, newest, versions, dry_run);
  }
  Result<std::vector<std::string>> Folders(const Request& request,
                                           std::string_view folder) override {
    return store_->Folders(request, folder);
  }
  Result<Removal> RemoveFolder(const Request& request, std::string_view folder,
                               bool dry_run) override {
    if (!dry_run) shelf_.ForgetBelow(folder);
    return store_->RemoveFolder(request, folder, dry_run);
  }
  Result<std::vector<StrayFile>> Strays(const Request& request, std::string_view uri) override {
    return store_->Strays(request, uri);
  }
  Status RemoveStrays(const Request& request, std::string_view uri,
                      std::span<const StrayFile> files) override {
    return store_->RemoveStrays(request, uri, files);
  }
  Result<bool> Exists(const Request& request, const Table& table, uint64_t version) override {
    return store_->Exists(request, table, version);
  }
  Result<std::unique_ptr<Staged>> StageCreate(const Request& request, std::string_view uri,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    return store_->StageCreate(request, uri, std::move(rows), options);
  }
  Result<std::unique_ptr<Staged>> StageAppend(const Request& request, const Table& base,
                                              std::unique_ptr<BatchStream> rows,
                                              const StageOptions& options) override {
    return store_->StageAppend(request, base, std::move(rows), options);
  }
  Result<std::unique_ptr<Staged>> StageOverwrite(const Request& request, const Table& base,
                                                 std::unique_ptr<BatchStream> rows,
                                                 const StageOptions& options) override {
    return store_->StageOverwrite(request, base, std::move(rows), options);
  }
  Result<std::unique_ptr<Staged>> StageDelta(const Request& request, const Table& base,
                                             RowDelta delta, const StageOptions& options) override {
    return store_->StageDelta(request, base, std::move(delta), options);
  }
  Result<std::unique_ptr<Staged>> StageColumns(const Request& request, const Table& base,
                                               std::vector<TableColumn> columns,
                                               const StageOptions& options) override {
    return store_->StageColumns(request, base, std::move(columns), options);
  }
  Result<std::unique_ptr<Staged>> Decode(std::string_view uri, std::string_view encoded) override {
    return store_->Decode(uri, encoded);
  }
  Result<ProbeOutcome> Probe(const Request& request, std::string_view uri, uint64_t version,
                             std::string_view uuid) override {
    return store_->Probe(request, uri, version, uuid);
  }

 private:
  Result<std::unique_ptr<Table>> Keep(Result<std::unique_ptr<Table>> table) {
    if (table.ok() && *table != nullptr) shelf_.Keep(**table);
    return table;
  }

  const std::unique_ptr<TableStore> store_;
  Shelf shelf_;
};

}  // namespace

std::unique_ptr<TableStore> KeepTables(std::unique_ptr<TableStore> store, size_t tables_max) {
  return std::make_unique<KeptTables>(std::move(store), tables_max);
}

}  // namespace tarn::lance
