/* tarn_bridge.h: the C ABI over Lance, DataFusion and object_store.
 *
 * The bridge turns one call into one or two library calls. It never retries, caches a decision,
 * starts a background task (except to finish a commit) or reads a file of its own. All policy lives
 * in C++.
 *
 * Ownership   Every `tlb_*` pointer handed out is released by its own `_free`; `_free(NULL)` is
 * allowed. Handles are reference counted inside: freeing one while another thread's call runs is
 * safe. Arrow structs follow the Arrow move rule; an input stream is consumed by every call that
 * takes one, also when the call fails. Strings     (pointer, length), UTF-8, not NUL terminated.
 * Options are JSON; unknown members are refused. Errors      Fallible functions return 0 or a
 * TLB_E_ code and, if `err` is not NULL, an error to free. Threads     Every function may be called
 * from any thread, except from inside a callback of the bridge. Blocking    Calls block. Those that
 * take a `tlb_call` honour its cancel token and deadline, except that a commit is never dropped
 * midway: its waiter gets TLB_E_COMMIT_UNKNOWN and asks tlb_commit_probe.
 */
#ifndef TARN_BRIDGE_H
#define TARN_BRIDGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TLB_ABI_MAJOR 1
#define TLB_ABI_MINOR 0

struct ArrowArray;
struct ArrowSchema;
struct ArrowArrayStream;

typedef struct {
  const char* p;
  size_t n;
} tlb_str;
typedef struct {
  uint8_t* p;
  size_t n;
  size_t cap;
} tlb_buf; /* zero it before use; release with tlb_buf_free */

typedef struct tlb_env tlb_env;         /* runtime, limits, meters of one process */
typedef struct tlb_session tlb_session; /* caches, storage options, store registry */
typedef struct tlb_ds tlb_ds;           /* one Lance dataset pinned at one version; immutable */
typedef struct tlb_tx tlb_tx;           /* a staged transaction: files written, nothing visible */
typedef struct tlb_stream tlb_stream;   /* a pull stream of record batches */
typedef struct tlb_store tlb_store;     /* small objects below one root */
typedef struct tlb_sql tlb_sql;         /* one read-only SQL context */
typedef struct tlb_cancel tlb_cancel;
typedef struct tlb_meter tlb_meter;
typedef struct tlb_error tlb_error;

/* What a blocking call obeys and reports to. NULL means: no limit, not metered. */
typedef struct {
  uint32_t struct_size; /* sizeof(tlb_call) */
  uint32_t phase;       /* a TLB_PHASE_ value: which column of the meter the store calls land in */
  tlb_cancel* cancel;   /* may be NULL */
  tlb_meter* meter;     /* may be NULL */
  int64_t deadline_unix_ns; /* 0 = none */
} tlb_call;

enum {
  TLB_PHASE_OTHER = 0,
  TLB_PHASE_PLAN = 1,
  TLB_PHASE_READ = 2,
  TLB_PHASE_STAGE = 3,
  TLB_PHASE_INTENT = 4,
  TLB_PHASE_EFFECT = 5,
  TLB_PHASE_PUBLISH = 6,
  TLB_PHASE_CLEANUP = 7,
  TLB_PHASE_RECOVERY = 8
};

/* Codes are never renumbered. */
enum {
  TLB_OK = 0,
  TLB_E_INVALID = 1,
  TLB_E_NOT_FOUND = 2,
  TLB_E_EXISTS = 3,
  TLB_E_SCHEMA = 4,
  TLB_E_CONFLICT_RETRYABLE = 5,
  TLB_E_CONFLICT_FATAL = 6,
  TLB_E_FENCED = 7,
  TLB_E_COMMIT_UNKNOWN = 8,
  TLB_E_PRECONDITION = 9,
  TLB_E_IO = 10,
  TLB_E_CORRUPT = 11,
  TLB_E_UNSUPPORTED = 12,
  TLB_E_UNTRAINABLE = 13,
  TLB_E_RESOURCES = 14,
  TLB_E_CANCELLED = 15,
  TLB_E_DEADLINE = 16,
  TLB_E_SQL = 17,
  TLB_E_READONLY = 18,
  TLB_E_REENTRANT = 19,
  TLB_E_PANIC = 20,
  TLB_E_INTERNAL = 21,
  TLB_E_REF_IN_USE = 22,
  TLB_E_INDEX = 23
};

/* ---- Environment, errors, cancellation
 * ------------------------------------------------------------- */

uint32_t tlb_abi_version(void); /* (major << 16) | minor */
/* JSON, static: versions of bridge, lance, datafusion, arrow, object_store; features */
tlb_str tlb_build_info(void);

