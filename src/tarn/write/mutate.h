#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/base/request.h"
#include "tarn/catalog/catalog.h"
#include "tarn/ir/query.h"
#include "tarn/write/key_map.h"
#include "tarn/write/limits.h"

namespace tarn::write {

/// A mutation that is ready to run on one schema.
struct BoundMutation {
  ir::Mutation mutation;
  ir::ParameterValues parameters;
};

/// Compiles the mutation; called again when a conflict makes it plan on a head with another schema.
using BindMutation = std::function<Result<BoundMutation>(const schema::Schema&)>;

struct MutateOptions {
  std::string branch = "main";
  /// Lands only if the head is this commit; never retried.
  std::string if_commit = "";
  /// `compat.reject_mixed_mutations`: refuse a mutation that holds deletes and other statements.
  bool reject_mixed = false;
  uint32_t conflict_retries_max = kConflictRetriesMax;
};

struct MutateResult {
  std::string query_name;                       ///< empty for a replay, which compiles nothing
  uint64_t affected_nodes = 0;                  ///< rows changed by all statements
  uint64_t affected_edges = 0;                  ///< with those that went with their nodes
  std::optional<catalog::CommitRecord> commit;  ///< none when nothing changed
};

class WaitingMutation;

/// Runs the mutations of one process on one warehouse. Those that wait while another is under way
/// land together; the queue is fair. Thread safe.
class MutationQueue {
 public:
  /// Both outlive this. `key_bytes_max` bounds what is kept of stored ids between mutations.
  MutationQueue(catalog::Catalog& catalog, Clock& clock, int64_t key_bytes_max)
      : catalog_(catalog), clock_(clock), keys_(key_bytes_max, clock.RandomBits()) {}

  /// Runs all statements of a mutation in order, each on what those before it left, judges the
  /// image they leave, and makes it one commit, or changes nothing. Mutations that land together
  /// share the commit.
  ///
  /// A lost race plans everything again on the new head, so that a mutation acts on what it reads.
  /// A request id that a commit carries already is answered with that commit.
  ///
  /// Errors  those of `bind`; kConstraintViolation and kDataInvalid naming statement, property and
  ///         value; kInvalidArgument for a mix that reject_mixed refuses; kPreconditionFailed for a
  ///         lost if_commit; kCommitConflict when others kept winning; kMemoryBudget when the
  ///         changed rows do not fit into the request's budget; those of Catalog::Commit.
  Result<MutateResult> Run(const Request& request, const BindMutation& bind,
                           const MutateOptions& options);

 private:
  /// The first of those that wait, and who may go with it. Caller holds mutex_.
  std::vector<WaitingMutation*> TakeGroup();
  void Lead(std::unique_lock<std::mutex>& lock);
  void Leave(const WaitingMutation& waiting);

  catalog::Catalog& catalog_;
  Clock& clock_;
  KeyMaps keys_;  // touched by the leader alone
  std::mutex mutex_;
  // All below is guarded by mutex_.
  std::condition_variable changed_;
  std::deque<WaitingMutation*> waiting_;
  bool leading_ = false;  // somebody runs a group
};

}  // namespace tarn::write
