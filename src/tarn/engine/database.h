#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/base/source.h"
#include "tarn/catalog/catalog.h"
#include "tarn/changes/compare.h"
#include "tarn/changes/feed.h"
#include "tarn/changes/merge.h"
#include "tarn/exec/execute.h"
#include "tarn/search/limits.h"
#include "tarn/store/meter.h"
#include "tarn/write/apply_schema.h"
#include "tarn/write/load.h"
#include "tarn/write/mutate.h"
#include "tarn/write/optimize.h"

namespace tarn::engine {

struct OpenOptions {
  catalog::Access access = catalog::Access::kReadWrite;
  catalog::Durability durability = catalog::Durability::kFull;
  /// Decoded tables, adjacency and key maps kept between queries, and a quarter of it for the ids
  /// that mutations look up. 0 keeps nothing; answers are the same.
  int64_t resident_bytes_max = int64_t{1} << 30;
  /// What stays in memory between queries draws on it, so that one budget can bound a process whose
  /// requests draw on it too. Outlives the database.
  MemoryBudget* memory = nullptr;
  /// Edges from which on adjacency is stored for the next process; answers are the same.
  uint64_t stored_topology_edges_min = search::kStoredTopologyEdgesMin;
  uint32_t batch_rows = 4096;  ///< tuples an operator hands on at once; answers are the same
  /// Local files go through the object store, so that meters and fault scripts see every call.
  /// Slower.
  bool count_local_calls = false;
};

/// Which commit a read sees: the head of a branch, or the commit that `as_of` means in its history,
/// as Catalog::AsOf takes it.
struct ReadTarget {
  std::string branch = "main";
  std::optional<std::string> as_of;
};

struct ReadRequest {
  const SourceText* source = nullptr;  ///< the query text; outlives the call
  std::string query_name;              ///< may be empty if the source holds one query
  std::string params_json;             ///< a JSON object, or empty
  ReadTarget target;
};

struct ReadAnswer {
  std::string query_name;
  std::string commit_id;  ///< the commit the rows were read at
  exec::ResultSet result;
  std::vector<Diagnostic> warnings;
  std::vector<std::string> undeclared;  ///< keys of the parameters that no parameter took
};

struct MutateRequest {
  const SourceText* source = nullptr;  ///< the query text; outlives the call
  std::string query_name;              ///< may be empty if the source holds one query
  std::string params_json;             ///< a JSON object, or empty
  write::MutateOptions options;
};

struct MutateAnswer {
  std::string query_name;
  std::string actor;
  write::MutateResult result;
  std::vector<Diagnostic> warnings;
};

/// One warehouse, open. Every verb pins what it reads, does its work and is done: request, work,
/// answer. The Database owns caches and stores; answers do not refer to it. Thread safe.
class Database {
 public:
  /// Makes a warehouse below `uri` (an absolute or relative folder, or a URI) with the given
  /// schema. Errors  the schema's diagnostics; kWarehouseExists; kForeignFolder.
  static Status Init(const Request& request, std::string_view uri, const SourceText& schema,
                     bool force, const OpenOptions& options);
  static Result<std::unique_ptr<Database>> Open(const Request& request, std::string_view uri,
                                                const OpenOptions& options);
  virtual ~Database() = default;