/* cfg: {"threads":2,"memory_pool_bytes":536870912,"spill_dir":"/tmp","virtual_clock":false}; all
 * optional. virtual_clock: current-thread runtime with a paused clock; every store call sleeps one
 * tick (1 ms), so the ticks a verb took are its longest chain of dependent calls. */
int32_t tlb_env_create(tlb_str cfg, tlb_env** out, tlb_error** err);
void tlb_env_free(tlb_env*);

int32_t tlb_error_code(const tlb_error*);
tlb_str tlb_error_message(const tlb_error*);
/* JSON: {"lance":"CommitConflict","version":17,"retryable":..,"ambiguous":..} */
tlb_str tlb_error_detail(const tlb_error*);
void tlb_error_free(tlb_error*);
void tlb_buf_free(tlb_buf*);

tlb_cancel* tlb_cancel_new(void);
void tlb_cancel_fire(tlb_cancel*);
void tlb_cancel_free(tlb_cancel*);

/* A meter counts every store call made on behalf of the calls that carry it.
 * Read:
 * {"calls":{"put/data@stage":1,...},"bytes_read":..,"bytes_written":..,"failures":..,"depth":..,
 *        "fsyncs":..,"barriers":..}
 * A key is verb/class@phase. Verbs: get range head list put put-if-absent put-if-match begin part
 * complete abort copy rename delete. Classes: data deletion index txn table-manifest hint manifest
 * intent schema identity topology vectors journal ref other. "Not there" and "already there" are
 * answers, not failures. A stream counts on the meter of the call that opened it, until it ends or
 * is freed. Calls of one meter may overlap: their common time counts once in depth. Lance's own
 * background tasks carry no caller: their reads are charged to every meter with a call running on
 * the same session, so counts are exact while a session runs one metered call at a time, and never
 * too small. */
tlb_meter* tlb_meter_new(tlb_env*);
int32_t tlb_meter_read(tlb_meter*, tlb_buf* out, tlb_error** err);
void tlb_meter_free(tlb_meter*);

/* Test only. Installs a fault script for every store of the environment, replacing the last one; ""
 * removes it.
 * [{"verb":"put*","class":"intent","nth":1,"action":"fail|delay|lose_answer|freeze|abort","ms":5,
 *   "error":"io|exists|timeout","after":false}]
 * nth counts matching calls from 1; 0 = all. fail: not done. lose_answer: done, then reported
 * failed. freeze: waits for the next fault script. abort: the process ends (after=true: once the
 * call was done). TLB_E_UNSUPPORTED unless the environment variable TARN_ENABLE_FAULTS=1 was set at
 * tlb_env_create. */
int32_t tlb_fault_script(tlb_env*, tlb_str script, tlb_error** err);

/* ---- Sessions and datasets
 * ------------------------------------------------------------------------- */

/* cfg:
 * {"index_cache_bytes":..,"metadata_cache_bytes":..,"storage_options":{..},"through_store":false,
 *  "durable_puts":false}
 * through_store: local files go through object_store (scheme file-object-store), so the meter and
 * faults see them. durable_puts: the name of a local file appears once its bytes are durable, and a
 * put returns once the name is; data files of file: addresses still need tlb_tx_sync. */
int32_t tlb_session_create(tlb_env*, tlb_str cfg, tlb_session** out, tlb_error** err);
int32_t tlb_session_stats(tlb_session*, tlb_buf* out, tlb_error** err);
void tlb_session_free(tlb_session*);

/* ref: "" or {"version":3} or {"branch":"b_x","version":3}; without version the newest one is
 * pinned. Without branch an open means main, and a checkout stays on the handle's branch; "main"
 * names main. */
int32_t tlb_ds_open(const tlb_call*, tlb_session*, tlb_str uri, tlb_str ref, tlb_ds** out,
                    tlb_error** err);
int32_t tlb_ds_checkout(const tlb_call*, tlb_ds*, tlb_str ref, tlb_ds** out, tlb_error** err);
tlb_ds* tlb_ds_clone(tlb_ds*);
void tlb_ds_free(tlb_ds*);
uint64_t tlb_ds_version(tlb_ds*);
/* newest version id of this branch; lists */
int32_t tlb_ds_head(const tlb_call*, tlb_ds*, uint64_t* version, tlb_error** err);
/* Does version v exist on this branch? One existence probe, no list. */
int32_t tlb_ds_exists(const tlb_call*, tlb_ds*, uint64_t version, int32_t* exists, tlb_error** err);
/* {"uri","version","branch","rows","deleted_rows","bytes","stable_row_ids","data_storage_version",
 *  "fields":[{"id","name","type","nullable","metadata"}],
 *  "fragments":[{"id","physical_rows","deleted_rows","files":[..],"deletion_file"}],
 *  "config":{..},"metadata":{..},"schema_metadata":{..},"next_row_id","e_tag","manifest_path","manifest_size",
 *  "transaction_file"}
 */
