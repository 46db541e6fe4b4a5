#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>
#include <gtest/gtest.h>

#include "tarn/lance/table.h"
#include "tarn/store/object_store.h"

/// The storages that every contract case runs on.

namespace tarn::contract {

enum class BackendKind { kFake, kFolder, kFolderThroughStore, kSharedMemory };
std::string NameOf(BackendKind kind);
inline void PrintTo(BackendKind kind, std::ostream* out) { *out << NameOf(kind); }

/// A fresh, empty place that lives as long as this object.
class Backend {
 public:
  static std::unique_ptr<Backend> Make(BackendKind kind);
  virtual ~Backend() = default;
  virtual const std::string& root() const = 0;
  /// Each call is a handle of its own, as another process would hold it: no caches are shared.
  virtual std::unique_ptr<store::ObjectStore> Objects() = 0;
  virtual std::unique_ptr<lance::TableStore> Tables() = 0;
};

/// A case that runs on every backend.
class ContractTest : public ::testing::TestWithParam<BackendKind> {
 protected:
  std::unique_ptr<Backend> backend_ = Backend::Make(GetParam());
};

#define TARN_ON_EVERY_BACKEND(suite)                                                   \
  INSTANTIATE_TEST_SUITE_P(                                                            \
      , suite,                                                                         \
      ::testing::Values(BackendKind::kFake, BackendKind::kFolder,                      \
                        BackendKind::kFolderThroughStore, BackendKind::kSharedMemory), \
      [](const auto& info) { return NameOf(info.param); })

/// A case about one table at `uri_`.
class TableTest : public ContractTest {
 protected:
  std::string uri_ = backend_->root() + "/tables/01J.lance";
  std::unique_ptr<lance::TableStore> store_ = backend_->Tables();

  std::unique_ptr<lance::Table> Create(const std::shared_ptr<arrow::Schema>& schema,
                                       std::string_view json);
  std::unique_ptr<lance::Table> CreatePeople(std::string_view json);
  std::unique_ptr<lance::Table> Append(const lance::Table& base, std::string_view json);
  std::unique_ptr<lance::Staged> StageAppend(const lance::Table& base, std::string_view json);
};

/// id int64 not null, name utf8.
std::shared_ptr<arrow::Schema> PeopleSchema();
std::unique_ptr<lance::BatchStream> Rows(const std::shared_ptr<arrow::Schema>& schema,
                                         std::string_view json);
std::unique_ptr<lance::BatchStream> People(std::string_view json);

/// All rows of a scan as texts, in order.
std::vector<std::string> Texts(const lance::Table& table, const lance::ScanSpec& spec);
std::vector<std::string> Texts(const lance::Table& table);  ///< id and name
std::vector<uint64_t> RowIds(const lance::Table& table);
std::vector<uint64_t> RowAddresses(const lance::Table& table);

}  // namespace tarn::contract
