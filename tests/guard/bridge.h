#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/api.h>
#include <arrow/c/abi.h>
#include <gtest/gtest.h>

#include "tarn_bridge.h"

/// The C ABI with owners instead of raw pointers, for the guard tests. Every function returns the
/// handle with the outcome, so that a test can ask for success (`Must`) or for one refusal
/// (`ExpectCode`).
namespace tarn::guard {

template <typename T, void (*Release)(T*)>
struct Releaser {
  void operator()(T* handle) const { Release(handle); }
};
using Env = std::unique_ptr<tlb_env, Releaser<tlb_env, tlb_env_free>>;
using Session = std::unique_ptr<tlb_session, Releaser<tlb_session, tlb_session_free>>;
using Dataset = std::unique_ptr<tlb_ds, Releaser<tlb_ds, tlb_ds_free>>;
using Tx = std::unique_ptr<tlb_tx, Releaser<tlb_tx, tlb_tx_free>>;
using Stream = std::unique_ptr<tlb_stream, Releaser<tlb_stream, tlb_stream_free>>;
using Store = std::unique_ptr<tlb_store, Releaser<tlb_store, tlb_store_free>>;
using Sql = std::unique_ptr<tlb_sql, Releaser<tlb_sql, tlb_sql_free>>;
using Cancel = std::unique_ptr<tlb_cancel, Releaser<tlb_cancel, tlb_cancel_free>>;
using Meter = std::unique_ptr<tlb_meter, Releaser<tlb_meter, tlb_meter_free>>;

/// What a call answered beside its value.
struct Outcome {
  int32_t code = TLB_OK;
  std::string message;
  std::string detail;
};

template <typename T>
struct Got {
  T value{};
  Outcome outcome;
};

/// The value of a call that has to succeed.
template <typename T>
T Must(Got<T> got) {
  EXPECT_EQ(got.outcome.code, TLB_OK) << got.outcome.message << " " << got.outcome.detail;
  return std::move(got.value);
}

template <typename T>
void ExpectCode(int32_t code, const Got<T>& got) {
  EXPECT_EQ(got.outcome.code, code) << got.outcome.message << " " << got.outcome.detail;
}

tlb_str Text(std::string_view text);

/// Collects the error of one call: `Error e; Outcome o = e.Of(tlb_x(..., e.out()));`.
class Error {
 public:
  Error() = default;
  Error(const Error&) = delete;
  Error& operator=(const Error&) = delete;
  ~Error() { tlb_error_free(error_); }
  tlb_error** out() { return &error_; }
  Outcome Of(int32_t code) const;

 private:
  tlb_error* error_ = nullptr;
};

/// A buffer of the bridge as a string; takes it over.
std::string Taken(tlb_buf buffer);

/// The number behind `"key":` in JSON text; -1 if there is none. Enough for flat reports.
int64_t Number(const std::string& json, const std::string& key);
bool Contains(const std::string& text, const std::string& part);

/// One process-wide environment with fault scripts enabled, and one with virtual time.
tlb_env* TheEnv();
tlb_env* VirtualEnv();

Got<Session> NewSession(std::string_view config = "", tlb_env* env = nullptr);
Got<Dataset> Open(tlb_session* session, std::string_view uri, std::string_view ref = "",
                  const tlb_call* call = nullptr);
std::string Info(tlb_ds* ds);
std::string TxInfo(tlb_tx* tx);

/// Rows of the test table: id int64 not null, name utf8, score float64.
struct Row {
  int64_t id;
  std::string name;
  double score;
  bool operator==(const Row&) const = default;
};
std::vector<Row> Numbered(int64_t from, int64_t to);
std::shared_ptr<arrow::Schema> RowSchema();
std::shared_ptr<arrow::RecordBatch> Batch(const std::vector<Row>& rows);
/// Exports one batch as a stream into `out`; a null batch gives a stream with a schema and no rows.
void Export(const std::shared_ptr<arrow::RecordBatch>& batch, ArrowArrayStream* out);

Got<Tx> StageCreate(tlb_session* session, std::string_view uri, const std::vector<Row>& rows,
                    const tlb_call* call = nullptr);
Got<Tx> StageAppend(tlb_ds* ds, const std::vector<Row>& rows, const tlb_call* call = nullptr,
                    std::string_view params = "");
Got<Tx> StageDelete(tlb_ds* ds, std::string_view filter, const tlb_call* call = nullptr);
struct Delta {
  std::vector<uint64_t> gone;
  std::vector<Row> updated;
  std::vector<uint64_t> row_ids;
  std::vector<Row> inserted;
};
Got<Tx> StageDelta(tlb_ds* ds, const Delta& delta, const tlb_call* call = nullptr);

Got<Dataset> CommitCreate(tlb_session* session, std::string_view uri, tlb_tx* tx,
                          std::string_view opts = "", const tlb_call* call = nullptr);
Got<Dataset> Commit(tlb_ds* base, tlb_tx* tx, uint64_t expected, std::string_view opts = "",
                    const tlb_call* call = nullptr);
Got<std::string> Probe(tlb_session* session, std::string_view uri, uint64_t version,
                       std::string_view uuid, std::string_view branch = "");
/// Creates a table with these rows at version 1.
Dataset Create(tlb_session* session, std::string_view uri, const std::vector<Row>& rows);
/// Gives the transaction its uuid, the property "actor" and, if wanted, a property that makes it
/// large.
void Bind(tlb_tx* tx, std::string_view uuid, const std::string& padding = "");
Got<std::string> Encode(tlb_tx* tx);
Got<Tx> Decode(const std::string& bytes);

/// All batches of a stream as one table.
Got<std::shared_ptr<arrow::Table>> Drain(tlb_stream* stream, const tlb_call* call = nullptr);
Got<std::shared_ptr<arrow::Table>> Scan(tlb_ds* ds, std::string_view spec,
                                        const tlb_call* call = nullptr);
std::vector<Row> RowsOf(tlb_ds* ds);
std::vector<int64_t> Ints(const std::shared_ptr<arrow::Table>& table, const std::string& column);
std::vector<uint64_t> Uints(const std::shared_ptr<arrow::Table>& table, const std::string& column);
std::vector<int64_t> Ids(tlb_ds* ds, const std::string& filter_json);
/// A `tlb_call` with what a test wants in it.
tlb_call CallWith(tlb_meter* meter, uint32_t phase = TLB_PHASE_OTHER, tlb_cancel* cancel = nullptr,
                  int64_t deadline_unix_ns = 0);
std::string Read(tlb_meter* meter);
Meter NewMeter(tlb_env* env = nullptr);
/// Installs a fault script for the life of the object.
class Faults {
 public:
  explicit Faults(std::string_view script, tlb_env* env = nullptr);
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  ~Faults();

 private:
  tlb_env* env_;
};

/// A fresh folder below the test temp folder, removed at the end.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  const std::string& path() const { return path_; }
  std::string In(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};
std::vector<std::string> FilesBelow(const std::string& folder);

}  // namespace tarn::guard
