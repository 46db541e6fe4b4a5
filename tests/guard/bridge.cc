#include "bridge.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include <arrow/c/bridge.h>

namespace tarn::guard {

namespace fs = std::filesystem;

tlb_str Text(std::string_view text) { return {text.data(), text.size()}; }

Outcome Error::Of(int32_t code) const {
  if (code == TLB_OK) return {};
  EXPECT_EQ(tlb_error_code(error_), code);
  const tlb_str message = tlb_error_message(error_);
  const tlb_str detail = tlb_error_detail(error_);
  return {code, std::string(message.p, message.n), std::string(detail.p, detail.n)};
}

std::string Taken(tlb_buf buffer) {
  std::string out(reinterpret_cast<const char*>(buffer.p), buffer.n);
  tlb_buf_free(&buffer);
  return out;
}

int64_t Number(const std::string& json, const std::string& key) {
  const std::string quoted = "\"" + key + "\":";
  const size_t at = json.find(quoted);
  return at == std::string::npos ? -1
                                 : std::strtoll(json.c_str() + at + quoted.size(), nullptr, 10);
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

static Env MakeEnv(std::string_view config) {
  setenv("TARN_ENABLE_FAULTS", "1", 1);
  tlb_env* env = nullptr;
  Error error;
  const Outcome outcome = error.Of(tlb_env_create(Text(config), &env, error.out()));
  EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
  return Env(env);
}

tlb_env* TheEnv() {
  static const Env* env = new Env(MakeEnv(R"({"threads":2,"memory_pool_bytes":268435456})"));
  return env->get();
}

tlb_env* VirtualEnv() {
  static const Env* env = new Env(MakeEnv(R"({"virtual_clock":true})"));
  return env->get();
}

Got<Session> NewSession(std::string_view config, tlb_env* env) {
  tlb_session* session = nullptr;
  Error error;
  const int32_t code =
      tlb_session_create(env ? env : TheEnv(), Text(config), &session, error.out());
  return {Session(session), error.Of(code)};
}

Got<Dataset> Open(tlb_session* session, std::string_view uri, std::string_view ref,
                  const tlb_call* call) {
  tlb_ds* ds = nullptr;
  Error error;
  const int32_t code = tlb_ds_open(call, session, Text(uri), Text(ref), &ds, error.out());
  return {Dataset(ds), error.Of(code)};
}

std::string Info(tlb_ds* ds) {
  tlb_buf out{};
  Error error;
  EXPECT_EQ(error.Of(tlb_ds_info(ds, &out, error.out())).code, TLB_OK);
  return Taken(out);
}

std::string TxInfo(tlb_tx* tx) {
  tlb_buf out{};
  Error error;
  EXPECT_EQ(error.Of(tlb_tx_info(tx, &out, error.out())).code, TLB_OK);
  return Taken(out);
}

std::vector<Row> Numbered(int64_t from, int64_t to) {
  std::vector<Row> rows;
  for (int64_t id = from; id < to; ++id)
    rows.push_back({id, "n" + std::to_string(id), static_cast<double>(id) / 2});
  return rows;
}

std::shared_ptr<arrow::Schema> RowSchema() {
  return arrow::schema({arrow::field("id", arrow::int64(), false),
                        arrow::field("name", arrow::utf8()),
                        arrow::field("score", arrow::float64())});
}

std::shared_ptr<arrow::RecordBatch> Batch(const std::vector<Row>& rows) {
  arrow::Int64Builder ids;
  arrow::StringBuilder names;
  arrow::DoubleBuilder scores;
  for (const Row& row : rows) {
    EXPECT_TRUE(ids.Append(row.id).ok() && names.Append(row.name).ok() &&
                scores.Append(row.score).ok());
  }
  return arrow::RecordBatch::Make(RowSchema(), static_cast<int64_t>(rows.size()),
                                  {*ids.Finish(), *names.Finish(), *scores.Finish()});
}

void Export(const std::shared_ptr<arrow::RecordBatch>& batch, ArrowArrayStream* out) {
  arrow::RecordBatchVector batches;
  if (batch && batch->num_rows() > 0) batches.push_back(batch);
  auto reader = *arrow::RecordBatchReader::Make(batches, batch ? batch->schema() : RowSchema());
  EXPECT_TRUE(arrow::ExportRecordBatchReader(reader, out).ok());
}

Got<Tx> StageCreate(tlb_session* session, std::string_view uri, const std::vector<Row>& rows,
                    const tlb_call* call) {
  ArrowArrayStream stream;
  Export(Batch(rows), &stream);
  tlb_tx* tx = nullptr;
  Error error;
  const int32_t code =
      tlb_stage_create(call, session, Text(uri), Text(""), &stream, &tx, error.out());
  return {Tx(tx), error.Of(code)};
}

Got<Tx> StageAppend(tlb_ds* ds, const std::vector<Row>& rows, const tlb_call* call,
                    std::string_view params) {
  ArrowArrayStream stream;
  Export(Batch(rows), &stream);
  tlb_tx* tx = nullptr;
  Error error;
  const int32_t code = tlb_stage_append(call, ds, Text(params), &stream, &tx, error.out());
  return {Tx(tx), error.Of(code)};
}

Got<Tx> StageDelete(tlb_ds* ds, std::string_view filter, const tlb_call* call) {
  tlb_tx* tx = nullptr;
  Error error;
  const int32_t code = tlb_stage_delete(call, ds, Text(filter), &tx, error.out());
  return {Tx(tx), error.Of(code)};
}

Got<Tx> StageDelta(tlb_ds* ds, const Delta& delta, const tlb_call* call) {
  ArrowArrayStream updated, inserted;
  if (!delta.updated.empty()) Export(Batch(delta.updated), &updated);
  if (!delta.inserted.empty()) Export(Batch(delta.inserted), &inserted);
  tlb_tx* tx = nullptr;
  Error error;
  const int32_t code = tlb_stage_delta(
      call, ds, delta.gone.data(), delta.gone.size(), delta.updated.empty() ? nullptr : &updated,
      delta.row_ids.data(), delta.row_ids.size(), delta.inserted.empty() ? nullptr : &inserted,
      Text(""), &tx, error.out());
  return {Tx(tx), error.Of(code)};
}

Got<Dataset> CommitCreate(tlb_session* session, std::string_view uri, tlb_tx* tx,
                          std::string_view opts, const tlb_call* call) {
  tlb_ds* ds = nullptr;
  Error error;
  const int32_t code =
      tlb_commit_create(call, session, Text(uri), tx, Text(opts), &ds, error.out());
  return {Dataset(ds), error.Of(code)};
}

Got<Dataset> Commit(tlb_ds* base, tlb_tx* tx, uint64_t expected, std::string_view opts,
                    const tlb_call* call) {
  tlb_ds* ds = nullptr;
  Error error;
  const int32_t code = tlb_commit_exact(call, base, tx, expected, Text(opts), &ds, error.out());
  return {Dataset(ds), error.Of(code)};
}

Got<std::string> Probe(tlb_session* session, std::string_view uri, uint64_t version,
                       std::string_view uuid, std::string_view branch) {
  tlb_buf out{};
  Error error;
  const int32_t code = tlb_commit_probe(nullptr, session, Text(uri), Text(branch), version,
                                        Text(uuid), &out, error.out());
  return {Taken(out), error.Of(code)};
}

Dataset Create(tlb_session* session, std::string_view uri, const std::vector<Row>& rows) {
  const Tx tx = Must(StageCreate(session, uri, rows));
  return Must(CommitCreate(session, uri, tx.get()));
}

void Bind(tlb_tx* tx, std::string_view uuid, const std::string& padding) {
  const std::string identity = R"({"uuid":")" + std::string(uuid) +
                               R"(","properties":{"actor":"guard","padding":")" + padding +
                               R"("}})";
  Error error;
  const Outcome outcome = error.Of(tlb_tx_bind(tx, Text(identity), error.out()));
  EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
}

