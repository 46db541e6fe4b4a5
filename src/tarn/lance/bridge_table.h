#pragma once

#include <memory>

#include "tarn/lance/table.h"
#include "tarn/store/bridge_session.h"

namespace tarn::lance {

/// Lance datasets on a folder or an object store. Tables and transactions of it keep the session
/// alive.
std::unique_ptr<TableStore> OpenBridgeTableStore(std::shared_ptr<const store::Session> session);

}  // namespace tarn::lance