int32_t tlb_ds_info(tlb_ds*, tlb_buf* out, tlb_error** err);
int32_t tlb_ds_schema(tlb_ds*, struct ArrowSchema* out,
                      tlb_error** err); /* Arrow schema with field metadata */
/* {"uuid","read_version","operation","properties":{..}} of version v, read past every cache. */
int32_t tlb_ds_transaction(const tlb_call*, tlb_ds*, uint64_t version, tlb_buf* out,
                           tlb_error** err);
int32_t tlb_ds_versions(const tlb_call*, tlb_ds*, tlb_buf* out,
                        tlb_error** err); /* [1,2,...]; lists */
int32_t tlb_ds_validate(const tlb_call*, tlb_ds*, tlb_buf* report, tlb_error** err);

/* ---- Staging: writes files, makes nothing visible
 * ---------------------------------------------------- */

/* params (all): {"max_rows_per_file","max_bytes_per_file","properties":{..}}.
 * create: Overwrite at version 0; file format 2.2, stable row ids; the stream may be empty. */
int32_t tlb_stage_create(const tlb_call*, tlb_session*, tlb_str uri, tlb_str params,
                         struct ArrowArrayStream*, tlb_tx** out, tlb_error** err);
int32_t tlb_stage_append(const tlb_call*, tlb_ds*, tlb_str params, struct ArrowArrayStream*,
                         tlb_tx** out, tlb_error** err);
int32_t tlb_stage_overwrite(const tlb_call*, tlb_ds*, tlb_str params, struct ArrowArrayStream*,
                            tlb_tx** out, tlb_error** err);
int32_t tlb_stage_delete(const tlb_call*, tlb_ds*, tlb_str filter_sql, tlb_tx** out,
                         tlb_error** err);
/* Insert + update + delete of one table in one version. `gone`: row addresses (_rowaddr) of deleted
 * rows and of the old images of updated rows. `updated`: new images, in the order of `row_ids`
 * (their stable row ids). Either stream may be NULL. Fails with TLB_E_INVALID when a count does not
 * match. */
int32_t tlb_stage_delta(const tlb_call*, tlb_ds*, const uint64_t* gone, size_t n_gone,
                        struct ArrowArrayStream* updated, const uint64_t* row_ids, size_t n_row_ids,
                        struct ArrowArrayStream* inserted, tlb_str params, tlb_tx** out,
                        tlb_error** err);
/* Other columns for the same rows: none moves, row ids stay. spec:
 * {"columns":[{"name","from":null|"..","nullable", "metadata":{..}}],"properties":{..}}, all
 * columns of the table as they become, in order; `from` is the one that a column continues. `fills`
 * holds, by name, the columns that are new or become another type (its type is the new one), in one
 * row: the value of a new column on the rows there are; null costs no file. NULL if there are none.
 */
int32_t tlb_stage_columns(const tlb_call*, tlb_ds*, tlb_str spec, struct ArrowArrayStream* fills,
                          tlb_tx** out, tlb_error** err);
/* {"uuid","read_version","operation","branch","rows","rows_gone","bytes","empty"} */
int32_t tlb_tx_info(tlb_tx*, tlb_buf* out, tlb_error** err);
/* identity: {"uuid":"..","properties":{..}}; before the commit. */
int32_t tlb_tx_bind(tlb_tx*, tlb_str identity, tlb_error** err);
/* Sidecar form: format number, protobuf, affected rows, SHA-256. Decode refuses anything else as
 * TLB_E_CORRUPT. */
int32_t tlb_tx_encode(tlb_tx*, tlb_buf* out, tlb_error** err);
int32_t tlb_tx_decode(const void* bytes, size_t n, tlb_tx** out, tlb_error** err);
/* [{"path","size"}]: staged files, relative to the main branch's root; size null = unknown */
int32_t tlb_tx_files(tlb_tx*, tlb_buf* out, tlb_error** err);
/* fsync the staged files and their folders; a no-op on stores without a file system. Local URIs
 * only need it. */
int32_t tlb_tx_sync(const tlb_call*, tlb_session*, tlb_str uri, tlb_tx*, tlb_error** err);
/* Do all staged files exist with their sizes? TLB_E_CORRUPT names the first that does not. */
int32_t tlb_tx_verify(const tlb_call*, tlb_session*, tlb_str uri, tlb_tx*, tlb_error** err);
/* deletes the staged files */
int32_t tlb_tx_discard(const tlb_call*, tlb_session*, tlb_str uri, tlb_tx*, tlb_error** err);
void tlb_tx_free(tlb_tx*);

