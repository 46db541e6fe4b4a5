#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/filter.h"

namespace tarn::lance {

/// Batches pulled one at a time. Not thread safe.
class BatchStream {
 public:
  virtual ~BatchStream() = default;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  /// The next batch, or nullptr at the end. Obeys the request it was opened with.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
};

/// Batches that exist already, as a stream.
std::unique_ptr<BatchStream> StreamOf(std::shared_ptr<arrow::Schema> schema,
                                      std::vector<std::shared_ptr<arrow::RecordBatch>> batches);
/// Pulls `stream` to its end. For results that are known to be small.
Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> ReadAll(BatchStream& stream);

/// Virtual columns a scan may add, all uint64.
inline constexpr std::string_view kRowIdColumn =
    "_rowid";  ///< stable across updates and compaction
inline constexpr std::string_view kRowAddrColumn =
    "_rowaddr";  ///< where the row is in this version

struct ScanSpec {
  std::vector<std::string> columns = {};  ///< in output order; empty = no data columns
  std::optional<Filter> filter = {};
  std::optional<std::vector<uint64_t>> fragments = {};  ///< ids; only their rows. Absent = all
  bool row_id = false;                                  ///< appended after the columns
  bool row_addr = false;                                ///< appended after the row id
  std::optional<uint64_t> limit = {};
  uint32_t batch_rows = 8192;
  bool in_order = true;  ///< rows in storage order
};

struct TableFacts {
  uint64_t rows = 0;
  uint64_t bytes = 0;
  uint64_t fragments = 0;
};

/// A run of rows that is stored, and rewritten, as one.
struct Fragment {
  uint64_t id = 0;
  uint64_t rows = 0;           ///< live ones
  uint64_t gone = 0;           ///< stored, but deleted
  std::string data = {};       ///< names its files, which never change; the same on a fork
  std::string deletions = {};  ///< names what says which of its rows are gone; empty = none are
};

/// One Lance dataset pinned at one version. Immutable and thread safe; cheap to copy through Clone.
class Table {
 public:
  virtual ~Table() = default;
  virtual uint64_t version() const = 0;
  virtual const std::string& uri() const = 0;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  virtual Result<TableFacts> Facts() const = 0;
  /// Oldest first: a later one was written by the same or a later version. No I/O.
  virtual Result<std::vector<Fragment>> Fragments() const = 0;
  virtual std::unique_ptr<Table> Clone() const = 0;

  virtual Result<std::unique_ptr<BatchStream>> Scan(const Request& request,
                                                    const ScanSpec& spec) const = 0;
  /// Rows by stable id, in the order of `row_ids`, with the first column "_rowid"; unknown or
  /// deleted ids are left out. `columns` may name kRowAddrColumn too.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Take(
      const Request& request, std::span<const uint64_t> row_ids,
      const std::vector<std::string>& columns) const = 0;
};

/// A staged transaction on one table: its files exist, nothing is visible. Move only; dropping it
/// leaves the files to Discard or to a later sweep.
class Staged {
 public:
  virtual ~Staged() = default;
  virtual const std::string& uri() const = 0;
  virtual std::string uuid() const = 0;
  virtual bool creates_table() const = 0;
  /// The sidecar form: everything another process needs to finish this transaction.
  virtual Result<std::string> Encode() const = 0;
  virtual Result<std::vector<std::pair<std::string, uint64_t>>> Files() const = 0;
  virtual Status Sync(const Request& request) = 0;
  /// Do all staged files exist with their sizes? kCorruptData names the first that does not.
  virtual Status Verify(const Request& request) = 0;
  virtual Status Discard(const Request& request) = 0;
};

struct StageOptions {
  std::vector<std::pair<std::string, std::string>> properties =
      {};  ///< kept in the transaction: commit id, actor
  uint64_t rows_per_file_max = 1 << 20;
};

