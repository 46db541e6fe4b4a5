#pragma once

#include <string>

#include "tarn/catalog/intent.h"
#include "tarn/catalog/location.h"

/// Giving up a commit that nobody can finish: something else stands at a version that one of its
/// tables must take, or a staged file is gone.
///
/// Invariants
///   undo-1  The slot decides: the abort is published at exactly the version that the commit
///   wanted,
///           so one of the two lands, never both, whoever tries what.
///   undo-2  It names, for every table of the commit that has moved, a version with the content
///   that
///           the manifest named before: restored at exactly one above the newest, under a uuid that
///           follows from commit, table and version, so that all who undo do the same.
///   undo-3  A head is read first and the slot is looked at second. What stands above the published
///           version while the slot is open belongs to nobody who can still publish it, and a
///           restore that comes late is fenced. A late effect of a dead commit is one more
///           unexpected version: the next writer of that table meets it, and undoes.
/// So nobody has to be sure that a commit cannot go forward: tests/model, AnUndoWithoutNeed...

namespace tarn::catalog {

/// Decides the open slot of `intent` against it, unless it is decided already: then nothing is
/// changed. The caller retires the intent. `reason` is kept in the record.
///
/// Errors  kRecoveryRequired when a table stands behind the version that the manifest names
///         (InvariantViolation), that version is gone, or somebody keeps writing to a table: the
///         intent must stay. Storage errors as they come; a later call goes on.
Status UndoIntent(const Request& request, const Location& location, const Intent& intent,
                  const std::string& reason);

}  // namespace tarn::catalog