Got<std::string> Encode(tlb_tx* tx) {
  tlb_buf out{};
  Error error;
  const int32_t code = tlb_tx_encode(tx, &out, error.out());
  return {Taken(out), error.Of(code)};
}

Got<Tx> Decode(const std::string& bytes) {
  tlb_tx* tx = nullptr;
  Error error;
  const int32_t code = tlb_tx_decode(bytes.data(), bytes.size(), &tx, error.out());
  return {Tx(tx), error.Of(code)};
}

Got<std::shared_ptr<arrow::Table>> Drain(tlb_stream* stream, const tlb_call* call) {
  ArrowSchema c_schema;
  Error error;
  Outcome outcome = error.Of(tlb_stream_schema(stream, &c_schema, error.out()));
  if (outcome.code != TLB_OK) return {nullptr, outcome};
  auto schema = *arrow::ImportSchema(&c_schema);
  arrow::RecordBatchVector batches;
  while (true) {
    ArrowArray array;
    Error failed;
    const int32_t found = tlb_stream_next(call, stream, &array, failed.out());
    if (found < 0) return {nullptr, failed.Of(-found)};
    if (found == 0) break;
    batches.push_back(*arrow::ImportRecordBatch(&array, schema));
  }
  return {*arrow::Table::FromRecordBatches(schema, batches), {}};
}