/// Rows of one table that change in one version.
struct RowDelta {
  std::vector<uint64_t> gone;  ///< row addresses of deleted rows and of old images of updated rows
  std::unique_ptr<BatchStream>
      updated;  ///< new images, in the order of `updated_row_ids`; may be null
  std::vector<uint64_t> updated_row_ids;  ///< stable row ids, one per updated row
  std::unique_ptr<BatchStream> inserted;  ///< may be null
};

/// One column of a table as it becomes.
struct TableColumn {
  std::shared_ptr<arrow::Field> field;  ///< name, type, metadata; whether it may be null
  std::string from = {};  ///< the column of the base that it continues; empty = it is new
  /// What the rows there are hold in a new column; null pointer = null.
  std::shared_ptr<arrow::Scalar> fill = nullptr;
};

struct CommitOptions {
  bool trust_expected =
      false;            ///< the caller vouches that `expected` is the newest version: no list
  bool durable = true;  ///< fsync before the answer
};

/// What went away, or would.
struct Removal {
  uint64_t versions = 0;
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t failed = 0;  ///< files that storage did not let go; the next removal finds them again
};

/// A file below a table that no version names.
struct StrayFile {
  std::string path;  ///< relative to the table, also when it is a fork's
  uint64_t bytes = 0;
  int64_t modified_micros = 0;  ///< since 1970, by the storage's clock; 0 = it does not tell
};

enum class ProbeOutcome : uint8_t { kOurs, kForeign, kAbsent };

/// Opens, stages and commits tables. Thread safe. Staging reads `rows` to its end, on another
/// thread than the caller's; an error of `rows` is the error of the call. A `uri` is an absolute
/// folder or a URI, of a table or of a fork of one (fork_uri.h).
class TableStore {
 public:
  virtual ~TableStore() = default;

  /// Newest version when `version` is absent. kObjectNotFound when there is no such table or
  /// version.
  virtual Result<std::unique_ptr<Table>> Open(const Request& request, std::string_view uri,
                                              std::optional<uint64_t> version) = 0;
  /// Does this version of the table exist? One probe, no list.
  virtual Result<bool> Exists(const Request& request, const Table& table, uint64_t version) = 0;

  /// kObjectExists when there is a table at `uri` already.
  virtual Result<std::unique_ptr<Staged>> StageCreate(const Request& request, std::string_view uri,
                                                      std::unique_ptr<BatchStream> rows,
                                                      const StageOptions& options) = 0;
  /// Columns are found by name, in any order; a missing nullable one is null.
  /// kStorageSchemaMismatch for an unknown or missing column or another type; kInvalidArgument for
  /// null where none is allowed.
  virtual Result<std::unique_ptr<Staged>> StageAppend(const Request& request, const Table& base,
                                                      std::unique_ptr<BatchStream> rows,
                                                      const StageOptions& options) = 0;
  /// The rows bring their own schema. Row ids go on from where they were.
  virtual Result<std::unique_ptr<Staged>> StageOverwrite(const Request& request, const Table& base,
                                                         std::unique_ptr<BatchStream> rows,
                                                         const StageOptions& options) = 0;
  /// kInvalidArgument when a gone address is not a live row of `base` or comes twice, a count does
  /// not match, or an updated id is not the id of a row that goes.
  virtual Result<std::unique_ptr<Staged>> StageDelta(const Request& request, const Table& base,
                                                     RowDelta delta,
                                                     const StageOptions& options) = 0;
  /// Gives the rows of `base` these columns, in this order, and no others. No row moves and row ids
  /// stay; only values that change are written: a renamed column, one that may be null from now
  /// on, and a new one that is null cost no file. A continued column keeps its type or takes a
  /// wider number type (CheckTableColumns). kInvalidArgument for anything else, or for a new
  /// column that must not be null and has no fill. kUnsupported for a blob column that changes its
  /// nullability together with new columns.
  virtual Result<std::unique_ptr<Staged>> StageColumns(const Request& request, const Table& base,
                                                       std::vector<TableColumn> columns,
                                                       const StageOptions& options) = 0;
  /// kCorruptData for bytes that Encode did not write.
  virtual Result<std::unique_ptr<Staged>> Decode(std::string_view uri,
                                                 std::string_view encoded) = 0;

