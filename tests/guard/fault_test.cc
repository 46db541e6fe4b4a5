// guard: benchmarks.md §4 (fault scripts), lance-bridge.md §1.4 (unclear answers), §4.1 (cancel,
// panics).
#include <chrono>
#include <future>
#include <thread>

#include <arrow/c/bridge.h>

#include "bridge.h"

namespace tarn::guard {
namespace {

using std::chrono::steady_clock;
constexpr char kTrust[] = R"({"trust_expected":true})";

int64_t UnixNow(int64_t plus_ms) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() + plus_ms * 1'000'000;
}

class Faulty : public testing::Test {
 protected:
  Faulty() : session(Must(NewSession(R"({"through_store":true})"))), uri(folder.In("t.lance")) {
    v1 = Create(session.get(), uri, Numbered(0, 5));
    tx = Must(StageAppend(v1.get(), Numbered(5, 7)));
  }
  uint64_t Head() { return tlb_ds_version(Must(Open(session.get(), uri)).get()); }

  Folder folder;
  Session session;
  std::string uri;
  Dataset v1;
  Tx tx;
};

TEST_F(Faulty, AFailedManifestPutHasNoEffectAndSaysSo) {
  {
    const Faults faults(
        R"([{"verb":"put-if-absent","class":"table-manifest","nth":1,"action":"fail"}])");
    ExpectCode(TLB_E_IO, Commit(v1.get(), tx.get(), 1, kTrust));
  }
  EXPECT_EQ(Head(), 1u);
  for (const std::string& file : FilesBelow(uri))
    EXPECT_FALSE(file.starts_with("_transactions/1-")) << file;
  Must(Commit(v1.get(), tx.get(), 1, kTrust));
  EXPECT_EQ(Head(), 2u);
}

TEST_F(Faulty, ALostAnswerOfALandedCommitIsSuccess) {
  for (const char* kind : {"io", "timeout", "exists"}) {
    const Dataset head = Must(Open(session.get(), uri));
    const uint64_t version = tlb_ds_version(head.get());
    const Tx next = Must(StageAppend(head.get(), Numbered(100, 101)));
    const Faults faults(R"([{"verb":"put-if-absent","class":"table-manifest","nth":1,)"
                        R"("action":"lose_answer","error":")" +
                        std::string(kind) + "\"}]");
    const Dataset landed = Must(Commit(head.get(), next.get(), version, kTrust));
    EXPECT_EQ(tlb_ds_version(landed.get()), version + 1);
  }
  EXPECT_EQ(Head(), 4u);
}

/// Lance reads back who owns the version; when it cannot, the outcome is unknown and the probe
/// decides later.
TEST_F(Faulty, AnUnreadableOutcomeIsUnknown) {
  {
    const Faults faults(
        R"([{"verb":"put-if-absent","class":"table-manifest","action":"lose_answer"},
                            {"verb":"get","class":"table-manifest","action":"fail"},
                            {"verb":"range","class":"table-manifest","action":"fail"},
                            {"verb":"head","class":"table-manifest","action":"fail"}])");
    const Got<Dataset> got = Commit(v1.get(), tx.get(), 1, kTrust);
    ExpectCode(TLB_E_COMMIT_UNKNOWN, got);
    EXPECT_TRUE(Contains(got.outcome.detail, "\"ambiguous\":true")) << got.outcome.detail;
  }
  const std::string info = TxInfo(tx.get());
  const std::string uuid = info.substr(info.find("\"uuid\":\"") + 8, 36);
  EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, uuid)), "ours"));
}

TEST_F(Faulty, AStagedFileThatFailsLeavesNothing) {
  const auto before = FilesBelow(uri);
  const Faults faults(R"([{"verb":"put","class":"data","nth":2,"action":"fail"}])");
  const Delta delta = {
      .gone = {1}, .updated = {{1, "x", 1}}, .row_ids = {1}, .inserted = Numbered(20, 22)};
  ExpectCode(TLB_E_IO, StageDelta(v1.get(), delta));
  EXPECT_EQ(FilesBelow(uri), before) << "the parts that worked are deleted again";
}

