#pragma once

#include <functional>
#include <string>
#include <vector>

#include "explore.h"
#include "storage.h"

namespace tarn::model {

/// The commit protocol of src/tarn/catalog: intents named after the manifest version they want.
///
/// Actors: two writers with one commit each, a helper that opens for writing beside them, and a
/// later writer that comes when all others have ended: it must succeed, else something is refused
/// for ever. A sweeper takes staged files that nothing names. The world can crash an actor, lose an
/// answer, let a Lance client that does not know Tarn append to a table, make a tag, and let an
/// hour pass in which cleanup runs.
///
/// Every actor steps by one storage call, so a pause is anywhere. Landing is put-if-absent of a
/// version's name and nothing else: a writer that lists before is modelled as one that pauses after
/// its list.
class SlotProtocol {
 public:
  static constexpr uint8_t kWriters = 2, kHelper = 2, kLater = 3, kSweeper = 4, kActors = 5,
                           kWorld = 5;
  static constexpr uint8_t kFirstPasser = 5;  ///< commits 2 to 4 are the later writer's attempts

  /// What the exploration may do, and which rules are in force. A rule that is off must be missed.
  struct Bounds {
    uint8_t touches[kWriters] = {0b11, 0b11};  ///< bit t: the writer changes table t
    uint8_t crashes = 0;
    uint8_t lost_answers = 0;
    uint8_t strangers_appends = 0;
    uint8_t cleanups = 0;
    uint8_t passers = 0;         ///< whole commits of other processes
    uint8_t needless_undos = 0;  ///< somebody undoes what could have gone forward
    uint8_t sweeps = 0;          ///< of staged files that nothing names
    uint8_t tags = 0;            ///< changes of names: plans move along
    uint8_t helper_sweeps = 1;
    uint8_t later_attempts = 3;
    bool undo = true;  ///< what cannot go forward is given up by an abort row
    bool outcome_by_row =
        true;  ///< own outcome is asked of the newest history (R1), not of the slot
    bool bounded_staleness = true;     ///< after a long pause only a listing counts (R8)
    bool look_after_intent = true;     ///< the look between winning A and the first effect
    bool barriers = true;              ///< a sweep publishes a barrier before it takes anything
    bool stays_behind_barrier = true;  ///< a plan does not move along across a barrier
    bool looks_again = true;           ///< after the barrier, what was named meanwhile is left
  };

  enum Step : uint8_t {
    kPlan,
    kStage,
    kMoveAlong,
    kIntent,
    kLook,
    kEffect,
    kPublish,
    kHistory,
    kOutcome,
    kRetire,  // a writer
    kRead,
    kSettleLook,  // a finisher
    kHeads,
    kUndoLook,
    kRestore,
    kUndoPublish,  // undo
    kList,
    kRaiseBarrier,
    kLookAgain,
    kTake,  // the sweeper
    kCrash,
    kAppend,
    kCleanup,
    kPasser,
    kTag,  // the world
    kIdle,
    kEnded  // no step
  };
  struct StepFacts {
    Step step;
    const char* name;
    bool writes;                          ///< it changes the storage
    std::vector<const char*> failpoints;  ///< the places of the code right behind it
  };
  static const std::vector<StepFacts>& Steps();

  struct Intent {
    uint8_t commit = kNobody;
    uint8_t expected[kTables] = {};
  };
  struct Actor {
    uint8_t next = kIdle;
    uint8_t own = 0;  ///< its own commit; nothing for the helper
    uint8_t slot = 0;
    Intent intent;                ///< the one it lands or gives up: its own or another's
    uint8_t is_own = 0;           ///< `intent` is
    uint8_t landed = 0;           ///< bit t
    uint8_t heads = 0;            ///< bit t: undo has read the head of table t
    uint8_t named[kTables] = {};  ///< what undo will publish; while heads are read: the head itself
    uint8_t is_stale = 0;         ///< an hour has passed since it saw the head
    uint8_t left = 0;             ///< attempts or sweeps it has left
    uint8_t barrier = 0;          ///< of the head it planned on
    uint8_t strays[kTables] = {};  ///< bit i: the sweeper may take what commit i staged for table t
  };
  struct State {
    Dataset table[kTables];
    Manifest manifest;
    Intent intent[kPublishesMax + 1];
    Actor actor[kActors];
    uint8_t staged = 0;               ///< bit i: commit i has staged files
    uint8_t discarded[kTables] = {};  ///< bit i: those of commit i for table t were deleted
    uint8_t acknowledged = 0;
    uint8_t refused = 0;   ///< bit i: answered "not done"
    uint8_t is_stuck = 0;  ///< the later writer was refused
    uint8_t crashes = 0, lost_answers = 0, appends = 0, cleanups = 0, passers = 0,
            needless_undos = 0, tags = 0;
  };
  using Emit = std::function<void(Label, const State&)>;

  explicit SlotProtocol(const Bounds& bounds) : bounds_(bounds) {}
  State Initial() const;
  void Successors(const State& state, const Emit& emit) const;
  std::string Violation(const State& state) const;
  static std::string Describe(Label label, const State& after);

 private:
  uint8_t TouchedBy(uint8_t commit) const;
  bool Moves(const State& state, uint8_t actor) const;
  void Act(const State& state, uint8_t actor, const Emit& emit) const;
  void WorldActs(const State& state, const Emit& emit) const;
  void PassBy(const State& state, const Emit& emit) const;
  void MakeTag(const State& state, const Emit& emit) const;
  bool IsSlotFree(const State& state) const;

  static void End(Actor& actor);
  static void LeaveWorld(State& state, Actor& actor);
  static bool IsTouched(uint8_t mask, int table) { return (mask >> table & 1) != 0; }

  void Plan(State& state, Actor& actor) const;
  void MoveAlong(State& state, Actor& actor) const;
  void PutIntent(State& state, Actor& actor) const;
  void Look(const State& state, Actor& actor) const;
  void Read(State& state, Actor& actor) const;
  void Land(State& state, Actor& actor, int table) const;
  void PublishAt(State& state, Actor& actor) const;
  void Retire(State& state, Actor& actor) const;
  void ReadHead(const State& state, Actor& actor, int table) const;
  void Restore(State& state, Actor& actor, int table) const;
  void UndoPublish(State& state, Actor& actor) const;
  void Obstacle(State& state, Actor& actor) const;
  void Decided(State& state, Actor& actor) const;
  void Answer(State& state, Actor& actor, bool done) const;
  void EndAttempt(State& state, Actor& actor) const;
  void NextSweep(const State& state, Actor& actor) const;

  void ListStrays(const State& state, Actor& actor) const;
  void RaiseBarrier(State& state, Actor& actor) const;
  void LookAgain(const State& state, Actor& actor) const;
  void TakeStrays(State& state, Actor& actor) const;

  const Bounds bounds_;
};

}  // namespace tarn::model