Got<std::shared_ptr<arrow::Table>> Scan(tlb_ds* ds, std::string_view spec, const tlb_call* call) {
  tlb_stream* stream = nullptr;
  Error error;
  const Outcome outcome = error.Of(tlb_scan(call, ds, Text(spec), &stream, error.out()));
  if (outcome.code != TLB_OK) return {nullptr, outcome};
  const Stream owned(stream);
  return Drain(stream, call);
}

template <typename ArrayType, typename T>
static std::vector<T> Values(const std::shared_ptr<arrow::Table>& table,
                             const std::string& column) {
  std::vector<T> out;
  if (!table || !table->GetColumnByName(column)) {
    ADD_FAILURE() << "no column " << column;
    return out;
  }
  for (const auto& chunk : table->GetColumnByName(column)->chunks()) {
    const auto& values = static_cast<const ArrayType&>(*chunk);
    for (int64_t i = 0; i < values.length(); ++i) out.emplace_back(values.GetView(i));
  }
  return out;
}

std::vector<int64_t> Ints(const std::shared_ptr<arrow::Table>& table, const std::string& column) {
  return Values<arrow::Int64Array, int64_t>(table, column);
}

std::vector<uint64_t> Uints(const std::shared_ptr<arrow::Table>& table, const std::string& column) {
  return Values<arrow::UInt64Array, uint64_t>(table, column);
}

std::vector<Row> RowsOf(tlb_ds* ds) {
  const auto table = Must(Scan(ds, R"({"order_by":[{"column":"id"}]})"));
  const auto ids = Ints(table, "id");
  const auto names = Values<arrow::StringArray, std::string>(table, "name");
  const auto scores = Values<arrow::DoubleArray, double>(table, "score");
  std::vector<Row> rows;
  for (size_t i = 0; i < ids.size(); ++i) rows.push_back({ids[i], names[i], scores[i]});
  return rows;
}

std::vector<int64_t> Ids(tlb_ds* ds, const std::string& filter_json) {
  const std::string spec = R"({"columns":["id"],"filter":)" + filter_json + "}";
  auto ids = Ints(Must(Scan(ds, spec)), "id");
  std::sort(ids.begin(), ids.end());
  return ids;
}

tlb_call CallWith(tlb_meter* meter, uint32_t phase, tlb_cancel* cancel, int64_t deadline_unix_ns) {
  return {sizeof(tlb_call), phase, cancel, meter, deadline_unix_ns};
}

std::string Read(tlb_meter* meter) {
  tlb_buf out{};
  Error error;
  EXPECT_EQ(error.Of(tlb_meter_read(meter, &out, error.out())).code, TLB_OK);
  return Taken(out);
}

Meter NewMeter(tlb_env* env) { return Meter(tlb_meter_new(env ? env : TheEnv())); }

Faults::Faults(std::string_view script, tlb_env* env) : env_(env ? env : TheEnv()) {
  Error error;
  const Outcome outcome = error.Of(tlb_fault_script(env_, Text(script), error.out()));
  EXPECT_EQ(outcome.code, TLB_OK) << outcome.message;
}

Faults::~Faults() { tlb_fault_script(env_, Text(""), nullptr); }

Folder::Folder() {
  std::string pattern = testing::TempDir() + "tarn-guard-XXXXXX";
  const char* made = mkdtemp(pattern.data());
  EXPECT_NE(made, nullptr) << std::strerror(errno);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::vector<std::string> FilesBelow(const std::string& folder) {
  std::vector<std::string> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder).string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace tarn::guard
