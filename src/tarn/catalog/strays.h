#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/catalog_state.h"

/// What a warehouse holds that nothing names: staged by commits that were given up, or left behind
/// by a writer, an init or a removal that ended early.
///
/// Invariants
///   stray-1  A candidate is listed first; then every line whose writers could still name it is
///            given a barrier; then it is looked for once more, and only what is found both times
///            goes. What was staged before a barrier cannot land after it (Catalog::Commit), so
///            what no version, no row and no intent names then will never be named.
///   stray-2  Names are used once: of files, forks, tables, branches and schemas. So a removal may
///            come as late as it likes, twice, or beside another one; it needs no lease.
///   stray-3  Age is a courtesy to writers at work, who would have to stage anew. The barrier
///   decides.

namespace tarn::catalog {

/// One such thing.
struct Stray {
  enum class Kind : uint8_t {
    kFile,    ///< of a table or a manifest
    kFork,    ///< of a table, with all that is in it
    kFolder,  ///< of a table or a branch, with all that is in it
    kObject,  ///< half of a schema
  };
  Kind kind = Kind::kFile;
  std::string path;    ///< relative to the root
  std::string folder;  ///< kFile: the table's; `path` begins with it
  std::string line;    ///< only plans on this line could name it; empty = any plan could
  uint64_t files = 1;
  uint64_t bytes = 0;
};

/// By path. Those that are younger than `older_than_micros` are left out.
Result<std::vector<Stray>> FindStrays(const Request& request, Catalog::State& state,
                                      int64_t older_than_micros);

/// Of `before`, listed before the barriers, what is still named by nothing.
Result<std::vector<Stray>> StillStrays(const Request& request, Catalog::State& state,
                                       const std::vector<Stray>& before);

/// Removes them. An error leaves the rest to the next cleanup.
Status RemoveStrays(const Request& request, const Location& location,
                    const std::vector<Stray>& strays);

}  // namespace tarn::catalog
