#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/catalog/json_value.h"
#include "tarn/catalog/manifest.h"

/// The rows of `__manifest`, an append-only log. One publish appends the rows that changed, all
/// with its own version as `seq`; the row with the highest seq of a key is current.
///
///   key                body
///   warehouse          {"format","id"}          by init, and again when the format rises
///   schema             {"id","digest","source_digest","form_digest"}
///   table/{ulid}       {"kind","type_id","type_name","location","owner"?,"version","rows","bytes"}
///                      or {"dropped":true}; no owner = main
///   commit/{ulid}      {"branch","parent"?,"merged_parent"?,"actor","operation","request_id",
///                      "created_at","changes"}
///   request/{id}       {"commit","nodes"?,"edges"?}           what a replay of the id answers
///   branch/{name}      {"id","parent","from","first","actor","created_at","closing"?}
///                      or {"dropped":true}
///   tag/{name}         {"commit","line","actor","created_at"} or {"dropped":true}
///   recovery/{ulid}    {"commit","kind","for_actor","reason","created_at","tables"}: what became
///                      of the commit of this id that its writer did not end
///   checkpoint         {"rows"}: with this many rows of its version, itself included, the version
///                      repeats the whole state
///   head               {"id","version","commit"}: the newest commit, in a checkpoint that makes
///   none line               {"id","name","first","closed"}         in a branch's own manifest:
///   whose it is
///
///   floor/{line}       {"number"}                                   what a cleanup gave up
///   barrier              {"epoch","actor","created_at"}   what was staged before does not land
///   after
///
/// The manifest of a branch begins with the state it was made of, and the commit itself.

namespace tarn::catalog {

inline constexpr std::string_view kCheckpointKey = "checkpoint";

struct ManifestRow {
  std::string key;
  uint64_t seq = 0;  ///< the version of `__manifest` that wrote the row
  std::string body;  ///< JSON

  bool operator==(const ManifestRow&) const = default;
};

struct WarehouseEntry {
  std::string id;  ///< of the identity this manifest belongs to
  uint64_t format = 0;
};
struct DroppedTable {
  std::string id;
};
struct RequestEntry {
  std::string request_id;
  std::string commit_id;
  uint64_t affected_nodes = 0;
  uint64_t affected_edges = 0;
};

/// Says that the rows of its version are the whole state, so that nobody needs an older one for it.
struct Checkpoint {
  uint64_t rows = 0;  ///< of this version, this one included
};

/// Which commit a checkpoint stands on that makes none itself.
struct HeadEntry {
  CommitRecord commit;
};

/// What a row says. Visited without a default arm, so a new kind does not compile until the fold
/// knows it.
using RowContent =
    std::variant<WarehouseEntry, SchemaEntry, TableEntry, DroppedTable, CommitRecord, RequestEntry,
                 Checkpoint, HeadEntry, BranchEntry, DroppedBranch, TagEntry, DroppedTag, LineEntry,
                 FloorEntry, BarrierEntry, RecoveryRecord>;

ManifestRow EncodeRow(uint64_t seq, const RowContent& content);
/// kCorruptData naming the row's key for anything that EncodeRow does not write.
Result<RowContent> DecodeRow(const ManifestRow& row);

/// A commit's members, its id apart: shared by lineage rows and intents.
std::string EncodeCommit(const CommitRecord& commit);
Result<CommitRecord> DecodeCommit(const JsonValue& value, const std::string& where);

/// key Utf8, seq UInt64, body Utf8; none nullable; (key, seq) marked as the primary key.
std::shared_ptr<arrow::Schema> ManifestSchema();
std::shared_ptr<arrow::RecordBatch> RowsToBatch(const std::vector<ManifestRow>& rows);
/// Appends the rows of `batch`. kCorruptData for other columns than ManifestSchema's, or a null.
Status AppendRows(const arrow::RecordBatch& batch, std::vector<ManifestRow>& rows);

}  // namespace tarn::catalog
