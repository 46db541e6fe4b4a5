// What only the bridge has: one runtime per process, meters on real calls, cancel and deadline of a
// blocked call.

#include <thread>

#include <gmock/gmock.h>

#include <arrow/type.h>

#include "backend.h"
#include "tarn/lance/bridge_table.h"
#include "tarn/lance/bridge_tokenize.h"
#include "tarn/store/bridge_session.h"
#include "tarn/store/memory_meter.h"

namespace tarn::contract {
namespace {

using store::Environment;
using store::PutMode;
using store::Session;
using store::Sync;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(BridgeEnvironment, ThereIsOneWhileItLives) {
  std::shared_ptr<const Environment> environment = Environment::Open({}).value();
  EXPECT_EQ(Environment::Open({}).value(), environment);
  EXPECT_EQ(Environment::Open({.threads = 1}).status().id(), ErrorId::kInvalidArgument);
  EXPECT_THAT(std::string(store::BridgeBuildInfo()), HasSubstr("\"lance\":\"14."));
}

// req: STORE-27
TEST(BridgeEnvironment, AddressesThatDependOnTheWorkingFolderAreRefused) {
  std::shared_ptr<const Session> session = Session::Open(Environment::Open({}).value(), {}).value();
  EXPECT_EQ(store::OpenBridgeStore(session, "relative/wh").status().id(),
            ErrorId::kInvalidArgument);
  EXPECT_EQ(store::OpenBridgeStore(session, "/a/../b").status().id(), ErrorId::kInvalidArgument);
  EXPECT_FALSE(store::OpenBridgeStore(session, "ftp://host/wh").ok());
  std::unique_ptr<lance::TableStore> tables = lance::OpenBridgeTableStore(session);
  EXPECT_EQ(tables->Open({}, "tables/x.lance", std::nullopt).status().id(),
            ErrorId::kInvalidArgument);
}

TEST(BridgeEnvironment, TablesOfAnotherStoreAreRefused) {
  std::unique_ptr<Backend> fake = Backend::Make(BackendKind::kFake);
  std::unique_ptr<Backend> real = Backend::Make(BackendKind::kSharedMemory);
  std::unique_ptr<lance::TableStore> fakes = fake->Tables();
  std::unique_ptr<lance::TableStore> reals = real->Tables();
  std::unique_ptr<lance::Staged> staged =
      fakes->StageCreate({}, fake->root() + "/t", People("[[1,null]]"), {}).value();
  EXPECT_EQ(reals->CommitCreate({}, *staged, {}).status().id(), ErrorId::kInvalidArgument);
  std::unique_ptr<lance::Table> table = fakes->CommitCreate({}, *staged, {}).value();
  EXPECT_EQ(reals->StageAppend({}, *table, People("[[2,null]]"), {}).status().id(),
            ErrorId::kInvalidArgument);
  EXPECT_EQ(reals->CommitExact({}, *table, *staged, {}).status().id(), ErrorId::kInvalidArgument);
}

/// The same calls on the fake and on the real store, each on its own meter.
class MeterTest : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> fake_ = Backend::Make(BackendKind::kFake);
  std::unique_ptr<Backend> real_ = Backend::Make(BackendKind::kFolderThroughStore);
  std::unique_ptr<Meter> fake_meter_ = store::NewMemoryMeter();
  std::unique_ptr<Meter> real_meter_ = store::NewBridgeMeter(Environment::Open({}).value());

