#include "slot_protocol.h"

#include <fmt/format.h>

namespace tarn::model {
namespace {

constexpr uint8_t kObstacle = 0x40;  // a step's detail: it gave up instead

using Actor = SlotProtocol::Actor;
using State = SlotProtocol::State;
using Step = SlotProtocol::Step;

uint8_t LowestIntent(const State& state) {
  for (uint8_t slot = 2; slot <= kPublishesMax; ++slot) {
    if (state.intent[slot].commit != kNobody) return slot;
  }
  return 0;
}

}  // namespace

const std::vector<SlotProtocol::StepFacts>& SlotProtocol::Steps() {
  static const std::vector<StepFacts> steps = {
      {kPlan, "plans", false, {}},
      {kStage, "stages", true, {"commit.after_stage", "commit.after_sync"}},
      {kMoveAlong, "takes the newest head", false, {}},
      {kIntent, "puts its intent", true, {"commit.after_intent"}},
      {kLook, "looks at the head", false, {}},
      // The last two are the same place once the last table has landed.
      {kEffect,
       "lands table",
       true,
       {"commit.after_effect", "commit.after_effects", "commit.before_publish"}},
      {kPublish, "publishes", true, {"commit.after_publish"}},
      {kHistory, "confirms by the history", false, {}},
      {kOutcome, "asks for its outcome", false, {}},
      {kRetire, "retires the intent", true, {"commit.after_retire"}},
      {kRead, "reads an intent", false, {}},
      {kSettleLook, "looks whether it is decided", false, {}},
      {kHeads, "reads the head of table", false, {}},
      {kUndoLook, "looks again before undo", false, {}},
      {kRestore, "restores table", true, {"undo.after_restore"}},
      {kUndoPublish, "publishes the abort", true, {"undo.after_publish"}},
      {kList, "lists what nothing names", false, {}},
      {kRaiseBarrier, "publishes a barrier", true, {"cleanup.after_barrier"}},
      {kLookAgain, "looks what is named by now", false, {}},
      {kTake, "takes the rest", true, {"cleanup.after_strays"}},
  };
  return steps;
}

/// An actor that has ended is the same whatever it did.
void SlotProtocol::End(Actor& actor) {
  actor = Actor{};
  actor.next = SlotProtocol::kEnded;
}

/// More versions than the model has room for: its bounds must grow, so it counts as a violation.
void SlotProtocol::LeaveWorld(State& state, Actor& actor) {
  state.is_stuck = 2;
  End(actor);
}

uint8_t SlotProtocol::TouchedBy(uint8_t commit) const {
  return commit < kWriters ? bounds_.touches[commit] : uint8_t{0b11};
}

SlotProtocol::State SlotProtocol::Initial() const {
  State state;
  for (Dataset& table : state.table) table.version[1] = {.by = kInit, .content = 0};
  state.manifest.publish[1] = {
      .by = kInit, .table = {1, 1}, .commits = 0, .aborts = 0, .barrier = 0};
  for (uint8_t writer = 0; writer < kWriters; ++writer) {
    state.actor[writer].own = writer;
    state.actor[writer].next = bounds_.touches[writer] == 0 ? kEnded : kPlan;
  }
  state.actor[kHelper].own = kNobody;
  state.actor[kHelper].left = bounds_.helper_sweeps;
  state.actor[kHelper].next = bounds_.helper_sweeps > 0 ? kRead : kEnded;
  state.actor[kSweeper].own = kNobody;
  state.actor[kSweeper].left = bounds_.sweeps;
  state.actor[kSweeper].next = bounds_.sweeps > 0 ? kList : kEnded;
  state.actor[kLater].own = kWriters;
  state.actor[kLater].left = bounds_.later_attempts;
  state.actor[kLater].next = kRead;
  state.crashes = bounds_.crashes;
  state.lost_answers = bounds_.lost_answers;
  state.appends = bounds_.strangers_appends;
  state.cleanups = bounds_.cleanups;
  state.passers = bounds_.passers;
  state.needless_undos = bounds_.needless_undos;
  state.tags = bounds_.tags;
  return state;
}

bool SlotProtocol::Moves(const State& state, uint8_t actor) const {
  if (state.actor[actor].next == kEnded) return false;
  // A helper that has nothing to read yet waits for something.
  if (actor == kHelper && state.actor[actor].next == kRead && state.actor[actor].slot == 0) {
    return LowestIntent(state) != 0;
  }
  if (actor == kSweeper && state.actor[actor].next == kRaiseBarrier) return IsSlotFree(state);
  if (actor != kLater) return true;
  for (uint8_t other = 0; other < kWriters; ++other) {
    if (state.actor[other].next != kEnded) return false;
  }
  const Actor& helper = state.actor[kHelper];
  const Actor& sweeper = state.actor[kSweeper];
  const bool sweeper_waits =
      sweeper.next == kList || (sweeper.next == kRaiseBarrier && !IsSlotFree(state));
  return (helper.next == kEnded || (helper.next == kRead && helper.slot == 0)) &&
         (sweeper.next == kEnded || sweeper_waits);
}

void SlotProtocol::Successors(const State& state, const Emit& emit) const {
  for (uint8_t actor = 0; actor < kActors; ++actor) {
    if (!Moves(state, actor)) continue;
    Act(state, actor, emit);
    if (actor == kLater || state.crashes == 0) continue;
    State next = state;
    --next.crashes;
    End(next.actor[actor]);
    emit({.actor = actor, .step = kCrash}, next);
  }
  WorldActs(state, emit);
}

void SlotProtocol::Act(const State& state, uint8_t index, const Emit& emit) const {
  const uint8_t step = state.actor[index].next;
  const auto turn = [&](uint8_t detail, auto&& act) {
    State next = state;
    act(next, next.actor[index]);
    emit({.actor = index, .step = step, .detail = detail}, next);
    const bool may_be_lost =
        detail != kObstacle && (step == kIntent || step == kEffect || step == kPublish ||
                                step == kRestore || step == kUndoPublish);
    if (!may_be_lost || state.lost_answers == 0) return;
    next.actor[index] = state.actor[index];  // done, but nobody told: it does the step again
    --next.lost_answers;
    emit({.actor = index, .step = step, .detail = static_cast<uint8_t>(detail | 0x80)}, next);
  };
  const auto each_table = [&](uint8_t todo, auto&& act) {
    for (uint8_t t = 0; t < kTables; ++t) {
      if (IsTouched(todo, t)) turn(t, [&](State& s, Actor& a) { act(s, a, t); });
    }
  };
  const Actor& now = state.actor[index];
  const uint8_t touched = now.intent.commit == kNobody ? 0 : TouchedBy(now.intent.commit);
  // Whoever believes that an intent cannot go forward may undo it, though he may be wrong.
  if ((step == kEffect || step == kPublish) && state.needless_undos > 0) {
    turn(kObstacle, [&](State& s, Actor& a) {
      --s.needless_undos;
      Obstacle(s, a);
    });
  }
  switch (step) {
    case kPlan: return turn(0, [&](State& s, Actor& a) { Plan(s, a); });
    case kStage:
      return turn(0, [&](State& s, Actor& a) {
        s.staged |= Bit(a.own);
        a.next = bounds_.sweeps > 0 || bounds_.tags > 0 ? kMoveAlong : kIntent;
      });
    case kMoveAlong: return turn(0, [&](State& s, Actor& a) { MoveAlong(s, a); });
    case kList: return turn(0, [&](State& s, Actor& a) { ListStrays(s, a); });
    case kRaiseBarrier: return turn(0, [&](State& s, Actor& a) { RaiseBarrier(s, a); });
    case kLookAgain: return turn(0, [&](State& s, Actor& a) { LookAgain(s, a); });
    case kTake: return turn(0, [&](State& s, Actor& a) { TakeStrays(s, a); });
    case kIntent: return turn(0, [&](State& s, Actor& a) { PutIntent(s, a); });
    case kLook:
    case kSettleLook: return turn(0, [&](State& s, Actor& a) { Look(s, a); });
    case kEffect:
      return each_table(touched & ~now.landed, [&](State& s, Actor& a, int t) { Land(s, a, t); });
    case kPublish: return turn(0, [&](State& s, Actor& a) { PublishAt(s, a); });
    case kHistory:
    case kOutcome: return turn(0, [&](State& s, Actor& a) { Decided(s, a); });
    case kRetire: return turn(0, [&](State& s, Actor& a) { Retire(s, a); });
    case kRead: return turn(0, [&](State& s, Actor& a) { Read(s, a); });
    case kHeads:
      return each_table(touched & ~now.heads,
                        [&](State& s, Actor& a, int t) { ReadHead(s, a, t); });
    case kUndoLook:
      return turn(0, [&](State& s, Actor& a) {
        a.heads = 0;  // from here on: bit t = the table is as undo wants it
        a.next = s.manifest.Head() + 1 == a.slot ? kRestore : kOutcome;
        if (a.next == kOutcome && !a.is_own) a.next = kRetire;
      });
    case kRestore:
      return each_table(touched & ~now.heads, [&](State& s, Actor& a, int t) { Restore(s, a, t); });
    case kUndoPublish: return turn(0, [&](State& s, Actor& a) { UndoPublish(s, a); });
    default: return;
  }
}

void SlotProtocol::Plan(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  if (head == kPublishesMax) return LeaveWorld(state, actor);
  actor.slot = head + 1;
  actor.is_stale = 0;
  actor.is_own = 1;
  actor.barrier = state.manifest.publish[head].barrier;
  actor.intent.commit = actor.own;
  for (int t = 0; t < kTables; ++t) {
    actor.intent.expected[t] = state.manifest.publish[head].table[t];
  }
  actor.next = kStage;
}

/// Its tables stand where they stood as long as there was no commit; only names may have changed.
void SlotProtocol::MoveAlong(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  const Publish& now = state.manifest.publish[head];
  const Publish& base = state.manifest.publish[actor.slot - 1];
  const bool has_moved = !base.exists() || now.commits != base.commits || now.aborts != base.aborts;
  const bool is_behind = bounds_.stays_behind_barrier && now.barrier != actor.barrier;
  if (has_moved || is_behind) {
    actor.is_own = 0;  // no intent was put
    return Answer(state, actor, false);
  }
  if (head == kPublishesMax) return LeaveWorld(state, actor);
  actor.slot = head + 1;
  actor.is_stale = 0;
  actor.next = kIntent;
}

void SlotProtocol::PutIntent(State& state, Actor& actor) const {
  Intent& there = state.intent[actor.slot];
  if (there.commit == kNobody) there = actor.intent;
  // Another's: it is settled first. The own one, again: its answer was lost.
  actor.next = there.commit == actor.own ? (bounds_.look_after_intent ? kLook : kEffect) : kRead;
}

/// slot-2: an actor looks only after it has put or read the intent.
void SlotProtocol::Look(const State& state, Actor& actor) const {
  // A helper lists, and so does a writer after a long pause; otherwise the next name is probed.
  const bool lists = actor.next == kSettleLook || actor.is_stale != 0;
  const bool is_decided =
      lists ? state.manifest.Head() >= actor.slot : state.manifest.publish[actor.slot].exists();
  if (!is_decided) {
    actor.next = kEffect;
  } else {
    actor.next = actor.is_own != 0 ? kOutcome : kRetire;
  }
}

void SlotProtocol::Read(State& state, Actor& actor) const {
  if (actor.slot == 0) actor.slot = LowestIntent(state);  // a sweep
  if (actor.own == kWriters) {  // they wait for something that never comes
    End(state.actor[kHelper]);
    if (state.actor[kSweeper].next == kList) End(state.actor[kSweeper]);
  }
  const bool is_loser = actor.intent.commit != kNobody;  // or a writer that was refused at A
  if (actor.slot == 0 || state.intent[actor.slot].commit == kNobody) {
    if (is_loser) {
      actor.is_own = 0;
      actor.next = kOutcome;
    } else {
      NextSweep(state, actor);
    }
    return;
  }
  actor.intent = state.intent[actor.slot];
  actor.is_own = 0;
  actor.landed = 0;
  actor.next = kSettleLook;
}

void SlotProtocol::NextSweep(const State& state, Actor& actor) const {
  const uint8_t own = actor.own;
  const uint8_t left = actor.left;
  actor = Actor{};
  actor.own = own;
  actor.left = left;
  if (own == kNobody) {  // the helper: one sweep less
    actor.left = left > 0 ? left - 1 : 0;
    if (actor.left == 0) return End(actor);
    actor.next = kRead;
    return;
  }
  actor.next = LowestIntent(state) != 0 ? kRead : kPlan;
}

void SlotProtocol::Land(State& state, Actor& actor, int t) const {
  const uint8_t base = actor.intent.expected[t];
  if (base >= kVersionsMax) return LeaveWorld(state, actor);
  Version& place = state.table[t].version[base + 1];
  if (!place.exists()) {
    const uint8_t before = state.table[t].version[base].content;
    place = {.by = actor.intent.commit,
             .content = static_cast<uint8_t>(before | Bit(actor.intent.commit))};
  }
  if (place.by != actor.intent.commit) return Obstacle(state, actor);
  actor.landed |= Bit(static_cast<uint8_t>(t));
  if (actor.landed == TouchedBy(actor.intent.commit)) actor.next = kPublish;
}

void SlotProtocol::PublishAt(State& state, Actor& actor) const {
  Publish& place = state.manifest.publish[actor.slot];
  if (!place.exists()) {
    const Publish& base = state.manifest.publish[actor.slot - 1];
    place = base;
    place.by = actor.intent.commit;
    for (int t = 0; t < kTables; ++t) {
      place.table[t] = actor.intent.expected[t] + IsTouched(TouchedBy(actor.intent.commit), t);
    }
    place.commits |= Bit(actor.intent.commit);
  }
  if (actor.is_own == 0) {
    actor.next = kRetire;
  } else if (place.by != actor.intent.commit) {
    actor.next = kOutcome;
  } else if (actor.is_stale != 0) {
    actor.next = kHistory;
  } else {
    Answer(state, actor, true);
  }
}

/// A foreign version stands where a table must go, so nobody can ever finish this intent.
void SlotProtocol::Obstacle(State& state, Actor& actor) const {
  if (bounds_.undo) {
    actor.heads = 0;
    actor.next = kHeads;
    return;
  }
  if (actor.own == kWriters) state.is_stuck = 1;
  End(actor);  // the answer is "recovery required", which promises nothing
}

void SlotProtocol::ReadHead(const State& state, Actor& actor, int t) const {
  actor.named[t] = state.table[t].Head();
  actor.heads |= Bit(static_cast<uint8_t>(t));
  if (actor.heads == TouchedBy(actor.intent.commit)) actor.next = kUndoLook;
}

void SlotProtocol::Restore(State& state, Actor& actor, int t) const {
  const uint8_t expected = actor.intent.expected[t];
  const uint8_t by = kUndo | actor.intent.commit;
  const bool is_restored = actor.named[t] > 0 && state.table[t].version[actor.named[t]].by == by;
  if (actor.named[t] > expected && !is_restored) {
    if (actor.named[t] >= kVersionsMax) return LeaveWorld(state, actor);
    Version& place = state.table[t].version[actor.named[t] + 1];
    if (!place.exists()) {
      place = {.by = by, .content = state.table[t].version[expected].content};
    }
    if (place.by != by) {  // somebody was quicker: read the heads again
      actor.heads = 0;
      actor.next = kHeads;
      return;
    }
    ++actor.named[t];
  }
  actor.heads |= Bit(static_cast<uint8_t>(t));
  if (actor.heads == TouchedBy(actor.intent.commit)) actor.next = kUndoPublish;
}

void SlotProtocol::UndoPublish(State& state, Actor& actor) const {
  Publish& place = state.manifest.publish[actor.slot];
  if (!place.exists()) {
    place = state.manifest.publish[actor.slot - 1];
    place.by = kAbort | actor.intent.commit;
    for (int t = 0; t < kTables; ++t) {
      if (IsTouched(TouchedBy(actor.intent.commit), t)) place.table[t] = actor.named[t];
    }
    place.aborts |= Bit(actor.intent.commit);
  }
  actor.next = actor.is_own != 0 ? kOutcome : kRetire;
}

/// What became of the own commit?
void SlotProtocol::Decided(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  const bool by_row = actor.next == kHistory || bounds_.outcome_by_row;
  const bool done = by_row ? (state.manifest.publish[head].commits & Bit(actor.own)) != 0
                           : state.manifest.publish[actor.slot].by == actor.own;
  Answer(state, actor, done);
}

void SlotProtocol::Answer(State& state, Actor& actor, bool done) const {
  if (done) {
    state.acknowledged |= Bit(actor.own);
  } else {
    state.refused |= Bit(actor.own);
    for (uint8_t& discarded : state.discarded) discarded |= Bit(actor.own);
  }
  if (actor.is_own == 0) return EndAttempt(state, actor);  // another's intent had the slot
  actor.next = kRetire;
}

/// Deletes whatever has the name: by slot-1 it is decided or void.
void SlotProtocol::Retire(State& state, Actor& actor) const {
  state.intent[actor.slot] = Intent{};
  if (actor.own == kNobody) return NextSweep(state, actor);
  if (((state.acknowledged | state.refused) & Bit(actor.own)) != 0) {
    return EndAttempt(state, actor);
  }
  if (actor.own < kWriters) {  // it has settled the slot that it lost
    actor.intent.commit = actor.own;
    actor.next = kOutcome;
    return;
  }
  // The later writer: in its sweep, or after a slot that it lost.
  NextSweep(state, actor);
}

void SlotProtocol::EndAttempt(State& state, Actor& actor) const {
  if (actor.own < kWriters || (state.acknowledged & Bit(actor.own)) != 0) return End(actor);
  if (--actor.left == 0) {
    state.is_stuck = 1;
    return End(actor);
  }
  ++actor.own;
  NextSweep(state, actor);
}

std::string SlotProtocol::Violation(const State& state) const {
  if (state.is_stuck == 2) return "the model's world is too small";
  if (state.is_stuck != 0) return "a table is refused for ever";
  if ((state.acknowledged & state.refused) != 0) return "both outcomes were answered";
  const Publish& head = state.manifest.publish[state.manifest.Head()];
  if ((head.commits & head.aborts) != 0) return "both outcomes are in the history";
  for (const Publish& publish : state.manifest.publish) {
    if (!publish.exists()) continue;
    // Below a head that left it behind a version is garbage that no reader folds in.
    const bool is_head = &publish == &head;
    for (int t = 0; t < kTables; ++t) {
      const Version& version = state.table[t].version[publish.table[t]];
      if (is_head && !version.exists()) return "the head names a version that is not there";
      if (is_head && (version.content & kStrangersRows) != 0) return "a stranger's rows are in";
      if (is_head && (version.content & state.discarded[t]) != 0)
        return "visible files were deleted";
    }
  }
  for (uint8_t commit = 0; commit < 7; ++commit) {
    const uint8_t bit = Bit(commit);
    if (TouchedBy(commit) == 0) continue;
    const bool listed = (head.commits & bit) != 0;
    bool some = false;
    bool all = true;
    for (int t = 0; t < kTables; ++t) {
      if (!IsTouched(TouchedBy(commit), t)) continue;
      const bool there = (state.table[t].version[head.table[t]].content & bit) != 0;
      some = some || there;
      all = all && there;
    }
    if (some != all) return "half a commit is visible";
    if (listed != all) return "history and state differ";
    if ((state.acknowledged & bit) != 0 && !all) return "an acknowledged commit is gone";
    if ((state.refused & bit) != 0 && some) return "a refused commit is visible";
  }
  return "";
}

std::string SlotProtocol::Describe(Label label, const State& after) {
  static const char* names[] = {"writer 0",     "writer 1", "helper",
                                "later writer", "sweeper",  "world"};
  const char* who = names[label.actor];
  if (label.step == kCrash) return fmt::format("{} crashes", who);
  if (label.step == kAppend) return fmt::format("a stranger appends to table {}", label.detail);
  if (label.step == kPasser) return "another process commits";
  if (label.step == kTag) return "a tag is made";
  if (label.step == kCleanup) return "an hour passes, cleanup runs";
  const StepFacts& facts = Steps()[label.step];
  const bool is_lost = (label.detail & 0x80) != 0;
  const std::string table = label.step == kEffect || label.step == kHeads || label.step == kRestore
                                ? fmt::format(" {}", label.detail & 0x7F)
                                : "";
  if (label.detail == kObstacle) return fmt::format("{} finds an obstacle", who);
  const uint8_t slot = after.actor[label.actor].slot;
  return fmt::format("{} {}{}{}{}", who, facts.name, table,
                     slot == 0 ? "" : fmt::format(" (slot {})", slot),
                     is_lost ? ", the answer is lost" : "");
}

}  // namespace tarn::model
