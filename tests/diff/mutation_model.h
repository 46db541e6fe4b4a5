#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tarn::diff {

/// What a graph of one node and two edge types holds, kept in plain containers, and the mutation
/// language over it, written down as simply as it can be said. It shares nothing with the program.
class MutationModel {
 public:
  /// The schema it models.
  static const char* Schema();

  struct Node {
    std::optional<int64_t> n;
    std::optional<std::string> u;
    bool operator==(const Node&) const = default;
  };
  struct Edge {
    std::string type;  // "E" or "One"
    std::string from, to;
    std::optional<int64_t> w;
    auto operator<=>(const Edge&) const = default;
  };

  struct Statement {
    enum class Kind { kInsertNode, kInsertEdge, kUpdate, kDeleteNode, kDeleteEdge } kind;
    std::string key;  // of the node to insert
    Node node;        // to insert; of an update the values it assigns
    bool sets_n = false, sets_u = false;
    Edge edge;                 // to insert, or the type to delete from
    std::string column, op;    // of the predicate
    std::string text_value;    // for k, u, from, to
    int64_t number_value = 0;  // for n, w
    std::string Text() const;  // as the language spells it
  };
  static Statement Random(std::mt19937_64& random);

  struct Outcome {
    bool accepted = true;
    uint64_t nodes = 0, edges = 0;
  };
  /// Runs the statements and keeps their effect if the image they leave breaks no rule.
  Outcome Run(const std::vector<Statement>& statements);

  /// One sorted line a row, edges without their ids.
  std::vector<std::string> Lines() const;

 private:
  void RunOne(const Statement& statement, Outcome& outcome);
  bool Holds(const MutationModel& before) const;

  std::map<std::string, Node> nodes_;
  std::vector<Edge> edges_;
};

}  // namespace tarn::diff
