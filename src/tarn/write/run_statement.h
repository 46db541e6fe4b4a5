#pragma once

#include <cstdint>
#include <string>

#include "tarn/base/clock.h"
#include "tarn/ir/query.h"
#include "tarn/write/graph_image.h"
#include "tarn/write/problems.h"

namespace tarn::write {

struct Affected {
  uint64_t nodes = 0;
  uint64_t edges = 0;  ///< those that went with a deleted node included
};

/// Runs the statements of one mutation on an image, each on what those before it left. Nothing is
/// judged here that only the final image tells: graph-language.md §9.4.
class StatementRunner {
 public:
  /// All outlive this. `now_ms` is what now() answers.
  StatementRunner(GraphImage& image, const ir::ParameterValues& parameters, UlidFactory& ulids,
                  int64_t now_ms)
      : image_(image), parameters_(parameters), ulids_(ulids), now_ms_(now_ms) {}

  /// `name` is how messages call the statement.
  /// Errors  kDataInvalid and kConstraintViolation for a value its property cannot hold; those of
  ///         storage and budget.
  Status Run(const ir::Statement& statement, const std::string& name);

  const Affected& affected() const { return affected_; }

 private:
  Status Insert(const ir::Insert& insert, const std::string& name);
  Status Update(const ir::Update& update, const std::string& name);
  Status Delete(const ir::Delete& statement);
  Status DeleteNodes(const ir::Delete& statement);
  Status DeleteEdges(const ir::Delete& statement);
  Status Cascade(const std::string& node, const std::vector<std::string>& ids);
  Status CascadeInto(PendingTable& edges, const schema::EdgeType& edge, const std::string& node,
                     const std::vector<std::string>& ids);

  ir::Value ValueOf(const ir::Expr& expr) const;
  Result<std::string> EndIdOf(const schema::NodeType& node, const ir::Assignment& end,
                              const TypeLayout& layout, ProblemList& problems) const;
  std::optional<lance::Filter> FilterOf(const TypeLayout& layout,
                                        const ir::Predicate& predicate) const;

  GraphImage& image_;
  const ir::ParameterValues& parameters_;
  UlidFactory& ulids_;
  const int64_t now_ms_;
  Affected affected_;
};

/// Refuses what no data can make right: an update of a key property.
Status CheckStatement(const schema::Schema& schema, const ir::Statement& statement);

}  // namespace tarn::write