  virtual Result<ReadAnswer> Query(const Request& request, const ReadRequest& read) = 0;
  /// The plan of a read with its estimates; with `analyze` it is run and the actuals stand beside
  /// them.
  virtual Result<std::string> Explain(const Request& request, const ReadRequest& read,
                                      bool analyze) = 0;
  virtual Result<write::LoadResult> Load(const Request& request, const write::OpenInput& input,
                                         const write::LoadOptions& options) = 0;
  virtual Result<MutateAnswer> Mutate(const Request& request, const MutateRequest& mutation) = 0;
  /// Rewrites small files as larger ones; see write::Optimize.
  virtual Result<write::OptimizeResult> Optimize(const Request& request,
                                                 const write::OptimizeOptions& options) = 0;
  /// Removes what no kept commit needs, or says what would go; see catalog::Catalog::Cleanup.
  virtual Result<catalog::CleanupReport> Cleanup(const Request& request,
                                                 const catalog::CleanupOptions& options) = 0;
  virtual Status Export(const Request& request, const ReadTarget& target,
                        const std::vector<std::string>& types,
                        const std::function<Status(std::string_view)>& sink) = 0;
  virtual Result<catalog::Snapshot> Pin(const Request& request, const ReadTarget& target) = 0;
  /// The history of a branch, newest first.
  virtual Result<std::vector<catalog::CommitRecord>> Commits(const Request& request,
                                                             const std::string& branch) = 0;
  /// What it takes to make `wanted` the schema of a branch. Reads no rows, writes nothing.
  virtual Result<schema::Migration> PlanSchema(const Request& request, const ReadTarget& target,
                                               const SourceText& wanted) = 0;
  virtual Result<write::ApplyResult> ApplySchema(const Request& request, const SourceText& wanted,
                                                 const write::ApplyOptions& options) = 0;
  /// Recoveries and repair, as the catalog does them.
  virtual Result<std::vector<catalog::RecoveryRecord>> Recoveries(const Request& request,
                                                                  const std::string& branch) = 0;
  virtual Result<std::vector<catalog::PendingCommit>> Pending(const Request& request) = 0;
  virtual Status Recover(const Request& request) = 0;
  virtual Result<std::vector<catalog::TableDrift>> Drift(const Request& request,
                                                         const std::string& branch) = 0;
  virtual Result<std::optional<catalog::RecoveryRecord>> Repair(const Request& request,
                                                                const std::string& branch) = 0;
  virtual Result<std::string> SchemaSource(const Request& request, const ReadTarget& target) = 0;

  /// What is different at `to`, page by page.
  virtual Result<changes::Compared> Diff(const Request& request, const ReadTarget& from,
                                         const ReadTarget& to, const changes::Filter& filter,
                                         const std::string& page_token, size_t changes_max) = 0;
  /// How many rows of each type differ.
  virtual Result<std::vector<changes::TypeCount>> CountChanges(const Request& request,
                                                               const ReadTarget& from,
                                                               const ReadTarget& to,
                                                               const changes::Filter& filter) = 0;
  /// What one commit did.
  virtual Result<changes::Compared> ChangesOf(const Request& request, const std::string& commit,
                                              const changes::Filter& filter,
                                              const std::string& page_token,
                                              size_t changes_max) = 0;
  /// What happened on a branch since a cursor.
  virtual Result<changes::FeedPage> Poll(const Request& request,
                                         const changes::FeedRequest& feed) = 0;
  virtual Result<changes::Baseline> TakeBaseline(
      const Request& request, const std::string& branch, const changes::Filter& filter,
      const std::function<Status(std::string_view)>& sink) = 0;

  /// Branches and tags, as the catalog makes them.
  virtual Result<std::vector<catalog::BranchEntry>> Branches(const Request& request) = 0;
  virtual Result<catalog::BranchEntry> CreateBranch(const Request& request, const std::string& name,
                                                    const std::string& from) = 0;
  virtual Result<catalog::BranchEntry> DeleteBranch(const Request& request,
                                                    const std::string& name) = 0;
  /// Brings the changes of branch `source` into `target`; see changes::Merge.
  virtual Result<changes::MergeResult> MergeBranch(const Request& request,
                                                   const std::string& source,
                                                   const std::string& target,
                                                   const changes::MergeOptions& options) = 0;
  virtual Result<std::vector<catalog::TagEntry>> Tags(const Request& request) = 0;
  virtual Result<catalog::TagEntry> CreateTag(const Request& request, const std::string& name,
                                              const std::string& from) = 0;
  virtual Result<catalog::TagEntry> DeleteTag(const Request& request, const std::string& name) = 0;

  /// A meter to hang on a request.
  virtual std::unique_ptr<Meter> MakeMeter() = 0;
};

}  // namespace tarn::engine
