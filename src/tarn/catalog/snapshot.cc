#include "tarn/catalog/snapshot.h"

#include "tarn/catalog/layout.h"

namespace tarn::catalog {

std::string Snapshot::UriOf(const TableEntry& entry) const { return Under(root_, entry.location); }

Result<std::unique_ptr<lance::Table>> Snapshot::OpenTable(const Request& request, TableKind kind,
                                                          std::string_view type_name) const {
  const TableEntry* entry = manifest_->FindTable(kind, type_name);
  if (entry == nullptr) {
    return Error(ErrorId::kUnknownType, "there is no {} type '{}' at commit {}",
                 TableKindName(kind), type_name, commit().id);
  }
  auto table = tables_->Open(request, UriOf(*entry), entry->version);
  const bool is_gone = !table.ok() && table.status().id() == ErrorId::kObjectNotFound;
  if (is_gone && commit().manifest_version < floor_) {
    return Error(ErrorId::kSnapshotExpired, "commit {} was cleaned up: version {} of {} is gone",
                 commit().id, entry->version, entry->Key())
        .WithHint("Read a newer commit. A tag keeps a commit for good.");
  }
  if (is_gone) {
    return Error(ErrorId::kCorruptData, "{} has no version {} of {}, which commit {} names",
                 entry->location, entry->version, entry->Key(), commit().id);
  }
  if (!table.ok()) return std::move(table).status().While(fmt::format("table {}", entry->Key()));
  return table;
}

}  // namespace tarn::catalog