/* ---- Commit
 * ------------------------------------------------------------------------------------------ */

/* opts: {"trust_expected":true,"sync":true}. trust_expected: the caller vouches that `expected` was
 * the newest version, so the look for newer ones is skipped (no list); put-if-absent alone decides,
 * also about a name that was pruned away and is free again. sync: fsync manifest, transaction and
 * folders; if that fails after the commit landed, the answer is TLB_E_COMMIT_UNKNOWN. Lands at
 * exactly expected + 1 with the transaction's uuid, or TLB_E_FENCED and no effect. If somebody else
 * redid this very transaction there, that is success. A transaction that read an older version is
 * rebased by Lance up to `expected`, never past it; what cannot be rebased is
 * TLB_E_CONFLICT_RETRYABLE or _FATAL. commit_create: TLB_E_EXISTS if another transaction made the
 * dataset; trust_expected: it is known to be new. */
int32_t tlb_commit_exact(const tlb_call*, tlb_ds* base, tlb_tx*, uint64_t expected, tlb_str opts,
                         tlb_ds** out, tlb_error** err);
int32_t tlb_commit_create(const tlb_call*, tlb_session*, tlb_str uri, tlb_tx*, tlb_str opts,
                          tlb_ds** out, tlb_error** err);
/* {"outcome":"ours|foreign|absent","uuid":".."}: who wrote `version` of the dataset (and branch,
 * may be ""). */
int32_t tlb_commit_probe(const tlb_call*, tlb_session*, tlb_str uri, tlb_str branch,
                         uint64_t version, tlb_str uuid, tlb_buf* out, tlb_error** err);
/* Restores the content of version `to` at exactly expected + 1. uuid "" = fresh. */
int32_t tlb_restore_exact(const tlb_call*, tlb_ds*, uint64_t to, uint64_t expected, tlb_str uuid,
                          tlb_str opts, tlb_ds** out, tlb_error** err);

/* ---- Reading
 * ----------------------------------------------------------------------------------------- */

/* spec:
 * {"columns":["id"],"filter":<tree>|"filter_sql":"..","row_id":false,"row_addr":false,"limit":n,"offset":n,
 *  "order_by":[{"column","desc","nulls_first"}],"batch_rows":8192,"fragments":[ids],"in_order":true,
 *  "io_buffer_bytes":..,"use_index":true}.  columns absent = all. A blob column gives its bytes
 * (LargeBinary). filter tree: {"op":"and|or|not","args":[..]} |
 * {"op":"is_null|is_not_null","column":"c"} |
 *  {"op":"=|!=|<|<=|>|>=","column":"c","value":v,"type":t} |
 * {"op":"in","column":"c","values":[..],"type":t} |
 *  {"op":"starts_with|contains","column":"c","value":"s"} |
 * {"op":"list_contains","column":"c","value":v,"type":t} t: int64 uint64 float32 float64 utf8 bool
 * date32 date64. Dates are numbers or ISO text; a float may be the text "inf", "-inf" or "nan".
 * Numbers compare by value across numeric types. */
int32_t tlb_scan(const tlb_call*, tlb_ds*, tlb_str spec, tlb_stream** out, tlb_error** err);
int32_t tlb_scan_count(const tlb_call*, tlb_ds*, tlb_str spec, uint64_t* rows, tlb_error** err);
int32_t tlb_scan_explain(const tlb_call*, tlb_ds*, tlb_str spec, tlb_buf* out, tlb_error** err);
enum { TLB_TAKE_ROW_ID = 0, TLB_TAKE_ROW_ADDR = 1, TLB_TAKE_OFFSET = 2 };
/* One batch, in the order of ids, with a first column "_rowid"; unknown or deleted ids are left
 * out. columns: JSON list; a blob column gives its bytes. */
int32_t tlb_take(const tlb_call*, tlb_ds*, int32_t kind, const uint64_t* ids, size_t n,
                 tlb_str columns, struct ArrowArray* out, struct ArrowSchema* out_schema,
                 tlb_error** err);

/* 1 = a batch was written, 0 = end, negative = failure (the negated TLB_E_ code). */
int32_t tlb_stream_next(const tlb_call*, tlb_stream*, struct ArrowArray* out, tlb_error** err);
int32_t tlb_stream_schema(tlb_stream*, struct ArrowSchema* out, tlb_error** err);
void tlb_stream_free(tlb_stream*);

