#include "ulid_protocol.h"

#include <fmt/format.h>

namespace tarn::model {
namespace {

using Actor = UlidProtocol::Actor;
using State = UlidProtocol::State;

void End(Actor& actor) {
  actor = Actor{};
  actor.next = UlidProtocol::kEnded;
}

bool Has(uint8_t mask, int bit) { return (mask >> bit & 1) != 0; }

}  // namespace

UlidProtocol::Bounds UlidProtocol::AllRules() {
  Bounds bounds;
  bounds.decision_rows = true;
  bounds.sorted_tables = true;
  bounds.checks_read_set = true;
  bounds.restores_own_top = true;
  bounds.knows_stale = true;
  bounds.bounded_staleness = true;
  return bounds;
}

uint8_t UlidProtocol::TouchedBy(uint8_t commit) const {
  return commit < kWriters ? bounds_.touches[commit] : uint8_t{0b11};
}

uint8_t UlidProtocol::ReliedOnBy(uint8_t commit) const {
  return commit < kWriters ? bounds_.relies_on[commit] : uint8_t{0};
}

UlidProtocol::State UlidProtocol::Initial() const {
  State state;
  for (Dataset& table : state.table) table.version[1] = {.by = kInit, .content = 0};
  state.manifest.publish[1] = {.by = kInit, .table = {1, 1}, .commits = 0, .aborts = 0};
  for (uint8_t writer = 0; writer < kWriters; ++writer) {
    state.actor[writer].own = writer;
    state.actor[writer].next = bounds_.touches[writer] == 0 ? kEnded : kPlan;
  }
  state.actor[kRecoverer].left = bounds_.recoveries;
  state.actor[kRecoverer].next = bounds_.recoveries > 0 ? kRead : kEnded;
  state.actor[kLater].own = kWriters;
  state.actor[kLater].left = bounds_.later_attempts;
  state.actor[kLater].next = bounds_.later_attempts > 0 ? kRead : kEnded;
  state.crashes = bounds_.crashes;
  state.cancels = bounds_.cancels;
  state.failed_retires = bounds_.failed_retires;
  state.expiries = bounds_.expiries;
  state.cleanups = bounds_.cleanups;
  state.passers = bounds_.passers;
  return state;
}

bool UlidProtocol::OthersHaveEnded(const State& state) const {
  const Actor& recoverer = state.actor[kRecoverer];
  return state.actor[0].next == kEnded && state.actor[1].next == kEnded &&
         (recoverer.next == kEnded || recoverer.next == kRead);
}

void UlidProtocol::Successors(const State& state, const Emit& emit) const {
  const bool is_late = OthersHaveEnded(state);
  for (uint8_t actor = 0; actor < kActors; ++actor) {
    if (state.actor[actor].next == kEnded || (actor == kLater && !is_late)) continue;
    Act(state, actor, emit);
    if (actor == kLater || state.crashes == 0) continue;
    State next = state;
    --next.crashes;
    next.has_crashed = 1;
    End(next.actor[actor]);
    emit({.actor = actor, .step = kCrash}, next);
  }
  WorldActs(state, emit);
}

void UlidProtocol::WorldActs(const State& state, const Emit& emit) const {
  const uint8_t head = state.manifest.Head();
  const Publish& base = state.manifest.publish[head];
  if (state.expiries > 0 && head > 1) {
    State next = state;
    --next.expiries;
    next.floor = head;
    next.manifest.publish[head].commits = 0;
    next.manifest.publish[head].aborts = 0;
    emit({.actor = kWorld, .step = kExpiry}, next);
  }
  if (state.cleanups > 0 && head > 1) {
    State next = state;
    --next.cleanups;
    for (int t = 0; t < kTables; ++t) next.table[t].Prune(base.table[t]);
    next.manifest.Prune(head);
    for (Actor& actor : next.actor) {
      if (actor.slot != 0 && bounds_.bounded_staleness) actor.is_stale = 1;
    }
    emit({.actor = kWorld, .step = kCleanup}, next);
  }
  if (state.passers == 0 || head == kPublishesMax) return;
  State next = state;
  const uint8_t commit = kFirstPasser + --next.passers;
  Publish& publish = next.manifest.publish[head + 1];
  publish = base;
  publish.by = commit;
  publish.commits |= Bit(commit);
  for (int t = 0; t < kTables; ++t) {
    if (state.table[t].Head() != base.table[t] || base.table[t] == kVersionsMax) return;
    const uint8_t before = next.table[t].version[publish.table[t]].content;
    next.table[t].version[++publish.table[t]] = {
        .by = commit, .content = static_cast<uint8_t>(before | Bit(commit))};
  }
  next.acknowledged |= Bit(commit);
  emit({.actor = kWorld, .step = kPasser}, next);
}

void UlidProtocol::Act(const State& state, uint8_t index, const Emit& emit) const {
  const Actor& now = state.actor[index];
  const uint8_t step = now.next;
  const auto turn = [&](uint8_t as, uint8_t detail, auto&& act) {
    State next = state;
    act(next, next.actor[index]);
    emit({.actor = index, .step = as, .detail = detail}, next);
  };
  const uint8_t todo = now.target == kNobody ? 0 : TouchedBy(now.target) & ~now.done;
  switch (step) {
    case kPlan: return turn(step, 0, [&](State& s, Actor& a) { Plan(s, a); });
    case kIntent:
      return turn(step, 0, [](State& s, Actor& a) {
        s.intent[a.own] = a.intent;
        a.next = kEffect;
      });
    case kEffect:
      if (index < kWriters && now.done == 0 && state.cancels > 0) {
        turn(kCancel, 0, [&](State& s, Actor& a) {
          --s.cancels;
          if (bounds_.decision_rows) return GiveUp(a);
          Finish(s, a);
        });
      }
      for (int t = 0; t < kTables; ++t) {
        if (!Has(todo, t)) continue;
        turn(step, t, [&](State& s, Actor& a) { Land(s, a, t); });
        if (bounds_.sorted_tables) break;
      }
      return;
    case kPublish: return turn(step, 0, [&](State& s, Actor& a) { PublishNext(s, a); });
    case kRetire:
      turn(step, 0, [&](State& s, Actor& a) { Retire(s, a, true); });
      if (state.failed_retires > 0) {
        turn(kFailedRetire, 0, [&](State& s, Actor& a) {
          --s.failed_retires;
          Retire(s, a, false);
        });
      }
      return;
    case kRead: {
      bool is_idle = true;
      for (uint8_t commit = 0; commit < 5; ++commit) {
        if (state.intent[commit].is_there == 0) continue;
        if (bounds_.knows_stale && state.intent[commit].base < state.floor) continue;
        is_idle = false;
        turn(step, commit, [&](State& s, Actor& a) {
          a.target = commit;
          a.intent = s.intent[commit];
          a.done = 0;
          a.next = kJudge;
        });
      }
      if (is_idle && index == kLater) {
        turn(step, 0x7F, [](State&, Actor& a) { a.next = kPlan; });
      }
      return;
    }
    case kJudge: return turn(step, 0, [&](State& s, Actor& a) { Judge(s, a); });
    case kAbortRow: return turn(step, 0, [&](State& s, Actor& a) { AbortRow(s, a); });
    case kRestore:
      for (int t = 0; t < kTables; ++t) {
        if (Has(todo, t)) turn(step, t, [&](State& s, Actor& a) { Restore(s, a, t); });
      }
      return;
    case kUndoPublish: return turn(step, 0, [&](State& s, Actor& a) { UndoPublish(s, a); });
    default: return;
  }
}

void UlidProtocol::Plan(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  actor.target = actor.own;
  actor.slot = head + 1;
  actor.is_stale = 0;
  actor.intent.is_there = 1;
  actor.intent.base = head;
  for (int t = 0; t < kTables; ++t) {
    actor.intent.expected[t] = state.manifest.publish[head].table[t];
  }
  actor.next = kIntent;
}

void UlidProtocol::Land(State& state, Actor& actor, int t) const {
  const uint8_t base = actor.intent.expected[t];
  Version& place = state.table[t].version[base + 1];
  // After a long pause the writer lists: a name that cleanup made free is not taken for new.
  const bool is_behind = actor.is_stale != 0 && state.table[t].Head() != base;
  if (!place.exists() && !is_behind) {
    place = {
        .by = actor.target,
        .content = static_cast<uint8_t>(state.table[t].version[base].content | Bit(actor.target))};
  }
  if (place.by != actor.target) return GiveUp(actor);
  actor.done |= Bit(static_cast<uint8_t>(t));
  if (actor.done != TouchedBy(actor.target)) return;
  actor.next = kPublish;
  if (actor.slot == 0) actor.slot = state.manifest.Head() + 1;  // a recoverer
}

/// From here on this commit will not be: undo it.
void UlidProtocol::GiveUp(Actor& actor) const {
  actor.done = 0;
  actor.next = bounds_.decision_rows ? kAbortRow : kRestore;
}

bool UlidProtocol::MayPublish(const State& state, const Actor& actor) const {
  const Publish& on = state.manifest.publish[actor.slot - 1];
  const Publish& head = state.manifest.publish[state.manifest.Head()];
  if (bounds_.decision_rows && (head.aborts & Bit(actor.target)) != 0) return false;
  for (int t = 0; t < kTables; ++t) {
    const bool must_stay = Has(TouchedBy(actor.target), t) ||
                           (bounds_.checks_read_set && Has(ReliedOnBy(actor.target), t));
    if (on.exists() && must_stay && on.table[t] != actor.intent.expected[t]) return false;
  }
  return true;
}

void UlidProtocol::PublishNext(State& state, Actor& actor) const {
  if (actor.is_stale != 0) actor.slot = state.manifest.Head() + 1;
  const Publish& head = state.manifest.publish[state.manifest.Head()];
  if (bounds_.decision_rows && (head.commits & Bit(actor.target)) != 0) {
    actor.next = kRetire;  // somebody has published it
    if (actor.own == actor.target) state.acknowledged |= Bit(actor.own);
    return;
  }
  if (bounds_.knows_stale && actor.intent.base < state.floor) return End(actor);
  if (state.manifest.publish[actor.slot].exists()) {
    actor.slot = state.manifest.Head() + 1;
    return;
  }
  if (!MayPublish(state, actor)) return GiveUp(actor);
  const Publish& on = state.manifest.publish[actor.slot - 1];
  Publish next = on.exists() ? on : Publish{};
  next.by = actor.target;
  for (int t = 0; t < kTables; ++t) {
    const uint8_t planned = actor.intent.expected[t];
    const bool moved = on.exists() && on.table[t] != planned;
    if (Has(ReliedOnBy(actor.target), t) && moved) state.is_skewed = 1;
    next.table[t] = Has(TouchedBy(actor.target), t) ? planned + 1
                    : on.exists()                   ? on.table[t]
                                                    : planned;
  }
  next.commits |= Bit(actor.target);
  state.manifest.publish[actor.slot] = next;
  if (actor.own == actor.target) state.acknowledged |= Bit(actor.own);
  actor.next = kRetire;
}

void UlidProtocol::Judge(State& state, Actor& actor) const {
  const Publish& head = state.manifest.publish[state.manifest.Head()];
  actor.slot = state.manifest.Head() + 1;
  actor.next = kEffect;
  if ((head.commits & Bit(actor.target)) != 0) {
    actor.next = kRetire;
  } else if (bounds_.decision_rows) {
    if ((head.aborts & Bit(actor.target)) != 0) actor.next = kRestore;
  } else {
    int moved = 0;
    int whole = 0;
    int touched = 0;
    for (int t = 0; t < kTables; ++t) {
      if (!Has(TouchedBy(actor.target), t)) continue;
      ++touched;
      const uint8_t at = state.table[t].Head();
      const uint8_t expected = actor.intent.expected[t];
      moved += at != expected;
      whole += at == expected + 1 && state.table[t].version[at].by == actor.target;
    }
    if (moved > 0 && whole < touched) GiveUp(actor);  // "its writer is dead"
  }
}

void UlidProtocol::AbortRow(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  const Publish& now = state.manifest.publish[head];
  if ((now.commits & Bit(actor.target)) != 0) {
    if (actor.own == actor.target) state.acknowledged |= Bit(actor.own);
    actor.next = kRetire;
    return;
  }
  if ((now.aborts & Bit(actor.target)) == 0) {
    if (head == kPublishesMax || (bounds_.knows_stale && actor.intent.base < state.floor)) {
      return End(actor);
    }
    Publish& place = state.manifest.publish[head + 1];
    place = now;
    place.by = kAbort | actor.target;
    place.aborts |= Bit(actor.target);
  }
  actor.next = kRestore;
}

void UlidProtocol::Restore(State& state, Actor& actor, int t) const {
  Dataset& table = state.table[t];
  const uint8_t expected = actor.intent.expected[t];
  const uint8_t head = table.Head();
  const Version undo = {.by = static_cast<uint8_t>(kUndo | actor.target),
                        .content = table.version[expected].content};
  const Publish& now = state.manifest.publish[state.manifest.Head()];
  const bool is_ours = table.version[expected + 1].by == actor.target;
  if (!bounds_.restores_own_top) {
    if (is_ours && head < kVersionsMax) {
      table.version[head + 1] = undo;
      actor.named[t] = head + 1;
    }
  } else if (is_ours && head == expected + 1 && now.table[t] <= expected) {
    table.version[head + 1] = undo;
  } else if (bounds_.burns && head == expected) {
    table.version[head + 1] = undo;
  }
  actor.done |= Bit(static_cast<uint8_t>(t));
  if (actor.done == TouchedBy(actor.target)) actor.next = kUndoPublish;
}

void UlidProtocol::UndoPublish(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  if (head == kPublishesMax) return End(actor);
  Publish next = state.manifest.publish[head];
  next.by = kUndo | actor.target;
  bool changes = false;
  for (int t = 0; t < kTables; ++t) {
    uint8_t restored = actor.named[t];
    if (bounds_.restores_own_top) {
      restored = 0;
      const uint8_t expected = actor.intent.expected[t];
      for (uint8_t v = expected + 1; v <= expected + 2; ++v) {
        const bool is_undo = state.table[t].version[v].by == (kUndo | actor.target);
        if (is_undo && next.table[t] == expected) restored = v;
      }
    }
    if (restored == 0) continue;
    next.table[t] = restored;
    changes = true;
  }
  if (changes) state.manifest.publish[head + 1] = next;
  if (actor.own == actor.target) state.refused |= Bit(actor.own);
  actor.next = kRetire;
}

void UlidProtocol::Retire(State& state, Actor& actor, bool deletes) const {
  if (deletes) state.intent[actor.target] = Intent{};
  if (actor.target == actor.own && actor.own < kWriters) return End(actor);
  const uint8_t own = actor.own;
  uint8_t left = actor.left;
  const bool was_own = own == actor.target;
  if (was_own && (state.acknowledged & Bit(own)) != 0) return End(actor);
  if (was_own || own == kNobody) --left;
  actor = Actor{};
  actor.left = left;
  actor.own = was_own ? own + 1 : own;
  actor.next = kRead;
  if (left > 0) return;
  if (was_own) state.is_stuck = 1;
  End(actor);
}

/// A cancelled writer of the protocol as it was written: it clears its things away and says so.
void UlidProtocol::Finish(State& state, Actor& actor) const {
  state.intent[actor.own] = Intent{};
  state.discarded |= Bit(actor.own);
  state.refused |= Bit(actor.own);
  End(actor);
}

std::string UlidProtocol::Violation(const State& state) const {
  if (state.is_stuck != 0) return "a table is refused for ever";
  if (state.is_skewed != 0) return "a commit landed on other data than it judged";
  const Publish& head = state.manifest.publish[state.manifest.Head()];
  for (uint8_t commit = 0; commit < 7; ++commit) {
    const uint8_t bit = Bit(commit);
    if (TouchedBy(commit) == 0) continue;
    bool some = false;
    bool all = true;
    for (int t = 0; t < kTables; ++t) {
      if (!Has(TouchedBy(commit), t)) continue;
      const bool there = (state.table[t].version[head.table[t]].content & bit) != 0;
      some = some || there;
      all = all && there;
    }
    if ((state.discarded & bit) != 0 && some) return "visible files were deleted";
    if ((state.acknowledged & bit) != 0 && !all) return "an acknowledged commit is gone";
    if ((state.refused & bit) != 0 && some) return "a refused commit is visible";
    if (some != all) return "half a commit is visible";
  }
  const bool rivals = (bounds_.touches[0] & bounds_.touches[1]) != 0 && bounds_.passers == 0;
  if (rivals && state.has_crashed == 0 && (state.refused & 0b11) == 0b11) {
    return "two writers, and no winner";
  }
  return "";
}

std::string UlidProtocol::Describe(Label label, const State&) {
  static const char* actors[] = {"writer 0", "writer 1", "recoverer", "later writer", "world"};
  static const char* steps[] = {"plans",
                                "puts its intent",
                                "lands table",
                                "publishes",
                                "retires the intent",
                                "reads the intent of commit",
                                "judges it",
                                "publishes the abort row",
                                "restores table",
                                "publishes the restored heads",
                                "is cancelled",
                                "crashes",
                                "fails to retire the intent",
                                "drops old rows of the history",
                                "an hour passes, cleanup runs",
                                "another process commits"};
  const bool has_detail = label.step == kEffect || label.step == kRestore || label.step == kRead;
  return fmt::format("{} {}{}", actors[label.actor], steps[label.step],
                     has_detail ? fmt::format(" {}", label.detail) : "");
}

}  // namespace tarn::model
