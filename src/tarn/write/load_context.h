#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "tarn/base/clock.h"
#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/write/limits.h"
#include "tarn/write/load.h"
#include "tarn/write/problems.h"
#include "tarn/write/scratch.h"

namespace tarn::write {

/// What the parts of one attempt to load share. Everything it points to outlives it.
struct LoadContext {
  LoadContext(const Request& asked, catalog::Snapshot head, Clock& clock, UlidFactory& factory,
              const LoadOptions& load_options)
      : request(asked),
        options(load_options),
        snapshot(std::move(head)),
        hash_seed(clock.RandomBits()),
        ulids(factory),
        scratch(load_options.spill_folder),
        group(load_options.memory_bytes_max / kSpillableShare),
        problems(load_options.source_name) {}

  int64_t resolve_bytes_max() const {
    return std::max<int64_t>(1, options.memory_bytes_max / kResolveShare);
  }

  const Request& request;
  const LoadOptions& options;
  const catalog::Snapshot snapshot;
  const uint64_t hash_seed;
  UlidFactory& ulids;
  ScratchSpace scratch;
  SpillGroup group;
  ProblemList problems;
};

}  // namespace tarn::write