/* Tokenises each string as Lance's inverted index would. params: the InvertedIndexParams JSON ("" =
 * Tarn's default analyser is passed by C++). in: Utf8 array; out: List<Utf8>, null for null. */
int32_t tlb_tokenize(tlb_str params, struct ArrowArray* in, struct ArrowSchema* in_schema,
                     struct ArrowArray* out, struct ArrowSchema* out_schema, tlb_error** err);

/* ---- Branches
 * ---------------------------------------------------------------------------------------- */

/* Forks `at` into a branch that shares its files and goes on at its version number. Two steps of
 * storage: a call that ends between them leaves a name that only a forced delete frees, so names
 * are used once. sync != 0: durable before return. The dataset may be moved or copied: an open
 * gives the shared files the address they have now. */
int32_t tlb_branch_create(const tlb_call*, tlb_ds* at, tlb_str name, int32_t sync, tlb_ds** out,
                          tlb_error** err);
/* [{"name","parent_branch","parent_version"}] */
int32_t tlb_branch_list(const tlb_call*, tlb_ds*, tlb_buf* out, tlb_error** err);
int32_t tlb_branch_delete(const tlb_call*, tlb_ds*, tlb_str name, int32_t force, tlb_error** err);

/* ---- Cleanup
 * ----------------------------------------------------------------------------------------- */

/* Removes these versions of the handle's branch and the files that only they need; dry_run only
 * counts. The handle is at the newest version. Kept whatever is asked: the newest version, tagged
 * ones, files that branches inherit, files no version names that are younger than a week.
 * {"versions","bytes","files","failed_deletes"} */
int32_t tlb_cleanup(const tlb_call*, tlb_ds*, const uint64_t* versions, size_t n_versions,
                    int32_t dry_run, tlb_buf* out, tlb_error** err);

/* ---- SQL (read only)
 * ----------------------------------------------------------------------------------- */

/* cfg: {"memory_bytes":..,"spill_bytes":..,"partitions":2,"batch_rows":8192} */
int32_t tlb_sql_new(tlb_env*, tlb_str cfg, tlb_sql** out, tlb_error** err);
int32_t tlb_sql_add_dataset(tlb_sql*, tlb_str name, tlb_ds*, tlb_error** err);
int32_t tlb_sql_add_parquet(const tlb_call*, tlb_sql*, tlb_str name, tlb_str path,
                            tlb_error** err); /* local file */
/* Parses, refuses everything but one query (three gates), plans and runs it. */
int32_t tlb_sql_run(const tlb_call*, tlb_sql*, tlb_str sql, tlb_stream** out, tlb_error** err);
void tlb_sql_free(tlb_sql*);

/* ---- Small objects
 * --------------------------------------------------------------------------------------- */

int32_t tlb_store_open(tlb_session*, tlb_str uri, tlb_store** out,
                       tlb_error** err); /* rooted; refuses ".." */
void tlb_store_free(tlb_store*);
/* len 0 = to the end. etag may be NULL. */
int32_t tlb_store_get(const tlb_call*, tlb_store*, tlb_str key, uint64_t off, uint64_t len,
                      tlb_buf* out, tlb_buf* etag, tlb_error** err);
int32_t tlb_store_head(const tlb_call*, tlb_store*, tlb_str key, uint64_t* size, tlb_buf* etag,
                       tlb_error** err);
enum { TLB_PUT_OVERWRITE = 0, TLB_PUT_CREATE = 1, TLB_PUT_MATCH = 2 };
/* sync != 0: durable before return (file and folder fsync) on local stores. MATCH on a local store:
 * TLB_E_UNSUPPORTED. */
int32_t tlb_store_put(const tlb_call*, tlb_store*, tlb_str key, const void* bytes, size_t n,
                      int32_t mode, tlb_str etag, int32_t sync, tlb_buf* new_etag, tlb_error** err);
/* [{"key","size","modified"}], sorted, at most max, after `after` (exclusive); modified in
 * microseconds since 1970. */
int32_t tlb_store_list(const tlb_call*, tlb_store*, tlb_str prefix, tlb_str after, uint32_t max,
                       tlb_buf* out, tlb_error** err);
int32_t tlb_store_delete(const tlb_call*, tlb_store*, tlb_str key,
                         tlb_error** err); /* a missing key is success */
/* {"put_if_absent":..,"put_if_match":..,"list_after_write":..}: tried for real below `prefix`,
 * which is left empty. */
int32_t tlb_store_probe(const tlb_call*, tlb_store*, tlb_str prefix, tlb_buf* out, tlb_error** err);

#ifdef __cplusplus
}
#endif
#endif /* TARN_BRIDGE_H */
