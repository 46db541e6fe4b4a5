#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tarn::model {

/// One step of a trace: who did what, and how it went. Its meaning is the model's.
struct Label {
  uint8_t actor = 0;
  uint8_t step = 0;
  uint8_t detail = 0;
  uint8_t unused = 0;
};

/// What an exploration found: every reachable state is good, or the shortest way to a bad one.
template <typename State>
struct Exploration {
  uint64_t states = 0;
  uint64_t transitions = 0;
  uint64_t depth = 0;
  double seconds = 0;
  bool complete = false;                       ///< all reachable states were seen, or a bad one was
  std::string violation;                       ///< empty when none was found
  std::vector<std::pair<Label, State>> trace;  ///< from the first step to the bad state
};

/// Visits every state that `model` can reach, breadth first, so a counterexample is a shortest one.
///
/// Model   State Initial() const;
///         void Successors(const State&, Emit emit) const, which calls emit(Label, const State&);
///         std::string Violation(const State&) const, empty for a good state.
/// State   bytes only (no padding), so that equal states have equal bytes.
template <typename Model>
class Explorer {
 public:
  using State = typename Model::State;
  static_assert(std::has_unique_object_representations_v<State>, "padding makes states differ");

  explicit Explorer(const Model& model) : model_(model), table_(1 << 16, kNone) {}

  Exploration<State> Run(uint64_t states_max) {
    const auto begin = std::chrono::steady_clock::now();
    Exploration<State> result;
    Add(model_.Initial(), kNone, Label{}, 0);
    for (uint32_t at = 0; at < states_.size() && result.violation.empty(); ++at) {
      if (states_.size() > states_max) break;
      Expand(at, result);
      result.complete = at + 1 == states_.size() || !result.violation.empty();
    }
    result.states = states_.size();
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return result;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Origin {
    uint32_t parent;
    Label label;
    uint32_t depth;
  };

  void Expand(uint32_t at, Exploration<State>& result) {
    const State state = states_[at];
    const uint32_t depth = origins_[at].depth + 1;
    model_.Successors(state, [&](Label label, const State& next) {
      if (!result.violation.empty()) return;
      ++result.transitions;
      if (!Add(next, at, label, depth)) return;
      result.depth = depth;
      result.violation = model_.Violation(next);
      if (!result.violation.empty()) result.trace = TraceTo(states_.size() - 1);
    });
  }

  /// False when the state was known.
  bool Add(const State& state, uint32_t parent, Label label, uint32_t depth) {
    if (2 * (states_.size() + 1) > table_.size()) Grow();
    uint64_t slot = HashOf(state) & (table_.size() - 1);
    for (; table_[slot] != kNone; slot = (slot + 1) & (table_.size() - 1)) {
      if (std::memcmp(&states_[table_[slot]], &state, sizeof state) == 0) return false;
    }
    table_[slot] = static_cast<uint32_t>(states_.size());
    states_.push_back(state);
    origins_.push_back({parent, label, depth});
    return true;
  }

  void Grow() {
    std::vector<uint32_t> table(table_.size() * 2, kNone);
    for (uint32_t i = 0; i < states_.size(); ++i) {
      uint64_t slot = HashOf(states_[i]) & (table.size() - 1);
      while (table[slot] != kNone) slot = (slot + 1) & (table.size() - 1);
      table[slot] = i;
    }
    table_ = std::move(table);
  }

  static uint64_t HashOf(const State& state) {
    uint64_t hash = sizeof state;
    for (size_t at = 0; at < sizeof state; at += sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, reinterpret_cast<const char*>(&state) + at,
                  std::min(sizeof word, sizeof state - at));
      hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
      hash ^= hash >> 32;
    }
    return hash;
  }

  std::vector<std::pair<Label, State>> TraceTo(uint64_t at) const {
    std::vector<std::pair<Label, State>> trace;
    for (uint32_t i = static_cast<uint32_t>(at); origins_[i].parent != kNone;
         i = origins_[i].parent) {
      trace.insert(trace.begin(), {origins_[i].label, states_[i]});
    }
    return trace;
  }

  const Model& model_;
  std::vector<State> states_;
  std::vector<Origin> origins_;
  std::vector<uint32_t> table_;  // open addressing into states_
};

template <typename Model>
Exploration<typename Model::State> Explore(const Model& model, uint64_t states_max) {
  return Explorer<Model>(model).Run(states_max);
}

}  // namespace tarn::model
