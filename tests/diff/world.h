#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "naive/naive.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/exec/execute.h"
#include "tarn/search/resident.h"

namespace tarn::diff {

/// A small graph twice: as plain rows, and as tables in memory behind a snapshot.
class World {
 public:
  /// `schema_text` must compile. The rows of `graph` become the tables; types without rows become
  /// empty ones.
  World(const std::string& schema_text, naive::Graph graph);
  ~World();

  const schema::Schema& schema() const { return *manifest_->schema; }
  const naive::Graph& graph() const { return graph_; }
  catalog::Snapshot snapshot() const;
  /// Resident state that keeps everything, or nothing.
  search::Resident& resident(bool keeps) { return keeps ? *keeping_ : *forgetting_; }
  naive::Outside outside();

 private:
  void AddTable(catalog::TableKind kind, const std::string& type_name,
                const std::shared_ptr<arrow::Schema>& columns, const std::vector<naive::Row>& rows);

  std::shared_ptr<catalog::Manifest> manifest_;
  naive::Graph graph_;
  std::unique_ptr<lance::TableStore> tables_;
  std::unique_ptr<search::Resident> keeping_;
  std::unique_ptr<search::Resident> forgetting_;
};

/// Words in lower case without a few stop words: what both sides take for an analyser.
std::vector<std::string> PlainTokens(std::string_view text);

inline constexpr int64_t kNowMs = 1'780'000'000'000;

}  // namespace tarn::diff
