#pragma once

#include <memory>
#include <vector>

#include "tarn/exec/batch.h"
#include "tarn/exec/query_state.h"

namespace tarn::exec {

/// One step of a running plan. Batches are pushed into it; it pushes what it makes into the next
/// step.
///
///   Push* Finish        a whole input; Finish pushes what was held back, then finishes the next
///   step (Push* Finish)*     below an AntiJoin: Finish leaves the operator as it was before the
///   first Push
///
/// kEnough from Push means: nothing that could follow matters. It is passed up to the source, which
/// stops.
class Operator {
 public:
  Operator(QueryState& state, const plan::Node& node, Operator* next)
      : state_(state), node_(node), next_(next) {}
  virtual ~Operator() = default;
  Operator(const Operator&) = delete;
  Operator& operator=(const Operator&) = delete;

  Result<Flow> Push(const Batch& in);
  Status Finish();

 protected:
  virtual Result<Flow> Process(const Batch& in) = 0;
  /// Pushes what was held back.
  virtual Status Drain() { return Status::Ok(); }
  /// Hands a batch to the next operator; empty ones are dropped.
  Result<Flow> Emit(const Batch& out);
  /// Records how much this operator holds now.
  void NoteBytes(int64_t bytes);

  const std::vector<plan::VarId>& live() const { return node_.live; }
  const std::vector<plan::VarId>& input_live() const { return node_.inputs.front()->live; }

  QueryState& state_;
  const plan::Node& node_;

 private:
  Operator* const next_;  // outlives this; null for the last
};

/// Position of a variable in a tuple layout. Precondition: it is there.
size_t SlotOf(const std::vector<plan::VarId>& live, plan::VarId variable);
/// The same, or SIZE_MAX.
size_t FindSlot(const std::vector<plan::VarId>& live, plan::VarId variable);

}  // namespace tarn::exec
