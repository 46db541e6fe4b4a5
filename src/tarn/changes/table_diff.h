#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"

namespace tarn::changes {

enum class Op : uint8_t { kInsert, kUpdate, kDelete };
/// "insert", "update", "delete".
std::string_view OpName(Op op);

/// What happened to one row. An insert has no row before, a delete none after.
struct Change {
  Op op = Op::kInsert;
  std::string id;
  int64_t before = -1;         ///< its row in ChangeBatch::before
  int64_t after = -1;          ///< its row in ChangeBatch::after
  uint64_t before_row_id = 0;  ///< where it is stored, if there is a row before
  uint64_t after_row_id = 0;   ///< the same after
};

/// Some changes in the order of their ids, with the whole rows.
struct ChangeBatch {
  std::vector<Change> changes;
  std::shared_ptr<arrow::RecordBatch> before;  ///< null when no change has a row there
  std::shared_ptr<arrow::RecordBatch> after;
};

/// The rows that differ between two versions of one table, or of a table and a fork of it. Rows are
/// told apart by `id`: row ids mean something on one line of versions only.
///
/// Cost  in proportion to what was written in between: files that both versions have are not read,
///       and of those from which rows were deleted only row ids. Memory: kIdsAtOnceMax ids, and
///       kRowsAtOnceMax rows of each version.
class TableDiff {
 public:
  /// Either may be null: then all rows of the other count. Both have the columns that `columns`
  /// names, the first of which is `id`.
  static Result<TableDiff> Make(const Request& request, std::shared_ptr<const lance::Table> before,
                                std::shared_ptr<const lance::Table> after,
                                std::vector<std::string> columns);

  /// Nothing was deleted or updated: the rows that differ are those of new files.
  bool only_inserts() const {
    return before_.fragments.empty() && before_.row_ids.empty() && after_.row_ids.empty();
  }
  /// The new rows, in no order and as staging takes them. Precondition: only_inserts.
  Result<std::unique_ptr<lance::BatchStream>> Inserted(const Request& request) const;
  /// How many these are.
  uint64_t inserted_rows() const { return inserted_rows_; }

  /// Where the rows of one id are stored: only in files that the other version does not have.
  struct Place {
    std::optional<uint64_t> before;
    std::optional<uint64_t> after;
  };
  /// The places of these ids (in order, each once). One without any has its row, if it has one, in
  /// a file that both versions have, under one row id.
  Status Locate(const Request& request, std::span<const std::string_view> ids,
                std::vector<Place>& places) const;

  /// Tells `visit` the changes of ids behind `after_id` (absent: from the first), in the order of
  /// ids, until none is left or it answers false.
  Status ForEach(const Request& request, std::optional<std::string> after_id,
                 const std::function<Result<bool>(const ChangeBatch&)>& visit) const;

 private:
  /// One version: where in it rows stand that the other version may not have.
  struct Side {
    std::shared_ptr<const lance::Table> table;
    std::vector<uint64_t> fragments;  ///< files the other version does not have
    std::vector<uint64_t> row_ids;    ///< rows of common files that the other version deleted
  };
  class Window;

  static Status FindDeleted(const Request& request, const std::vector<uint64_t>& before_fragments,
                            const std::vector<uint64_t>& after_fragments, TableDiff& diff);
  /// Ids of the rows of a side, with their row ids.
  static Status ForEachId(const Request& request, const Side& side,
                          const std::function<void(std::string_view, uint64_t)>& visit);
  Result<std::shared_ptr<arrow::RecordBatch>> Fetch(const Request& request, const Side& side,
                                                    const std::vector<uint64_t>& row_ids) const;
  using Places = std::vector<std::pair<std::string, Place>>;
  Result<ChangeBatch> Compare(const Request& request, Places::const_iterator begin,
                              Places::const_iterator end) const;

  Side before_;
  Side after_;
  uint64_t inserted_rows_ = 0;
  std::vector<std::string> columns_;
};

/// Do two rows of the same columns hold the same values? NaN is equal to NaN, 0 is not -0.
bool SameRow(const arrow::RecordBatch& a, int64_t row_a, const arrow::RecordBatch& b,
             int64_t row_b);

}  // namespace tarn::changes
