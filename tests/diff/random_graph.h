#pragma once

#include <random>
#include <string>
#include <vector>

#include "naive/naive.h"

namespace tarn::diff {

/// Picks, with a seed and without surprises between standard libraries.
class Dice {
 public:
  explicit Dice(uint64_t seed) : bits_(seed) {}
  /// 0 .. sides - 1.
  size_t Roll(size_t sides) { return static_cast<size_t>(bits_() % sides); }
  bool Chance(size_t percent) { return Roll(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Roll(from.size())];
  }

 private:
  std::mt19937_64 bits_;
};

/// A property of a random type: what its values look like.
struct RandomProperty {
  std::string name;
  std::string type;  ///< as in a schema, without "?"
  bool nullable = true;
};

struct RandomNodeType {
  std::string name;
  std::vector<RandomProperty> properties;
};
struct RandomEdgeType {
  std::string name;
  std::string word;  ///< as a query writes it
  std::string from;
  std::string to;
  std::vector<RandomProperty> properties;
};

/// A random schema with a few rows: nulls, self-loops, parallel edges, cycles, empty types.
struct RandomGraph {
  std::string schema_text;
  std::vector<RandomNodeType> node_types;
  std::vector<RandomEdgeType> edge_types;
  naive::Graph graph;

  static RandomGraph Make(Dice& dice);
};

/// A value of a property type, or null. Sums of its floats are exact.
ir::Value RandomValue(const std::string& type, Dice& dice);

/// The value as a query parameter's JSON.
std::string ParamJson(const ir::Value& value);

}  // namespace tarn::diff
