#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tarn/changes/commit_diff.h"
#include "tarn/write/row_commit.h"

namespace tarn::changes {

/// The target's side of a type.
struct TargetRows {
  const lance::Table& table;
  /// From the base's table to the target's; null when they are the same.
  const TableDiff* moved = nullptr;
};

/// What staging has to know of these stored rows: ids of edges with their sources. `row_ids` are of
/// rows that `table` has.
Result<std::vector<write::RowPlace>> PlacesOf(const Request& request, const lance::Table& table,
                                              const std::vector<uint64_t>& row_ids, bool is_edge);

/// Merges the changes of one type into the rows that the target has of it.
class TypeMerge {
 public:
  /// A row that the source changed, as it stands on the target.
  struct Standing {
    bool exists = false;
    bool is_base = false;    ///< it is as the base has it, or neither has it
    bool is_source = false;  ///< it is as the source has it, or neither has it
    uint64_t row_id = 0;     ///< of a row that exists
  };
  /// Is the source's change to be taken over?
  using Decide = std::function<bool(const ChangeBatch&, const Change&, const Standing&)>;

  /// `type` is as the target's schema names it; `request` outlives this.
  TypeMerge(const Request& request, TypeRef type, std::shared_ptr<arrow::Schema> table_schema);

  const TypeRef& type() const { return type_; }
  /// Takes in what the source changed, in the order of ids. Errors  kMemoryBudget.
  Status Add(const ChangeBatch& batch);

  /// Hands what is to be taken over to `rows`. How many rows of each kind that is.
  Result<TypeCount> Run(write::RowCommit& rows, const TargetRows& target, const Decide& decide);

  /// Ids that Run deleted, in order.
  const std::vector<std::string>& deleted() const { return deleted_; }

 private:
  /// What is taken over of one batch, by the number of the change.
  struct Taken {
    std::vector<size_t> inserts, updates, deletes;
  };

  Status FindStandings(const TargetRows& target);
  /// Compares rows that the target wrote since the base with what the source made of them.
  Status Meet(const TargetRows& target, const std::vector<std::pair<size_t, uint64_t>>& rows);
  Status Apply(write::RowCommit& rows, const TargetRows& target, const ChangeBatch& batch,
               const Standing* standings, const Taken& taken);
  Result<std::vector<write::RowPlace>> Places(const TargetRows& target, const Standing* standings,
                                              const std::vector<size_t>& which) const;

  const Request& request_;
  const TypeRef type_;
  const std::shared_ptr<arrow::Schema> table_schema_;
  BudgetHold hold_;
  int64_t bytes_ = 0;
  std::vector<ChangeBatch> batches_;
  std::vector<std::pair<const ChangeBatch*, const Change*>> changes_;  // of all batches, by id
  std::vector<Standing> standings_;                                    // of every change
  std::vector<std::string> deleted_;
};

}  // namespace tarn::changes
