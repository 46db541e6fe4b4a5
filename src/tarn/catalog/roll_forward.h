#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tarn/catalog/layout.h"
#include "tarn/catalog/location.h"
#include "tarn/catalog/manifest.h"

/// Finishing what another writer began. Help, not repair: it needs no lease, and may run beside the
/// writer itself and beside other finishers. What cannot go forward is given up (undo.h).
///
/// Invariants
///   slot-1  An intent is deleted only once its slot's manifest version exists: then it is decided
///           or void.
///   slot-2  An intent read while its slot's version does not exist yet is the one that decides the
///           slot. So the intent is read first and the manifest is looked at second, never the
///           other way round.
///   slot-3  A void intent (put into a slot that D had freed) has no effects: its owner looked
///           before the first one.

namespace tarn::catalog {

/// Settles the intent in `slot` of a line, if one is there: finishes it or gives it up when its
/// manifest version does not exist yet, and clears it away. `manifest` is the line's, pinned at any
/// version.
///
/// Errors  kCorruptData or kFormatUnsupported naming the intent that cannot be read; those of
///         LandAll and UndoIntent. The intent stays in all cases.
Status SettleSlot(const Request& request, const Location& location, const std::string& line_id,
                  const lance::Table& manifest, uint64_t slot);

struct Sweep {
  /// A commit that this sweep finished in its writer's place. Its intent is still there: it goes
  /// once that is written down.
  struct Finished {
    IntentName intent;
    RecoveryRecord record;
  };
  std::vector<Finished> finished;
  bool moved_main = false;  ///< main's manifest may have moved
};

/// Every key below the intents' folder, in order.
Result<std::vector<std::string>> ListIntents(const Request& request, const Location& location);

/// Settles every intent there is on every line, lowest slot first. `main` is main's manifest pinned
/// at the newest version.
Result<Sweep> SweepIntents(const Request& request, const Location& location,
                           const lance::Table& main);

/// Step D. Best effort: what stays is cleared away by the next open for writing.
void RetireIntent(const Request& request, const Location& location, const std::string& line_id,
                  uint64_t slot);

}  // namespace tarn::catalog