  static Request Metered(Meter& meter, Phase phase) {
    Request request;
    request.meter = &meter;
    return request.In(phase);
  }
};

TEST_F(MeterTest, TheFakeCountsObjectCallsLikeTheRealStore) {
  const auto work = [](store::ObjectStore& store, Meter& meter) {
    const Request intent = Metered(meter, Phase::kIntent);
    EXPECT_TRUE(
        store.Put(intent, "__recovery/1.json", "12345", PutMode::kCreate, Sync::kProcess).ok());
    EXPECT_FALSE(
        store.Put(intent, "__recovery/1.json", "12345", PutMode::kCreate, Sync::kProcess).ok());
    const Request other = Metered(meter, Phase::kOther);
    EXPECT_TRUE(store.Put(other, "_schema/x.pg", "ab", PutMode::kOverwrite, Sync::kProcess).ok());
    EXPECT_TRUE(store.Get(Metered(meter, Phase::kRecovery), "__recovery/1.json").ok());
    EXPECT_FALSE(store.Get(Metered(meter, Phase::kRecovery), "__recovery/2.json").ok());
    EXPECT_TRUE(store.List(Metered(meter, Phase::kRecovery), "__recovery", "", 10).ok());
    EXPECT_TRUE(store.Delete(Metered(meter, Phase::kCleanup), "__recovery/1.json").ok());
  };
  work(*fake_->Objects(), *fake_meter_);
  work(*real_->Objects(), *real_meter_);
  EXPECT_EQ(fake_meter_->Read().calls, real_meter_->Read().calls);
  EXPECT_EQ(fake_meter_->Read().bytes_written, real_meter_->Read().bytes_written);
  EXPECT_EQ(fake_meter_->Read().bytes_read, real_meter_->Read().bytes_read);
  EXPECT_EQ(fake_meter_->Read().failures, real_meter_->Read().failures);
}

TEST_F(MeterTest, TheFakeCountsTheWritesOfACommitLikeTheRealStore) {
  const auto work = [](Backend& backend, Meter& meter) {
    const std::string uri = backend.root() + "/tables/01J.lance";
    std::unique_ptr<lance::TableStore> store = backend.Tables();
    std::unique_ptr<lance::Staged> created =
        store->StageCreate({}, uri, People("[[1,null],[2,null]]"), {}).value();
    std::unique_ptr<lance::Table> base = store->CommitCreate({}, *created, {}).value();
    lance::RowDelta delta;
    delta.gone = {RowAddresses(*base)[0]};
    delta.updated = People("[[1,null]]");
    delta.updated_row_ids = {RowIds(*base)[0]};
    delta.inserted = People("[[3,null]]");
    std::unique_ptr<lance::Staged> staged =
        store->StageDelta(Metered(meter, Phase::kStage), *base, std::move(delta), {}).value();
    ASSERT_TRUE(
        store->CommitExact(Metered(meter, Phase::kEffect), *base, *staged, {.trust_expected = true})
            .ok());
  };
  work(*fake_, *fake_meter_);
  work(*real_, *real_meter_);
  EXPECT_EQ(fake_meter_->Read().calls, real_meter_->Read().calls);
  EXPECT_EQ(real_meter_->Read().lists(), 0u);
}

// The happy path of each verb, cold. What Lance caches, and what it reads after a refusal, the fake
// does not imitate.
TEST_F(MeterTest, TheFakeCountsEachVerbLikeTheRealStore) {
  using Calls = std::vector<std::pair<std::string, std::map<std::string, uint64_t>>>;
  const auto work = [](Backend& backend, const std::function<std::unique_ptr<Meter>()>& new_meter) {
    Calls calls;
    const auto count = [&](std::string verb, const std::function<void(const Request&)>& run) {
      std::unique_ptr<Meter> meter = new_meter();
      run(Metered(*meter, Phase::kOther));
      calls.emplace_back(std::move(verb), meter->Read().calls);
    };
    const std::string uri = backend.root() + "/tables/01J.lance";
    const std::vector<uint64_t> ids = {0, 1, 2};
    std::unique_ptr<lance::TableStore> store = backend.Tables();
    std::unique_ptr<lance::Staged> staged;
    std::unique_ptr<lance::Table> table;
    count("stage create", [&](const Request& r) {
      staged = store->StageCreate(r, uri, People("[[1,null]]"), {}).value();
    });
    count("commit create",
          [&](const Request& r) { table = store->CommitCreate(r, *staged, {}).value(); });
    count("stage append", [&](const Request& r) {
      staged = store->StageAppend(r, *table, People("[[2,null]]"), {}).value();
    });
    count("verify", [&](const Request& r) { EXPECT_TRUE(staged->Verify(r).ok()); });
    count("commit",
          [&](const Request& r) { table = store->CommitExact(r, *table, *staged, {}).value(); });
    const std::string uuid = staged->uuid();
    count("stage overwrite", [&](const Request& r) {
      staged = store->StageOverwrite(r, *table, People("[[3,null]]"), {}).value();
    });
    count("discard", [&](const Request& r) { EXPECT_TRUE(staged->Discard(r).ok()); });
    count("open newest", [&](const Request& r) {
      EXPECT_TRUE(backend.Tables()->Open(r, uri, std::nullopt).ok());
    });
    count("open at", [&](const Request& r) { table = backend.Tables()->Open(r, uri, 2).value(); });
    count("exists", [&](const Request& r) { EXPECT_TRUE(store->Exists(r, *table, 2).value()); });
    count("probe ours", [&](const Request& r) { EXPECT_TRUE(store->Probe(r, uri, 2, uuid).ok()); });
    count("probe absent",
          [&](const Request& r) { EXPECT_TRUE(store->Probe(r, uri, 3, uuid).ok()); });
    count("scan", [&](const Request& r) {
      EXPECT_TRUE(lance::ReadAll(*table->Scan(r, {.columns = {"id"}}).value()).ok());
    });
    table = backend.Tables()->Open({}, uri, 1).value();
    count("take", [&](const Request& r) { EXPECT_TRUE(table->Take(r, ids, {"id"}).ok()); });
    return calls;
  };
  const Calls fake = work(*fake_, [] { return store::NewMemoryMeter(); });
  const Calls real =
      work(*real_, [] { return store::NewBridgeMeter(Environment::Open({}).value()); });
  EXPECT_EQ(fake, real);
}

/// Blocks calls with the environment's fault script.
class BlockedCallTest : public ::testing::Test {
 protected:
  ~BlockedCallTest() override { EXPECT_TRUE(environment_->ScriptFaults("").ok()); }