  /// Lands at exactly base.version() + 1, or kFenced and no effect; kCommitUnknown when the answer
  /// was lost. A transaction that has landed there already, whoever committed it, is success: redo
  /// needs no probe. kInvalidArgument for a transaction that was not staged on exactly this version
  /// of this table.
  virtual Result<std::unique_ptr<Table>> CommitExact(const Request& request, const Table& base,
                                                     Staged& staged,
                                                     const CommitOptions& options) = 0;
  /// Creates the table at version 1, or kFenced when one exists; success when this transaction made
  /// it already.
  virtual Result<std::unique_ptr<Table>> CommitCreate(const Request& request, Staged& staged,
                                                      const CommitOptions& options) = 0;
  /// Makes the content of the older version `to` the newest again: lands at exactly
  /// head.version() + 1 as a transaction of this uuid, so that doing it twice is doing it once.
  /// kFenced and no effect when another transaction stands there; kObjectNotFound when `to` is
  /// gone.
  virtual Result<std::unique_ptr<Table>> RestoreExact(const Request& request, const Table& head,
                                                      uint64_t to, std::string_view uuid,
                                                      const CommitOptions& options) = 0;
  /// A second line of versions of `base`'s table, named `name`: it shares the files of `base`, and
  /// goes on from its version number as a table of its own at ForkUri. Row ids given out on both
  /// lines from then on may be equal. Not atomic: a call that fails may leave the name taken, so a
  /// name is used once. kObjectExists when it is taken.
  virtual Result<std::unique_ptr<Table>> Fork(const Request& request, const Table& base,
                                              std::string_view name, bool durable) = 0;
  /// Deletes a fork with every file that only it has; one that is not there, or half made, is
  /// success. kStorageConflict when a fork of it exists.
  virtual Status DropFork(const Request& request, std::string_view uri) = 0;
  /// The versions there are, oldest first. Lists.
  virtual Result<std::vector<uint64_t>> Versions(const Request& request, const Table& table) = 0;
  /// Removes these versions and the files that only they need; a `dry_run` only counts. `newest` is
  /// pinned at the newest version. Kept whatever is asked: that version, what forks inherit, and
  /// files of no version that are younger than a week, for they may belong to a commit under way.
  virtual Result<Removal> RemoveVersions(const Request& request, const Table& newest,
                                         std::span<const uint64_t> versions, bool dry_run) = 0;
  /// The names of the folders directly below `folder` that hold anything, in order: of tables, or
  /// of the forks of a table when it is the table's kForkFolder. Lists every file below.
  virtual Result<std::vector<std::string>> Folders(const Request& request,
                                                   std::string_view folder) = 0;
  /// Removes everything below `folder`, whatever it is; a `dry_run` only counts.
  virtual Result<Removal> RemoveFolder(const Request& request, std::string_view folder,
                                       bool dry_run) = 0;
  /// The files of the table `uri` and of its forks that none of their versions names: staged and
  /// not committed, or left behind by a writer that ended. Of such kinds only that a version could
  /// name. Whether somebody is about to name one of them is for the caller to know. Lists the
  /// table; reads the older versions only while the newest ones leave something unexplained.
  virtual Result<std::vector<StrayFile>> Strays(const Request& request, std::string_view uri) = 0;
  /// Deletes files that Strays answered; one that is gone already is success.
  virtual Status RemoveStrays(const Request& request, std::string_view uri,
                              std::span<const StrayFile> files) = 0;
  /// Whose transaction is version `version` of the table?
  virtual Result<ProbeOutcome> Probe(const Request& request, std::string_view uri, uint64_t version,
                                     std::string_view uuid) = 0;
};

/// For tests of the layers above: versions in memory, real fencing, no bridge, no files.
std::unique_ptr<TableStore> OpenMemoryTableStore();

}  // namespace tarn::lance
