#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tarn/catalog/intent.h"
#include "tarn/catalog/location.h"

/// Steps B and C of a commit, the same for the writer that planned it and for whoever finishes it
/// in its place.

namespace tarn::catalog {

/// A transaction that has to become exactly one version of one dataset, whoever lands it.
struct Landing {
  std::string what;  ///< "node:Person" or "__manifest", for messages
  std::string uri;
  uint64_t expected = 0;  ///< it lands at expected + 1; 0 = it creates the dataset
  std::string uuid;
  std::string encoded;                    ///< what `staged` is decoded from when there is none
  std::unique_ptr<lance::Staged> staged;  ///< the planner's own; absent for a finisher
  std::unique_ptr<lance::Table> base;  ///< pinned at `expected`; absent for a finisher and a create
  bool had_landed = false;             ///< a finisher found it there
};

/// All of one commit.
struct CommitSteps {
  std::string name;  ///< the intent's key, for messages
  std::string commit_id;
  std::vector<Landing> effects;
  Landing publish;
  bool trust_expected = false;  ///< the planner saw the head a moment ago: no list before a commit
};

/// The steps of an intent, for a finisher: nothing is opened or decoded yet.
CommitSteps StepsOf(const Location& location, const Intent& intent);

/// Lands every effect, side by side, and after them the publish. Idempotent, and safe beside others
/// that do the same. Returns the manifest at its new version, or null when somebody else landed the
/// publish.
///
/// Errors  kRecoveryRequired names intent and table when a foreign commit stands at the version, or
/// a staged file or
///         the base version is gone: nothing else is touched. kUnknownOutcome when the storage does
///         not tell whether a transaction landed. Other storage errors as they come; nothing is
///         lost, a later call goes on.
Result<std::unique_ptr<lance::Table>> LandAll(const Request& request, const Location& location,
                                              CommitSteps& steps);

/// Lands a single transaction in the same way, outside of any intent: what init creates, and what
/// undo publishes. `name` is for messages; `trust_expected` as in CommitSteps.
Status LandOne(const Request& request, const Location& location, const std::string& name,
               Landing& landing, bool trust_expected);

}  // namespace tarn::catalog
