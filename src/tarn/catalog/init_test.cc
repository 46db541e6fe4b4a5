// Making a warehouse, and what an init that was interrupted, raced or misdirected leaves.

#include <gmock/gmock.h>

#include "tarn/catalog/test_world.h"

namespace tarn::catalog {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> TableKeys(const Snapshot& snapshot) {
  std::vector<std::string> keys;
  for (const TableEntry& table : snapshot.manifest().tables) keys.push_back(table.Key());
  return keys;
}

void ExpectFreshWarehouse(const World& world) {
  Process process(world, 99);
  auto catalog = process.Open();
  ASSERT_TRUE(catalog.ok()) << catalog.status().ToString();
  auto head = (*catalog)->Head(process.request);
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->commit().operation, "init");
  EXPECT_EQ(head->commit().manifest_version, 1u);
  EXPECT_FALSE(head->commit().parent_id.has_value());
  EXPECT_THAT(TableKeys(*head), testing::ElementsAre("edge:Lives", "node:Person", "node:Place"));
  EXPECT_THAT(Ids(*head, "Person"), testing::IsEmpty());
  EXPECT_EQ((*catalog)->SchemaSource(process.request, *head).value(), kTestSchema);
  auto lives = head->OpenTable({}, TableKind::kEdge, "Lives");
  ASSERT_TRUE(lives.ok());
  EXPECT_EQ((*lives)->schema()->field_names(), (std::vector<std::string>{"id", "src", "dst"}));
}

TEST(Init, MakesOneTablePerTypeAndTheFirstCommit) {
  World world;
  Process process(world);
  const Status status = process.Init();
  ASSERT_TRUE(status.ok()) << status.ToString();
  ExpectFreshWarehouse(world);
}

// req: WRITE-42: what is refused leaves nothing behind.
TEST(Init, ABadSchemaWritesNothing) {
  World world;
  Process process(world);
  EXPECT_FALSE(process.Init("node person {").ok());
  EXPECT_THAT(world.Contents(), testing::IsEmpty());
}

TEST(Init, RefusesAWarehouseAndChangesNothing) {
  World world;
  Process process(world);
  ASSERT_TRUE(process.Init().ok());
  const auto before = world.Contents();
  for (bool force : {false, true}) {
    EXPECT_EQ(Process(world, 2).Init(kTestSchema, force).id(), ErrorId::kWarehouseExists);
  }
  EXPECT_EQ(world.Contents(), before);
  ExpectFreshWarehouse(world);
}

TEST(Init, RefusesAForeignFolderUnlessForced) {
  World world;
  Process process(world);
  const std::string note = "notes/todo.txt";
  ASSERT_TRUE(
      process.objects->Put({}, note, "buy milk", store::PutMode::kCreate, store::Sync::kProcess)
          .ok());
  const Status refused = process.Init();
  EXPECT_EQ(IdOf(refused), ErrorId::kForeignFolder);
  EXPECT_THAT(refused.message(), HasSubstr(note));
  EXPECT_EQ(world.Contents().size(), 1u);
  ASSERT_TRUE(process.Init(kTestSchema, /*force=*/true).ok());
  EXPECT_EQ(world.Contents().at(note), "buy milk");
  ExpectFreshWarehouse(world);
}

// req: WRITE-54: every step of an init has a failpoint, and stopping there leaves nothing or all.
TEST(Init, StoppedAnywhereItIsTakenUpAgain) {
  for (const char* name : {"init.after_identity", "init.after_schema", "init.after_tables",
                           "init.before_publish", "init.after_publish"}) {
    World world;
    FailpointScope scope;
    scope.Stop(name);
    EXPECT_FALSE(Process(world, 1).Init().ok()) << name;
    DisarmAllFailpoints();
    Process next(world, 2);
    const auto opened = next.Open(Access::kReadOnly);
    if (std::string(name) == "init.after_publish") {
      EXPECT_TRUE(opened.ok()) << name;
      EXPECT_EQ(next.Init().id(), ErrorId::kWarehouseExists);
    } else {
      EXPECT_EQ(IdOf(opened), ErrorId::kWarehouseNotFound) << name;
      EXPECT_TRUE(next.Init().ok()) << name;
    }
    ExpectFreshWarehouse(world);
  }
}

