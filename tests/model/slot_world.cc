// What happens around the writers of slot_protocol.cc: other processes, cleanups, sweeps.

#include "slot_protocol.h"

namespace tarn::model {

void SlotProtocol::WorldActs(const State& state, const Emit& emit) const {
  if (Moves(state, kLater)) return;  // the later writer finds a quiet world
  PassBy(state, emit);
  MakeTag(state, emit);
  for (uint8_t t = 0; t < kTables && state.appends > 0; ++t) {
    const uint8_t head = state.table[t].Head();
    if (head == kVersionsMax) continue;
    State next = state;
    --next.appends;
    next.table[t].version[head + 1] = {
        .by = kStranger,
        .content = static_cast<uint8_t>(state.table[t].version[head].content | kStrangersRows)};
    emit({.actor = kWorld, .step = kAppend, .detail = t}, next);
  }
  const uint8_t head = state.manifest.Head();
  if (state.cleanups == 0 || head == 1) return;
  State next = state;
  --next.cleanups;
  for (uint8_t t = 0; t < kTables; ++t) {
    next.table[t].Prune(state.manifest.publish[head].table[t]);
  }
  next.manifest.Prune(head);
  for (Actor& actor : next.actor) {
    const bool has_seen = actor.next != kEnded && actor.next != kPlan && actor.slot != 0;
    if (has_seen && bounds_.bounded_staleness) actor.is_stale = 1;
  }
  emit({.actor = kWorld, .step = kCleanup}, next);
}

/// Another process commits from A to D while nobody looks: its slot and its tables are free.
void SlotProtocol::PassBy(const State& state, const Emit& emit) const {
  const uint8_t head = state.manifest.Head();
  const Publish& base = state.manifest.publish[head];
  if (state.passers == 0 || head == kPublishesMax) return;
  if (state.intent[head + 1].commit != kNobody) return;
  for (int t = 0; t < kTables; ++t) {
    if (state.table[t].Head() != base.table[t] || base.table[t] == kVersionsMax) return;
  }
  State next = state;
  const uint8_t commit = kFirstPasser + --next.passers;
  Publish& publish = next.manifest.publish[head + 1];
  publish = base;
  publish.by = commit;
  publish.commits |= Bit(commit);
  for (int t = 0; t < kTables; ++t) {
    const uint8_t before = next.table[t].version[publish.table[t]].content;
    next.table[t].version[++publish.table[t]] = {
        .by = commit, .content = static_cast<uint8_t>(before | Bit(commit))};
  }
  next.acknowledged |= Bit(commit);
  emit({.actor = kWorld, .step = kPasser}, next);
}

bool SlotProtocol::IsSlotFree(const State& state) const {
  const uint8_t head = state.manifest.Head();
  return head == kPublishesMax || state.intent[head + 1].commit == kNobody;
}

void SlotProtocol::MakeTag(const State& state, const Emit& emit) const {
  const uint8_t head = state.manifest.Head();
  if (state.tags == 0 || head == kPublishesMax || !IsSlotFree(state)) return;
  State next = state;
  --next.tags;
  next.manifest.publish[head + 1] = state.manifest.publish[head];
  next.manifest.publish[head + 1].by = kNames;
  emit({.actor = kWorld, .step = kTag}, next);
}

// ---- the sweeper

namespace {

/// Commits whose rows for table t are in some version of it: their files are named.
uint8_t NamedIn(const Dataset& table) {
  uint8_t named = 0;
  for (const Version& version : table.version) {
    if (version.exists()) named |= version.content;
  }
  return named;
}

}  // namespace

void SlotProtocol::ListStrays(const State& state, Actor& actor) const {
  uint8_t all = 0;
  for (int t = 0; t < kTables; ++t) {
    actor.strays[t] = 0;
    for (uint8_t commit = 0; commit < 7; ++commit) {
      const bool is_there = (state.staged & ~state.discarded[t] & Bit(commit)) != 0;
      if (is_there && IsTouched(TouchedBy(commit), t)) actor.strays[t] |= Bit(commit);
    }
    actor.strays[t] &= ~NamedIn(state.table[t]);
    all |= actor.strays[t];
  }
  // Nothing to take yet: it may come back later, which is another list in the same state.
  if (all != 0) actor.next = bounds_.barriers ? kRaiseBarrier : kLookAgain;
}

/// It lands like a commit without tables; whoever has the slot before it is waited for.
void SlotProtocol::RaiseBarrier(State& state, Actor& actor) const {
  const uint8_t head = state.manifest.Head();
  if (head == kPublishesMax) return LeaveWorld(state, actor);
  Publish& barrier = state.manifest.publish[head + 1];
  barrier = state.manifest.publish[head];
  barrier.by = kBarrier;
  ++barrier.barrier;
  actor.next = kLookAgain;
}

void SlotProtocol::LookAgain(const State& state, Actor& actor) const {
  for (int t = 0; t < kTables && bounds_.looks_again; ++t)
    actor.strays[t] &= ~NamedIn(state.table[t]);
  actor.next = kTake;
}

void SlotProtocol::TakeStrays(State& state, Actor& actor) const {
  for (int t = 0; t < kTables; ++t) state.discarded[t] |= actor.strays[t];
  const uint8_t left = actor.left - 1;
  if (left == 0) return End(actor);
  actor = Actor{};
  actor.own = kNobody;
  actor.left = left;
  actor.next = kList;
}

}  // namespace tarn::model
