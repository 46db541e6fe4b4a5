#pragma once

#include <cstdint>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/lance/table.h"
#include "tarn/store/object_store.h"

namespace tarn::catalog {

enum class Durability : uint8_t {
  kFull,
  kProcess
};  ///< survives a power cut; survives a killed process
enum class Access : uint8_t { kReadWrite, kReadOnly };

/// Where a warehouse lives. The stores and the clock outlive the catalog.
struct Location {
  std::string root;  ///< absolute folder or URI, without a trailing slash
  store::ObjectStore* objects = nullptr;
  lance::TableStore* tables = nullptr;
  Clock* clock = nullptr;
  Durability durability = Durability::kFull;

  store::Sync sync() const {
    return durability == Durability::kFull ? store::Sync::kDurable : store::Sync::kProcess;
  }
  bool durable() const { return durability == Durability::kFull; }
};

}  // namespace tarn::catalog