TEST(Init, OfTwoAtOnceOneWins) {
  for (const char* name :
       {"init.after_identity", "init.after_schema", "init.after_tables", "init.before_publish"}) {
    World world;
    FailpointScope scope;
    Process rival(world, 2);
    scope.Once(name, [&] { EXPECT_TRUE(rival.Init().ok()); });
    EXPECT_EQ(Process(world, 1).Init().id(), ErrorId::kWarehouseExists) << name;
    ExpectFreshWarehouse(world);
  }
}

TEST(Init, LostAnswersAreResolvedByLooking) {
  using Action = store::MemoryFault::Action;
  World world;
  Process process(world);
  process.faults->Add({.operation = "commit", .nth = 2, .action = Action::kLoseAnswer});
  process.faults->Add(
      {.operation = "commit", .nth = 1, .action = Action::kLoseAnswer, .where = "__manifest"});
  process.faults->Add({.operation = "commit", .nth = 3, .action = Action::kFail});
  const Status status = process.Init();
  EXPECT_TRUE(status.ok()) << status.ToString();
  ExpectFreshWarehouse(world);
}

/// A storage that ignores "only if new".
class Overwriting final : public store::ObjectStore {
 public:
  explicit Overwriting(store::ObjectStore& below) : below_(below) {}
  Result<std::string> Get(const Request& request, std::string_view key) override {
    return below_.Get(request, key);
  }
  Status Put(const Request& request, std::string_view key, std::string_view bytes, store::PutMode,
             store::Sync sync) override {
    return below_.Put(request, key, bytes, store::PutMode::kOverwrite, sync);
  }
  Result<std::vector<store::ObjectInfo>> List(const Request& request, std::string_view prefix,
                                              std::string_view after, uint32_t max) override {
    return below_.List(request, prefix, after, max);
  }
  Status Delete(const Request& request, std::string_view key) override {
    return below_.Delete(request, key);
  }

 private:
  store::ObjectStore& below_;
};

TEST(Init, RefusesAStorageWithoutConditionalPuts) {
  World world;
  Process process(world);
  Overwriting storage(*process.objects);
  Location location = process.location();
  location.objects = &storage;
  EXPECT_EQ(Catalog::Init({}, location, std::string(kTestSchema), false).id(),
            ErrorId::kUnsupported);
}

TEST(Open, SaysWhatToRunWhereThereIsNoWarehouse) {
  World world;
  const auto opened = Process(world).Open();
  ASSERT_EQ(IdOf(opened), ErrorId::kWarehouseNotFound);
  EXPECT_THAT(opened.status().hint(), HasSubstr("tarn init"));
}

// req: STORE-33: a manifest is that of its own identity.
TEST(Open, RefusesAnotherWarehousesManifest) {
  World world;
  Process process(world);
  ASSERT_TRUE(process.Init().ok());
  World other;
  Process stranger(other, 7);
  ASSERT_TRUE(stranger.Init().ok());
  const std::string key(kIdentityKey);
  ASSERT_TRUE(process.objects
                  ->Put({}, key, other.Contents().at(key), store::PutMode::kOverwrite,
                        store::Sync::kProcess)
                  .ok());
  const auto opened = process.Open();
  EXPECT_EQ(IdOf(opened), ErrorId::kCorruptData);
  EXPECT_THAT(opened.status().message(), HasSubstr(key));
}

TEST(Open, TellsANewerFormatFromDamage) {
  World world;
  Process process(world);
  ASSERT_TRUE(process.Init().ok());
  const std::string key(kIdentityKey);
  const std::string good = world.Contents().at(key);
  const auto open_with = [&](std::string text) {
    EXPECT_TRUE(
        process.objects->Put({}, key, text, store::PutMode::kOverwrite, store::Sync::kProcess)
            .ok());
    return process.Open().status();
  };
  EXPECT_EQ(open_with(R"({"format": 4, "more": [1.5, null]})").id(), ErrorId::kFormatUnsupported);
  const Status cut = open_with(good.substr(0, good.size() / 2));
  EXPECT_EQ(IdOf(cut), ErrorId::kCorruptData);
  EXPECT_THAT(cut.message(), HasSubstr(key));
  EXPECT_EQ(open_with("").id(), ErrorId::kCorruptData);
  EXPECT_TRUE(open_with(good).ok());
}

}  // namespace
}  // namespace tarn::catalog
