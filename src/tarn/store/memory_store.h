#pragma once

#include <memory>

#include "tarn/store/memory_faults.h"
#include "tarn/store/object_store.h"

namespace tarn::store {

/// What an in-memory store holds. It outlives its handles, so that a test can drop a "process" and
/// open the next one.
class MemoryObjects;
std::shared_ptr<MemoryObjects> NewMemoryObjects();

/// A handle on `objects` whose calls obey `faults` (may be null).
std::unique_ptr<ObjectStore> OpenMemoryStore(std::shared_ptr<MemoryObjects> objects,
                                             std::shared_ptr<MemoryFaults> faults = nullptr);

}  // namespace tarn::store
