// The bytes of identity, manifest rows and intents: they come back as they were, and nothing else
// comes back.

#include <random>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/catalog/digest.h"
#include "tarn/catalog/identity.h"
#include "tarn/catalog/intent.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_codec.h"

namespace tarn::catalog {
namespace {

using ::testing::HasSubstr;

const std::string kUlidA = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const std::string kUlidB = "01BX5ZZKBKACTAV9WEVGEMMVRY";
const std::string kUlidC = "01BX5ZZKBKACTAV9WEVGEMMVRZ";

CommitRecord ACommit() {
  CommitRecord commit;
  commit.id = kUlidA;
  commit.manifest_version = 12;
  commit.parent_id = kUlidB;
  commit.actor = "ada \"the\" first\n";
  commit.operation = "load:merge";
  commit.request_id = "req/1";
  commit.created_at_micros = -5;
  commit.changes = {
      {.table_id = kUlidC, .version = 8, .inserted = 1, .updated = 2, .deleted = UINT64_MAX}};
  return commit;
}

Intent AnIntent() {
  Intent intent;
  intent.slot = 12;
  intent.commit = ACommit();
  intent.effects = {{.table_id = kUlidC,
                     .table_key = "node:Person",
                     .transaction = {.location = TableLocation(kUlidC),
                                     .expected = 7,
                                     .uuid = "u-1",
                                     .files = {{"data/a.lance", 10}, {"data/b.lance", 0}},
                                     .encoded = std::string("\0\xff bytes", 8)}}};
  intent.publish = {
      .location = "__manifest", .expected = 11, .uuid = "u-2", .files = {}, .encoded = "m"};
  return intent;
}

void ExpectEqual(const CommitRecord& a, const CommitRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.manifest_version, b.manifest_version);
  EXPECT_EQ(EncodeCommit(a), EncodeCommit(b));
}

// req: STORE-40: altered bytes are a typed error that names their place.
template <typename Decode>
void ExpectCorrupt(Decode&& decode, std::string_view where, const std::string& text) {
  const auto result = decode(text);
  ASSERT_FALSE(result.ok()) << text;
  EXPECT_TRUE(result.status().id() == ErrorId::kCorruptData ||
              result.status().id() == ErrorId::kFormatUnsupported)
      << result.status().ToString();
  EXPECT_THAT(result.status().message(), HasSubstr(where)) << text;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(Digest, KnowsThePublishedAnswers) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fooba"), "Zm9vYmE=");
  for (const std::string& bytes :
       {std::string(), std::string("\0", 1), std::string("ab"), std::string("abc")}) {
    EXPECT_EQ(FromBase64(Base64(bytes)), bytes);
  }
  for (const char* bad :
       {"Zg=", "Zg", "Zh==", " Zg==", "Zg==\n", "Zg== ", "====", "Z===", "Zm=v", "Zm9*"}) {
    EXPECT_EQ(FromBase64(bad), std::nullopt) << bad;
  }
}

TEST(Layout, AnIntentsNameIsItsSlotAndNothingElse) {
  EXPECT_EQ(IntentKey(12), "__recovery/main/00000000000000000012.json");
  EXPECT_EQ(IntentKey(12, kUlidA), fmt::format("__recovery/{}/00000000000000000012.json", kUlidA));
  EXPECT_EQ(IntentNameOf(IntentKey(12)), (IntentName{"main", 12}));
  EXPECT_EQ(IntentNameOf(IntentKey(12, kUlidA)), (IntentName{kUlidA, 12}));
  EXPECT_EQ(IntentNameOf(IntentKey(UINT64_MAX)), (IntentName{"main", UINT64_MAX}));
  for (const char* other :
       {"", "__recovery", "__recovery/", "__recovery/main", "__recovery/main/12.json",
        "__recovery/x/00000000000000000012.json", "__recovery/main/00000000000000000000.json",
        "__recovery/main/00000000000000000012.json~", "__recovery/main/99999999999999999999.json",
        "00000000000000000012.json"}) {
    EXPECT_EQ(IntentNameOf(other), std::nullopt) << other;
  }
}

TEST(Identity, ComesBackAndNothingElseDoes) {
  const Identity identity{
      .id = kUlidA, .created_at_micros = 17, .product = "0.1.0", .put_if_absent = true};
  const std::string text = EncodeIdentity(identity);
  EXPECT_EQ(DecodeIdentity(text).value(), identity);
  for (const std::string& bad :
       {Replaced(text, kUlidA, "wh"), Replaced(text, "\"id\"", "\"idx\""),
        Replaced(text, "17", "\"17\""), Replaced(text, "17", "1.5"),
        Replaced(text, "\"format\": 3", "\"format\": 0"), Replaced(text, "true", "null"),
        Replaced(text, "17", "17, \"created_at\": 17"), text + "x", std::string("[]"),
        std::string("\xff\xfe")}) {
    ExpectCorrupt(DecodeIdentity, kIdentityKey, bad);
  }
}

RecoveryRecord ARecovery() {
  return {.operation_id = kUlidA,
          .commit_id = kUlidB,
          .kind = RecoveryRecord::Kind::kRepaired,
          .for_actor = "ada",
          .reason = "a \"reason\"",
          .created_at_micros = 7,
          .tables = {{.table_id = kUlidC,
                      .table_key = "node:Person",
                      .found = TableStanding::kUnexpectedMultistep,
                      .head = 5,
                      .to_version = 3,
                      .version = 6}}};
}

TEST(ManifestRow, EveryKindComesBack) {
  const TableEntry table{.id = kUlidC,
                         .kind = TableKind::kEdge,
                         .type_id = 4,
                         .type_name = "Knows",
                         .location = TableLocation(kUlidC),
                         .version = 3,
                         .rows = 2,
                         .bytes = 1};
  const std::vector<RowContent> contents = {
      WarehouseEntry{kUlidA, 2},
      SchemaEntry{kUlidA, Sha256Hex("a"), Sha256Hex("b"), Sha256Hex("c")},
      table,
      DroppedTable{kUlidC},
      ACommit(),
      RequestEntry{"client 1/é", kUlidA},
      RequestEntry{"r", kUlidA, 3, 0},
      RequestEntry{"r", kUlidA, 0, 18446744073709551615u},
      ARecovery(),
      Checkpoint{7},
      HeadEntry{ACommit()},
      BranchEntry{.name = "fix/é", .id = kUlidB, .from = kUlidA, .first = 7, .actor = "ada"},
      BranchEntry{
          .name = "b", .id = kUlidB, .parent = kUlidC, .from = kUlidA, .first = 7, .closing = true},
      DroppedBranch{"fix/é"},
      TagEntry{.name = "q1", .commit = kUlidA, .line = kUlidB, .created_at_micros = 5},
      DroppedTag{"q1"},
      LineEntry{.line = {.id = kUlidB, .name = "fix/é", .first = 7}, .closed = true}};
  for (const RowContent& content : contents) {
    const ManifestRow row = EncodeRow(12, content);
    const auto back = DecodeRow(row);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(back->index(), content.index());
    EXPECT_EQ(EncodeRow(12, *back), row);
  }
  const auto commit = std::get<CommitRecord>(DecodeRow(EncodeRow(12, ACommit())).value());
  ExpectEqual(commit, ACommit());
}

TEST(ManifestRow, ForgedRowsAreRefusedByName) {
  const ManifestRow table = EncodeRow(3, TableEntry{.id = kUlidC,
                                                    .type_id = 4,
                                                    .type_name = "Person",
                                                    .location = TableLocation(kUlidC),
                                                    .version = 3});
  const ManifestRow commit = EncodeRow(3, ACommit());
  const ManifestRow branch =
      EncodeRow(3, BranchEntry{.name = "b", .id = kUlidB, .from = kUlidA, .first = 7});
  const std::vector<ManifestRow> forged = {
      {"table/" + kUlidC, 3, Replaced(table.body, TableLocation(kUlidC), "../../etc")},
      {"table/" + kUlidA, 3, table.body},
      {"table/x", 3, table.body},
      {"table/" + kUlidC, 3, Replaced(table.body, "\"version\":3", "\"version\":0")},
      {"table/" + kUlidC, 3, Replaced(table.body, "\"version\":3", "\"version\":-3")},
      {"table/" + kUlidC, 3, Replaced(table.body, "node", "nodes")},
      {"table/" + kUlidC, 3, R"({"dropped":false})"},
      {"table/" + kUlidC, 3, R"({"dropped":true,"rows":1})"},
      {"commit/" + kUlidA, 3, table.body},
      {"commit/x", 3, commit.body},
      {"commit/" + kUlidA, 3, Replaced(commit.body, kUlidB, "root")},
      {"commit/" + kUlidA, 3, Replaced(commit.body, "\"version\":8", "\"version\":8.0")},
      {"request/", 3, R"({"commit":")" + kUlidA + "\"}"},
      {"schema", 3,
       R"({"id":")" + kUlidA + R"(","digest":"x","source_digest":"y","form_digest":"z"})"},
      {"warehouse", 3, R"({"format":9,"id":")" + kUlidA + "\"}"},
      {"warehouse", 3, R"({"format":0,"id":")" + kUlidA + "\"}"},
      {"checkpoint", 3, "{}"},
      {"checkpoint", 3, R"({"rows":-1})"},
      {"policy/x", 3, "{}"},
      {"table/" + kUlidC, 3,
       Replaced(table.body, TableLocation(kUlidC), ForkLocation(kUlidA, kUlidB))},
      {"table/" + kUlidC, 3,
       Replaced(table.body, TableLocation(kUlidC), TableLocation(kUlidC) + "/tree/x")},
      {"branch/", 3, branch.body},
      {"branch/b", 3, Replaced(branch.body, "main", "review")},
      {"branch/b", 3, Replaced(branch.body, "\"first\":7", "\"first\":0")},
      {"branch/b", 3, R"({"dropped":true,"id":1})"},
      {"tag/t", 3, R"({"commit":"x","line":"main","actor":"","created_at":1})"},
      {"line", 3, R"({"id":"main","name":"main","first":1,"closed":false})"},
      {"schema", 3, "{"},
      {"schema", 3, std::string(kRowBodyBytesMax + 1, ' ')},
  };
  for (const ManifestRow& row : forged) {
    ExpectCorrupt([&](const std::string&) { return DecodeRow(row); }, row.key,
                  row.body.substr(0, 200));
  }
}

