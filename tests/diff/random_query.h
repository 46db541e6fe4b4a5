#pragma once

#include <string>

#include "random_graph.h"

namespace tarn::diff {

/// A query over a random graph that usually compiles: bindings, traversals of all forms, filters,
/// nested negations, text predicates, aggregates, orders, rankings, limits.
struct RandomQuery {
  std::string text;
  std::string params_json;

  static RandomQuery Make(const RandomGraph& graph, Dice& dice);
};

}  // namespace tarn::diff