TEST_F(Faulty, NthCountsMatchingCallsAndZeroIsAll) {
  {
    const Faults faults(R"([{"verb":"put*","class":"data","nth":3,"action":"fail"}])");
    Must(StageAppend(v1.get(), Numbered(1, 2)));
    Must(StageAppend(v1.get(), Numbered(1, 2)));
    ExpectCode(TLB_E_IO, StageAppend(v1.get(), Numbered(1, 2)));
    Must(StageAppend(v1.get(), Numbered(1, 2)));
  }
  {
    const Faults faults(R"([{"verb":"put","nth":0,"action":"fail","error":"timeout"}])");
    for (int i = 0; i < 3; ++i) ExpectCode(TLB_E_IO, StageAppend(v1.get(), Numbered(1, 2)));
  }
  Must(StageAppend(v1.get(), Numbered(1, 2)));
  EXPECT_EQ(tlb_fault_script(TheEnv(), Text(R"([{"action":"explode"}])"), nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_fault_script(TheEnv(), Text(R"([{"action":"fail","nht":1}])"), nullptr),
            TLB_E_INVALID);
}

TEST_F(Faulty, DelaySlowsVirtualTime) {
  const Session virtual_session = Must(NewSession("", VirtualEnv()));
  const Dataset ds = Create(virtual_session.get(), "memory://slow/t", Numbered(0, 2));
  const Faults faults(R"([{"verb":"put","class":"data","nth":1,"action":"delay","ms":40}])",
                      VirtualEnv());
  const Meter meter = NewMeter(VirtualEnv());
  const tlb_call call = CallWith(meter.get());
  Must(StageAppend(ds.get(), Numbered(3, 4), &call));
  EXPECT_EQ(Number(Read(meter.get()), "depth"), 41);
}

TEST_F(Faulty, CancelAndDeadlineEndAFrozenCall) {
  const Cancel cancel(tlb_cancel_new());
  const Faults faults(R"([{"verb":"head","class":"table-manifest","action":"freeze"}])");
  const tlb_call cancelled = CallWith(nullptr, 0, cancel.get());
  auto waiting = std::async(
      std::launch::async, [&] { return Open(session.get(), uri, R"({"version":1})", &cancelled); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  tlb_cancel_fire(cancel.get());
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  ExpectCode(TLB_E_CANCELLED, waiting.get());
  ExpectCode(TLB_E_CANCELLED, Open(session.get(), uri, R"({"version":1})", &cancelled));
  const tlb_call late = CallWith(nullptr, 0, nullptr, UnixNow(30));
  ExpectCode(TLB_E_DEADLINE, Open(session.get(), uri, R"({"version":1})", &late));
  const tlb_call past = CallWith(nullptr, 0, nullptr, UnixNow(-1));
  ExpectCode(TLB_E_DEADLINE, Scan(v1.get(), "", &past));
}

/// A commit whose waiter leaves goes on to its end; the waiter is told that it does not know.
TEST_F(Faulty, ACancelledCommitIsUnknownAndStillEnds) {
  const Cancel cancel(tlb_cancel_new());
  const tlb_call call = CallWith(nullptr, TLB_PHASE_EFFECT, cancel.get());
  const std::string info = TxInfo(tx.get());
  const std::string uuid = info.substr(info.find("\"uuid\":\"") + 8, 36);
  {
    const Faults faults(R"([{"verb":"put-if-absent","class":"table-manifest","action":"freeze"}])");
    auto waiting = std::async(std::launch::async,
                              [&] { return Commit(v1.get(), tx.get(), 1, kTrust, &call); });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    tlb_cancel_fire(cancel.get());
    ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready);
    ExpectCode(TLB_E_COMMIT_UNKNOWN, waiting.get());
    EXPECT_TRUE(Contains(Must(Probe(session.get(), uri, 2, uuid)), "absent"));
  }
  // The script is gone, the put thaws, and the commit lands without anybody waiting.
  const auto start = steady_clock::now();
  std::string outcome;
  while (!Contains(outcome, "ours") && steady_clock::now() - start < std::chrono::seconds(10)) {
    outcome = Must(Probe(session.get(), uri, 2, uuid));
  }
  EXPECT_TRUE(Contains(outcome, "ours")) << outcome;
}

/// A cancelled staging call deletes what it wrote, and the producer is released before the call
/// returns.
TEST_F(Faulty, ACancelledStagingCleansUpAndReleasesItsInput) {
  class Endless : public arrow::RecordBatchReader {
   public:
    Endless(tlb_cancel* cancel, bool* released) : cancel_(cancel), released_(released) {}
    ~Endless() override { *released_ = true; }
    std::shared_ptr<arrow::Schema> schema() const override { return RowSchema(); }
    arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override {
      *out = Batch(Numbered(0, 100));
      if (++batches_ == 50) tlb_cancel_fire(cancel_);
      return arrow::Status::OK();
    }

   private:
    tlb_cancel* cancel_;
    bool* released_;
    int batches_ = 0;
  };
  const auto before = FilesBelow(uri);
  const Cancel cancel(tlb_cancel_new());
  bool released = false;
  ArrowArrayStream stream;
  ASSERT_TRUE(
      arrow::ExportRecordBatchReader(std::make_shared<Endless>(cancel.get(), &released), &stream)
          .ok());
  const tlb_call call = CallWith(nullptr, TLB_PHASE_STAGE, cancel.get());
  tlb_tx* raw = nullptr;
  const std::string params = R"({"max_rows_per_file":1000})";
  EXPECT_EQ(tlb_stage_append(&call, v1.get(), Text(params), &stream, &raw, nullptr),
            TLB_E_CANCELLED);
  EXPECT_TRUE(released);
  EXPECT_EQ(raw, nullptr);
  EXPECT_EQ(FilesBelow(uri), before);
}

TEST_F(Faulty, AFailingProducerFailsTheCallWithItsMessage) {
  class Failing : public arrow::RecordBatchReader {
   public:
    std::shared_ptr<arrow::Schema> schema() const override { return RowSchema(); }
    arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override {
      if (count_++ == 0) {
        *out = Batch(Numbered(0, 10));
        return arrow::Status::OK();
      }
      return arrow::Status::Invalid("line 7 has no id");
    }

   private:
    int count_ = 0;
  };
  const auto before = FilesBelow(uri);
  ArrowArrayStream stream;
  ASSERT_TRUE(arrow::ExportRecordBatchReader(std::make_shared<Failing>(), &stream).ok());
  tlb_tx* raw = nullptr;
  Error error;
  const Outcome outcome =
      error.Of(tlb_stage_append(nullptr, v1.get(), Text(""), &stream, &raw, error.out()));
  EXPECT_EQ(outcome.code, TLB_E_INVALID);
  EXPECT_TRUE(Contains(outcome.message, "line 7 has no id")) << outcome.message;
  EXPECT_EQ(FilesBelow(uri), before);
}

/// The bridge refuses to be called from inside its own callback instead of deadlocking.
TEST_F(Faulty, CallingBackInIsRefused) {
  class Reentrant : public arrow::RecordBatchReader {
   public:
    Reentrant(tlb_ds* ds, int32_t* code) : ds_(ds), code_(code) {}
    std::shared_ptr<arrow::Schema> schema() const override { return RowSchema(); }
    arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override {
      uint64_t rows = 0;
      *code_ = tlb_scan_count(nullptr, ds_, Text(""), &rows, nullptr);
      *out = nullptr;
      return arrow::Status::OK();
    }

   private:
    tlb_ds* ds_;
    int32_t* code_;
  };
  int32_t code = 0;
  ArrowArrayStream stream;
  ASSERT_TRUE(
      arrow::ExportRecordBatchReader(std::make_shared<Reentrant>(v1.get(), &code), &stream).ok());
  tlb_tx* raw = nullptr;
  EXPECT_EQ(tlb_stage_append(nullptr, v1.get(), Text(""), &stream, &raw, nullptr), TLB_OK);
  const Tx staged(raw);
  EXPECT_EQ(code, TLB_E_REENTRANT);
}

/// Lance's JSON tokenizer panics on a document that is no JSON: the panic becomes an error, and the
/// next call works.
TEST(Panics, BecomeErrors) {
  const auto tokenize = [](const std::string& text, Outcome* outcome) {
    arrow::StringBuilder builder;
    ASSERT_TRUE(builder.Append(text).ok());
    ArrowArray in, out;
    ArrowSchema in_schema, out_schema;
    ASSERT_TRUE(arrow::ExportArray(**builder.Finish(), &in, &in_schema).ok());
    Error error;
    *outcome = error.Of(tlb_tokenize(Text(R"({"lance_tokenizer":"json"})"), &in, &in_schema, &out,
                                     &out_schema, error.out()));
    if (outcome->code != TLB_OK) return;
    out.release(&out);
    out_schema.release(&out_schema);
  };
  Outcome outcome;
  tokenize("no json", &outcome);
  EXPECT_EQ(outcome.code, TLB_E_PANIC);
  EXPECT_TRUE(Contains(outcome.message, "JSON parse error")) << outcome.message;
  EXPECT_TRUE(Contains(outcome.message, "lance-index"))
      << "the place is named: " << outcome.message;
  tokenize(R"({"a":"b"})", &outcome);
  EXPECT_EQ(outcome.code, TLB_OK);
}

TEST(Entry, NullsAndNonsenseAreRefused) {
  Error error;
  EXPECT_EQ(tlb_ds_info(nullptr, nullptr, nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_env_create(Text("{\"thread\":1}"), nullptr, nullptr), TLB_E_INVALID);
  ExpectCode(TLB_E_INVALID, NewSession("{\"cache\":1}"));
  const Session session = Must(NewSession());
  ExpectCode(TLB_E_INVALID, Open(session.get(), "relative/path"));
  ExpectCode(TLB_E_INVALID, Open(session.get(), ""));
  ExpectCode(TLB_E_INVALID, Open(session.get(), "/tmp/a/../b"));
  ExpectCode(TLB_E_UNSUPPORTED, Open(session.get(), "ftp://host/x"));
  ExpectCode(TLB_E_INVALID, Open(session.get(), std::string("/tmp/\xff\xfe", 7)));
  EXPECT_EQ(tlb_abi_version() >> 16, static_cast<uint32_t>(TLB_ABI_MAJOR));
  const tlb_str info = tlb_build_info();
  EXPECT_TRUE(Contains(std::string(info.p, info.n), "\"lance\":\"14.0.2\""));
  tlb_env_free(nullptr);
  tlb_session_free(nullptr);
  tlb_ds_free(nullptr);
  tlb_tx_free(nullptr);
  tlb_stream_free(nullptr);
  tlb_store_free(nullptr);
  tlb_sql_free(nullptr);
  tlb_cancel_free(nullptr);
  tlb_meter_free(nullptr);
  tlb_error_free(nullptr);
  tlb_buf_free(nullptr);
  EXPECT_EQ(tlb_error_code(nullptr), 0);
  const Dataset ds = Create(session.get(), "memory://nulls/t", Numbered(0, 1));
  EXPECT_EQ(tlb_ds_head(nullptr, ds.get(), nullptr, nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_ds_exists(nullptr, ds.get(), 1, nullptr, nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_scan_count(nullptr, ds.get(), Text(""), nullptr, nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_ds_schema(ds.get(), nullptr, nullptr), TLB_E_INVALID);
  EXPECT_EQ(tlb_stage_append(nullptr, ds.get(), Text(""), nullptr, nullptr, nullptr),
            TLB_E_INVALID);
}

TEST(Entry, FaultScriptsNeedTheSwitch) {
  unsetenv("TARN_ENABLE_FAULTS");
  tlb_env* raw = nullptr;
  ASSERT_EQ(tlb_env_create(Text(""), &raw, nullptr), TLB_OK);
  const Env env(raw);
  EXPECT_EQ(tlb_fault_script(raw, Text("[]"), nullptr), TLB_E_UNSUPPORTED);
  setenv("TARN_ENABLE_FAULTS", "1", 1);
}

}  // namespace
}  // namespace tarn::guard
