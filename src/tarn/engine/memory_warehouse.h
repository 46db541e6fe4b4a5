#pragma once

#include <memory>

#include "tarn/engine/database.h"

namespace tarn::engine {

/// A warehouse on the in-memory fakes, for tests: it outlives the databases that are opened on it.
class MemoryWarehouse {
 public:
  static std::unique_ptr<MemoryWarehouse> Make();
  virtual ~MemoryWarehouse() = default;
  virtual Status Init(const Request& request, const SourceText& schema) = 0;
  virtual Result<std::unique_ptr<Database>> Open(const Request& request,
                                                 const OpenOptions& options) = 0;
};

}  // namespace tarn::engine
