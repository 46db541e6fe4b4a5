#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/lance/table.h"
#include "tarn/search/resident.h"
#include "tarn/store/meter.h"
#include "tarn/store/object_store.h"

namespace tarn::engine {

/// The outside that one warehouse stands on. Made over the bridge by bridge_database.cc, over the
/// fakes by tests.
struct Stores {
  std::string root;               ///< absolute
  std::shared_ptr<void> session;  ///< whatever must outlive the stores
  std::unique_ptr<store::ObjectStore> objects;
  std::unique_ptr<lance::TableStore> tables;
  search::Analyser analyser;
  std::function<std::unique_ptr<Meter>()> make_meter;
  Clock* clock = nullptr;
};

}  // namespace tarn::engine