TEST(ManifestRow, BatchesHoldThemAndForeignBatchesAreRefused) {
  const std::vector<ManifestRow> rows = {{"a", 1, "{}"}, {"b", UINT64_MAX, ""}};
  std::vector<ManifestRow> back;
  const auto batch = RowsToBatch(rows);
  ASSERT_TRUE(batch->ValidateFull().ok());
  ASSERT_TRUE(AppendRows(*batch, back).ok());
  EXPECT_EQ(back, rows);
  EXPECT_FALSE(AppendRows(*batch->SelectColumns({0, 1}).ValueOrDie(), back).ok());
  EXPECT_FALSE(AppendRows(*batch->SelectColumns({1, 0, 2}).ValueOrDie(), back).ok());
  for (const auto& field : ManifestSchema()->fields()) EXPECT_FALSE(field->nullable());
}

TEST(Intent, ComesBack) {
  const Intent intent = AnIntent();
  const std::string text = EncodeIntent(intent).value();
  const auto back = DecodeIntent(IntentKey(12), text);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->slot, 12u);
  ExpectEqual(back->commit, intent.commit);
  EXPECT_EQ(back->effects, intent.effects);
  EXPECT_EQ(back->publish, intent.publish);
  EXPECT_EQ(EncodeIntent(*back).value(), text);
}

