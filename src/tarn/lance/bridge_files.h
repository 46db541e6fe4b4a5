#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "tarn/lance/table.h"
#include "tarn/store/bridge_session.h"

/// The files that Lance keeps of a table, as the storage lists them.

namespace tarn::lance {

/// Files of one table. A table with more is too large to be looked through.
inline constexpr uint32_t kTableFilesMax = 16u << 20;

/// TableStore::Folders and TableStore::RemoveFolder.
Result<std::vector<std::string>> FoldersIn(const Request& request,
                                           const std::shared_ptr<const store::Session>& session,
                                           std::string_view folder);
Result<Removal> RemoveAllIn(const Request& request,
                            const std::shared_ptr<const store::Session>& session,
                            std::string_view folder, bool dry_run);

/// The files of a table and of its forks: of the kinds that a version may name, by what it calls
/// them.
struct TableFiles {
  /// By name: of a data file without its ending, which a folder of blobs may share; of deletions
  /// and transactions the file's own. Names are unique in a table and its forks.
  std::vector<std::pair<std::string, StrayFile>> by_name;
  std::set<std::string> forks;  ///< names of those that have a version
};
Result<TableFiles> FilesOf(const Request& request,
                           const std::shared_ptr<const store::Session>& session,
                           std::string_view uri);

/// What a version of a table names, in the same terms. No I/O.
Result<std::set<std::string>> NamesIn(const Table& table);

Status RemoveFilesOf(const Request& request, const std::shared_ptr<const store::Session>& session,
                     std::string_view uri, std::span<const StrayFile> files);

}  // namespace tarn::lance
