#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/snapshot.h"
#include "tarn/plan/node.h"

namespace tarn::plan {

/// The share of rows that a condition is guessed to keep, where the schema does not say more.
struct Selectivity {
  static constexpr double kEqual = 0.1;
  static constexpr double kBool = 0.5;
  static constexpr double kNotEqual = 0.9;
  static constexpr double kRange = 0.33;
  static constexpr double kContains = 0.1;
  static constexpr double kStartsWith = 0.1;
  static constexpr double kText = 0.05;
  static constexpr double kOther = 0.25;
  static constexpr double kNegation = 0.5;
};

/// Answers what the planner asks about the data, and writes down every number it gave.
class Statistics {
 public:
  Statistics(const ir::Query& query, const catalog::Snapshot& snapshot)
      : query_(query), snapshot_(snapshot) {}

  /// Rows of a variable's type, at least 1.
  double Rows(VarId variable);
  /// Mean number of edges that leave a vertex of the type of `from` by `hop`, one step.
  double Degree(VarId from, const Hop& hop);
  /// Mean number of distinct vertices within the bounds of `hop`.
  double ReachCount(VarId from, const Hop& hop);
  double Edges(const Hop& hop);
  /// Share of a variable's rows that pass all conditions.
  double Keep(VarId variable, const std::vector<ir::ExprPtr>& conditions);
  /// Share of tuples that a condition over several variables keeps.
  double KeepJoint(const ir::ExprPtr& condition);

  /// "node Port: 4 rows" and the guesses that were used, sorted.
  std::vector<std::string> Lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  double KeepOne(VarId variable, const ir::ExprPtr& condition);
  double KeepEqual(VarId variable, const ir::PropertyRef& property);
  double Guess(const char* what, double share);
  double TableRows(catalog::TableKind kind, const std::string& type_name);

  const ir::Query& query_;
  const catalog::Snapshot& snapshot_;
  std::set<std::string> lines_;
};

/// An equality that fixes the only key property of a node type: at most one row.
struct KeyLookup {
  size_t condition = 0;  ///< which one it is
  ir::ExprPtr value;
};
std::optional<KeyLookup> FindKeyLookup(VarId variable, const std::vector<ir::ExprPtr>& conditions,
                                       const ir::Query& query, const schema::Schema& schema);

}  // namespace tarn::plan
