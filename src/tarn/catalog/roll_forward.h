#pragma once

#include <cstdint>

#include "tarn/catalog/location.h"

/// Finishing what another writer began. Help, not repair: it needs no lease, only goes forward, and
/// may run beside the writer itself and beside other finishers.
///
/// Invariants
///   slot-1  An intent is deleted only once its slot's manifest version exists: then it is decided
///   or void. slot-2  An intent read while its slot's version does not exist yet is the one that
///   decides the slot. So the intent
///           is read first and the manifest is looked at second, never the other way round.
///   slot-3  A void intent (put into a slot that D had freed) has no effects: its owner looked
///   before the first one.

namespace tarn::catalog {

/// Settles the intent in `slot` of a line, if one is there: finishes it when its manifest version
/// does not exist yet, else only clears it away. `manifest` is the line's, pinned at any version.
///
/// Errors  kCorruptData or kFormatUnsupported naming the intent that cannot be read; those of
/// LandAll;
///         kRecoveryRequired for an intent that lost its slot and yet has effects (slot-3 does not
///         hold). The intent stays in all cases.
Status SettleSlot(const Request& request, const Location& location, const std::string& line_id,
                  const lance::Table& manifest, uint64_t slot);

/// Settles every intent there is on every line, lowest slot first. `main` is main's manifest pinned
/// at the newest version; answers whether it may have moved since.
Result<bool> SweepIntents(const Request& request, const Location& location,
                          const lance::Table& main);

/// Step D. Best effort: what stays is cleared away by the next open for writing.
void RetireIntent(const Request& request, const Location& location, const std::string& line_id,
                  uint64_t slot);

}  // namespace tarn::catalog
