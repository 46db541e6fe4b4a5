#pragma once

#include <memory>

#include "tarn/engine/database.h"
#include "tarn/engine/stores.h"

namespace tarn::engine {

Status InitWarehouse(const Request& request, const Stores& stores, const SourceText& schema,
                     bool force, catalog::Durability durability);

/// Opens the warehouse of `stores`, which the database owns from then on.
Result<std::unique_ptr<Database>> OpenWarehouse(const Request& request, Stores stores,
                                                const OpenOptions& options);

}  // namespace tarn::engine
