#include "backend.h"

#include <stdlib.h>

#include <atomic>
#include <filesystem>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/columnar/row_text.h"
#include "tarn/lance/bridge_table.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/bridge_session.h"
#include "tarn/store/memory_store.h"

namespace tarn::contract {
namespace {

/// Before the first environment is made: fault scripts are refused otherwise.
const bool kFaultsAllowed = ::setenv("TARN_ENABLE_FAULTS", "1", /*overwrite=*/1) == 0;

class FakeBackend final : public Backend {
 public:
  const std::string& root() const override { return root_; }
  std::unique_ptr<store::ObjectStore> Objects() override {
    return store::OpenMemoryStore(objects_);
  }
  std::unique_ptr<lance::TableStore> Tables() override {
    return lance::OpenMemoryTableStore(tables_);
  }

 private:
  const std::string root_ = "/fake";
  std::shared_ptr<store::MemoryObjects> objects_ = store::NewMemoryObjects();
  std::shared_ptr<lance::MemoryTables> tables_ = lance::NewMemoryTables();
};

class BridgeBackend final : public Backend {
 public:
  explicit BridgeBackend(BackendKind kind)
      : through_store_(kind == BackendKind::kFolderThroughStore) {
    if (kind == BackendKind::kSharedMemory) {
      static std::atomic<int> number{0};
      root_ = fmt::format("shared-memory://contract-{}/wh", number++);
      return;
    }
    std::string name = (std::filesystem::temp_directory_path() / "tarn-contract-XXXXXX").string();
    TARN_CHECK(kFaultsAllowed && ::mkdtemp(name.data()) != nullptr, "no temporary folder");
    folder_ = name;
    root_ = name + "/wh";
  }
  ~BridgeBackend() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  const std::string& root() const override { return root_; }
  std::unique_ptr<store::ObjectStore> Objects() override {
    return store::OpenBridgeStore(NewSession(), root_).value();
  }
  std::unique_ptr<lance::TableStore> Tables() override {
    return lance::OpenBridgeTableStore(NewSession());
  }

 private:
  std::shared_ptr<const store::Session> NewSession() {
    return store::Session::Open(environment_, {.through_store = through_store_}).value();
  }

  const bool through_store_;
  std::string folder_;  // empty = no files
  std::string root_;
  std::shared_ptr<const store::Environment> environment_ = store::Environment::Open({}).value();
};

std::vector<uint64_t> NumbersOf(const lance::Table& table, const lance::ScanSpec& spec) {
  std::unique_ptr<lance::BatchStream> stream = table.Scan({}, spec).value();
  std::vector<uint64_t> numbers;
  for (const auto& batch : lance::ReadAll(*stream).value()) {
    const auto& column = static_cast<const arrow::UInt64Array&>(*batch->column(0));
    for (int64_t i = 0; i < column.length(); ++i) numbers.push_back(column.Value(i));
  }
  return numbers;
}

}  // namespace

std::string NameOf(BackendKind kind) {
  switch (kind) {
    case BackendKind::kFake: return "Fake";
    case BackendKind::kFolder: return "Folder";
    case BackendKind::kFolderThroughStore: return "FolderThroughStore";
    case BackendKind::kSharedMemory: return "SharedMemory";
  }
  TARN_UNREACHABLE("a BackendKind outside its enum");
}

std::unique_ptr<Backend> Backend::Make(BackendKind kind) {
  if (kind == BackendKind::kFake) return std::make_unique<FakeBackend>();
  return std::make_unique<BridgeBackend>(kind);
}

std::shared_ptr<arrow::Schema> PeopleSchema() {
  return arrow::schema(
      {arrow::field("id", arrow::int64(), false), arrow::field("name", arrow::utf8())});
}

std::unique_ptr<lance::BatchStream> Rows(const std::shared_ptr<arrow::Schema>& schema,
                                         std::string_view json) {
  return lance::StreamOf(schema, {columnar::BatchFromJson(schema, json).value()});
}

std::unique_ptr<lance::BatchStream> People(std::string_view json) {
  return Rows(PeopleSchema(), json);
}

std::vector<std::string> Texts(const lance::Table& table, const lance::ScanSpec& spec) {
  std::unique_ptr<lance::BatchStream> stream = table.Scan({}, spec).value();
  return columnar::RowTexts(lance::ReadAll(*stream).value());
}

std::vector<std::string> Texts(const lance::Table& table) {
  return Texts(table, {.columns = {"id", "name"}});
}

std::vector<uint64_t> RowIds(const lance::Table& table) {
  return NumbersOf(table, {.row_id = true});
}
std::vector<uint64_t> RowAddresses(const lance::Table& table) {
  return NumbersOf(table, {.row_addr = true});
}

std::unique_ptr<lance::Table> TableTest::Create(const std::shared_ptr<arrow::Schema>& schema,
                                                std::string_view json) {
  std::unique_ptr<lance::Staged> staged =
      store_->StageCreate({}, uri_, Rows(schema, json), {}).value();
  return store_->CommitCreate({}, *staged, {}).value();
}

std::unique_ptr<lance::Table> TableTest::CreatePeople(std::string_view json) {
  return Create(PeopleSchema(), json);
}

std::unique_ptr<lance::Staged> TableTest::StageAppend(const lance::Table& base,
                                                      std::string_view json) {
  return store_->StageAppend({}, base, People(json), {}).value();
}

std::unique_ptr<lance::Table> TableTest::Append(const lance::Table& base, std::string_view json) {
  return store_->CommitExact({}, base, *StageAppend(base, json), {}).value();
}

}  // namespace tarn::contract