  std::shared_ptr<const Environment> environment_ = Environment::Open({}).value();
  std::unique_ptr<Backend> backend_ = Backend::Make(BackendKind::kSharedMemory);
  std::unique_ptr<store::ObjectStore> store_ = backend_->Objects();
};

// req: GRAPH-23
TEST_F(BlockedCallTest, CancelReachesACallThatIsUnderWay) {
  ASSERT_TRUE(store_->Put({}, "__recovery/1", "x", PutMode::kCreate, Sync::kProcess).ok());
  ASSERT_TRUE(
      environment_->ScriptFaults(R"([{"verb":"get","class":"intent","nth":0,"action":"freeze"}])")
          .ok());
  std::unique_ptr<Meter> meter = store::NewBridgeMeter(environment_);
  CancelToken token;
  Request request;
  request.cancel = &token;
  request.meter = meter.get();
  std::thread canceller([&] {
    while (meter->Read().total() == 0) std::this_thread::yield();
    token.Fire();
  });
  EXPECT_EQ(store_->Get(request, "__recovery/1").status().id(), ErrorId::kCancelled);
  canceller.join();
}

// req: STORE-26
TEST_F(BlockedCallTest, ADeadlineEndsACallThatIsUnderWay) {
  ASSERT_TRUE(store_->Put({}, "__recovery/1", "x", PutMode::kCreate, Sync::kProcess).ok());
  ASSERT_TRUE(
      environment_->ScriptFaults(R"([{"verb":"get","class":"intent","nth":0,"action":"freeze"}])")
          .ok());
  Request request;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
  EXPECT_EQ(store_->Get(request, "__recovery/1").status().id(), ErrorId::kDeadlineExceeded);
}

TEST_F(BlockedCallTest, ACommitWhoseAnswerIsLostIsResolvedByTheBridgeOrUnknown) {
  std::unique_ptr<lance::TableStore> tables = backend_->Tables();
  const std::string uri = backend_->root() + "/tables/01J.lance";
  std::unique_ptr<lance::Staged> created =
      tables->StageCreate({}, uri, People("[[1,null]]"), {}).value();
  std::unique_ptr<lance::Table> base = tables->CommitCreate({}, *created, {}).value();
  std::unique_ptr<lance::Staged> staged =
      tables->StageAppend({}, *base, People("[[2,null]]"), {}).value();
  ASSERT_TRUE(
      environment_
          ->ScriptFaults(
              R"([{"verb":"put*","class":"table-manifest","nth":1,"action":"lose_answer"}])")
          .ok());
  Result<std::unique_ptr<lance::Table>> landed = tables->CommitExact({}, *base, *staged, {});
  if (!landed.ok()) {
    EXPECT_EQ(landed.status().id(), ErrorId::kCommitUnknown);
  }
  EXPECT_EQ(tables->Probe({}, uri, 2, staged->uuid()).value(), lance::ProbeOutcome::kOurs);
}

// req: GRAPH-23
TEST_F(BlockedCallTest, ACommitWhoseCallerLeftGoesOnAndIsUnknownUntilAsked) {
  std::unique_ptr<lance::TableStore> tables = backend_->Tables();
  const std::string uri = backend_->root() + "/tables/01J.lance";
  std::unique_ptr<lance::Staged> created =
      tables->StageCreate({}, uri, People("[[1,null]]"), {}).value();
  std::unique_ptr<lance::Table> base = tables->CommitCreate({}, *created, {}).value();
  std::unique_ptr<lance::Staged> staged =
      tables->StageAppend({}, *base, People("[[2,null]]"), {}).value();
  ASSERT_TRUE(
      environment_
          ->ScriptFaults(R"([{"verb":"put*","class":"table-manifest","nth":0,"action":"freeze"}])")
          .ok());
  Request request;
  request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
  EXPECT_EQ(tables->CommitExact(request, *base, *staged, {}).status().id(),
            ErrorId::kCommitUnknown);
  EXPECT_EQ(tables->Probe({}, uri, 2, staged->uuid()).value(), lance::ProbeOutcome::kAbsent);
  ASSERT_TRUE(environment_->ScriptFaults("").ok());
  while (tables->Probe({}, uri, 2, staged->uuid()).value() == lance::ProbeOutcome::kAbsent)
    std::this_thread::yield();
  EXPECT_EQ(tables->Probe({}, uri, 2, staged->uuid()).value(), lance::ProbeOutcome::kOurs);
}

TEST(BridgeTokenize, AnalysesAsTheDefaultIndexDoes) {
  const std::vector<std::vector<std::string>> tokens =
      lance::Tokenize({"The Runners were running, in Caf\u00e9s!", "", "the", "abc-123 x_y",
                       std::string(41, 'z') + " ok"})
          .value();
  ASSERT_EQ(tokens.size(), 5u);
  EXPECT_THAT(tokens[0], ElementsAre("runner", "run", "cafe"));
  EXPECT_THAT(tokens[1], IsEmpty());
  EXPECT_THAT(tokens[2], IsEmpty());
  EXPECT_THAT(tokens[3], ElementsAre("abc", "123", "x", "y"));
  EXPECT_THAT(tokens[4], ElementsAre("ok"));
  EXPECT_TRUE(lance::Tokenize({}).value().empty());
}

TEST(BridgeTokenize, RefusesParametersItDoesNotKnow) {
  EXPECT_FALSE(lance::Tokenize({"x"}, "{\"base_tokenizer\":\"nonsense\"}").ok());
  EXPECT_EQ(lance::Tokenize({"x"}, "not json").status().id(), ErrorId::kInvalidArgument);
  EXPECT_THAT(lance::Tokenize({"The Runners"},
                              R"({"base_tokenizer":"whitespace","stem":false,"lower_case":false,)"
                              R"("remove_stop_words":false,"ascii_folding":false})")
                  .value()
                  .at(0),
              ElementsAre("The", "Runners"));
}

}  // namespace
}  // namespace tarn::contract