// req: WRITE-20: everything that recovery must know is in the file, readable.
TEST(Intent, NamesTablesVersionsKindActorBranchAndOperation) {
  const std::string text = EncodeIntent(AnIntent()).value();
  for (const std::string& part :
       {std::string(R"("key":"node:Person")"), R"("location":"tables/)" + kUlidC,
        std::string(R"("expected":7)"), std::string(R"("pin":8)"),
        std::string(R"("operation":"load:merge")"), std::string(R"("actor":"ada)"),
        std::string(R"("branch":"main")"), R"("id":")" + kUlidA}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

/// The intent with one member changed and the checksum made right again: what only the later checks
/// can see.
std::string Forged(std::string_view from, std::string_view to) {
  std::string text = Replaced(EncodeIntent(AnIntent()).value(), from, to);
  const size_t end = text.rfind(",\"checksum\"");
  return fmt::format("{},\"checksum\":\"{}\"}}", text.substr(0, end),
                     Sha256Hex(text.substr(0, end)));
}

TEST(Intent, ForgedOnesAreRefusedByName) {
  const auto decode = [](const std::string& text) { return DecodeIntent(IntentKey(12), text); };
  const std::string text = EncodeIntent(AnIntent()).value();
  for (const std::string& bad : {
           std::string(),
           text.substr(0, text.size() - 1),
           text + "\n",
           Replaced(text, "ada", "eve"),
           Forged("\"format\":3", "\"format\":4"),
           Forged("\"format\":3", "\"format\":0"),
           Forged("\"format\":3", "\"format\":3,\"undo\":true"),
           Forged("\"slot\":12", "\"slot\":13"),
           Forged("\"expected\":7", "\"expected\":6"),
           Forged("\"pin\":8", "\"pin\":9"),
           Forged("\"expected\":11,\"pin\":12", "\"expected\":12,\"pin\":13"),
           Forged(TableLocation(kUlidC), TableLocation(kUlidA)),
           Forged(kUlidB, "x"),
           Forged(R"("location":"__manifest")", R"("location":"elsewhere")"),
           Forged("\"branch\":\"main\"", "\"branch\":\"x\""),
           Forged("\"uuid\":\"u-1\"", "\"uuid\":\"\""),
           Forged("\"transaction\":\"bQ==\"", "\"transaction\":\"bQ\""),
           Forged("\"transaction\":\"bQ==\"", "\"transaction\":\"\""),
           Forged("\"path\":\"data/a.lance\"", "\"path\":\"\""),
       }) {
    ExpectCorrupt(decode, IntentKey(12), bad);
  }
  ExpectCorrupt([&](const std::string& whole) { return DecodeIntent(IntentKey(13), whole); },
                IntentKey(13), text);
}

TEST(Intent, IsBounded) {
  Intent intent = AnIntent();
  intent.effects[0].transaction.encoded.assign(kTransactionBytesMax + 1, 'x');
  EXPECT_EQ(EncodeIntent(intent).status().id(), ErrorId::kCommitTooLarge);
  EXPECT_EQ(EncodeIntent(intent).status().detail()->kind, "resource_limit");
}

// A short, seeded run of what tests/fuzz does at leisure: no input crashes, and an accepted one is
// canonical.
TEST(Fuzz, MutatedBytesAreRefusedOrCanonical) {
  std::mt19937_64 random(20260);
  const std::string intent = EncodeIntent(AnIntent()).value();
  const std::string identity =
      EncodeIdentity({.id = kUlidA, .created_at_micros = 1, .product = "p"});
  const ManifestRow row = EncodeRow(12, ACommit());
  const auto mutate = [&](std::string text) {
    for (uint64_t edits = random() % 3 + 1; edits > 0 && !text.empty(); --edits) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, random() % 8); break;
        case 2: text.insert(at, text.substr(random() % text.size(), random() % 16)); break;
        default: text.resize(at);
      }
    }
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string forged = mutate(intent);
    EXPECT_EQ(DecodeIntent(IntentKey(12), forged).ok(), forged == intent);
    (void)DecodeIdentity(mutate(identity));
    const ManifestRow changed{row.key, row.seq, mutate(row.body)};
    if (const auto content = DecodeRow(changed); content.ok()) {
      const ManifestRow again = EncodeRow(12, *content);
      EXPECT_EQ(EncodeRow(12, DecodeRow(again).value()), again);
    }
  }
}

}  // namespace
}  // namespace tarn::catalog
