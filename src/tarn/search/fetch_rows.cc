#include "tarn/search/fetch_rows.h"

#include <algorithm>
#include <map>
#include <span>

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/search/each_batch.h"
#include "tarn/search/limits.h"
#include "tarn/search/read_column.h"

namespace tarn::search {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using PartsByColumn = std::map<std::string, std::vector<ArrayPtr>, std::less<>>;

/// Cells of `column` at `positions`, which lie inside it.
Result<ArrayPtr> CellsAt(const ArrayPtr& column, std::span<const Dense> positions) {
  const auto buffer =
      std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(positions.data()),
                                      static_cast<int64_t>(positions.size_bytes()));
  const arrow::UInt32Array indices(static_cast<int64_t>(positions.size()), buffer);
  return columnar::FromArrow(
      arrow::compute::Take(*column, indices, arrow::compute::TakeOptions::NoBoundsCheck()));
}

Status NoSuchRow(const FetchSources& sources, Dense row, uint64_t rows) {
  return Error(ErrorId::kInvalidArgument, "{} has {} rows, so row number {} is none of them",
               sources.name, rows, row);
}

/// What one fetch still has to read: distinct rows, ascending, and the columns that are not in
/// memory.
class RowReader {
 public:
  RowReader(const Request& request, const FetchSources& sources, std::vector<Dense> rows,
            std::vector<std::string> columns)
      : request_(request),
        sources_(sources),
        rows_(std::move(rows)),
        columns_(std::move(columns)),
        hold_(request.Hold("the rows of a result")) {}

  /// One part or several per column, together as long as the rows.
  Result<PartsByColumn> Read() {
    TARN_ASSIGN_OR_RETURN(const lance::TableFacts facts, sources_.table->Facts());
    const bool few =
        rows_.size() <= kTakeRowsAlways || rows_.size() <= facts.rows / kTakePartOfTable;
    TARN_RETURN_IF_ERROR(few ? TakeThem() : ScanForThem());
    return std::move(parts_);
  }

 private:
  Status TakeThem() {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<const std::vector<uint64_t>> all_ids,
                          sources_.row_ids());
    std::vector<uint64_t> ids;
    for (size_t begin = 0; begin < rows_.size(); begin += kTakeRowsMax) {
      ids.clear();
      for (Dense row :
           std::span(rows_).subspan(begin, std::min(kTakeRowsMax, rows_.size() - begin))) {
        if (row >= all_ids->size()) return NoSuchRow(sources_, row, all_ids->size());
        ids.push_back((*all_ids)[row]);
      }
      TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                            sources_.table->Take(request_.In(Phase::kRead), ids, columns_));
      TARN_RETURN_IF_ERROR(CheckRowIds(*batch, ids));
      for (size_t i = 0; i < columns_.size(); ++i) {
        TARN_RETURN_IF_ERROR(AddPart(columns_[i], batch->column(static_cast<int>(i) + 1)));
      }
    }
    return Status::Ok();
  }

  Status CheckRowIds(const arrow::RecordBatch& batch, const std::vector<uint64_t>& ids) const {
    const auto& found = static_cast<const arrow::UInt64Array&>(*batch.column(0));
    const auto [wanted, got] = std::mismatch(ids.begin(), ids.end(), found.raw_values(),
                                             found.raw_values() + found.length());
    if (wanted == ids.end() && got == found.raw_values() + found.length()) return Status::Ok();
    return Error(ErrorId::kCorruptData, "version {} of {} does not find its own row id {}",
                 sources_.table->version(), sources_.name, wanted == ids.end() ? *got : *wanted);
  }

  Status ScanForThem() {
    uint64_t batch_begin = 0;
    auto next = rows_.begin();
    std::vector<Dense> positions;
    TARN_RETURN_IF_ERROR(ForEachBatch(
        request_, *sources_.table, columns_, /*row_id=*/false,
        [&](const arrow::RecordBatch& batch) -> Status {
          const uint64_t batch_end = batch_begin + static_cast<uint64_t>(batch.num_rows());
          positions.clear();
          for (; next != rows_.end() && *next < batch_end; ++next) {
            positions.push_back(static_cast<Dense>(*next - batch_begin));
          }
          batch_begin = batch_end;
          for (size_t i = 0; i < columns_.size() && !positions.empty(); ++i) {
            TARN_ASSIGN_OR_RETURN(const ArrayPtr cells,
                                  CellsAt(batch.column(static_cast<int>(i)), positions));
            TARN_RETURN_IF_ERROR(AddPart(columns_[i], cells));
          }
          return Status::Ok();
        }));
    return next == rows_.end() ? Status::Ok() : NoSuchRow(sources_, *next, batch_begin);
  }

  /// Charged twice: the parts are joined, or put into order, by copying.
  Status AddPart(const std::string& column, const ArrayPtr& part) {
    parts_[column].push_back(part);
    return hold_.Resize(hold_.bytes() + 2 * BytesOf(*part));
  }

  const Request& request_;
  const FetchSources& sources_;
  const std::vector<Dense> rows_;
  const std::vector<std::string> columns_;
  BudgetHold hold_;
  PartsByColumn parts_;
};

std::vector<Dense> Distinct(std::vector<Dense> rows) {
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

/// Where each of `rows` is in `distinct`.
std::vector<Dense> PositionsIn(const std::vector<Dense>& distinct, const std::vector<Dense>& rows) {
  std::vector<Dense> positions;
  positions.reserve(rows.size());
  for (Dense row : rows) {
    positions.push_back(static_cast<Dense>(std::lower_bound(distinct.begin(), distinct.end(), row) -
                                           distinct.begin()));
  }
  return positions;
}

class Fetch {
 public:
  Fetch(const Request& request, const FetchSources& sources, const std::vector<Dense>& rows)
      : request_(request), sources_(sources), rows_(rows) {}

  Result<std::shared_ptr<arrow::RecordBatch>> Run(const std::vector<std::string>& columns) {
    for (const std::string& column : columns) {
      if (field_by_name_.count(column) > 0) continue;
      TARN_ASSIGN_OR_RETURN(field_by_name_[column],
                            FieldOf(*sources_.table, sources_.name, column));
      TARN_RETURN_IF_ERROR(FromMemory(column));
    }
    TARN_RETURN_IF_ERROR(FromTable());
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<ArrayPtr> cells;
    for (const std::string& column : columns) {
      fields.push_back(field_by_name_[column]);
      cells.push_back(cells_by_name_[column]);
    }
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                    static_cast<int64_t>(rows_.size()), std::move(cells));
  }

 private:
  Status FromMemory(const std::string& column) {
    TARN_ASSIGN_OR_RETURN(const ArrayPtr whole, sources_.whole(column));
    if (whole == nullptr) {
      missing_.push_back(column);
      return Status::Ok();
    }
    for (Dense row : rows_) {
      if (row >= whole->length())
        return NoSuchRow(sources_, row, static_cast<uint64_t>(whole->length()));
    }
    TARN_ASSIGN_OR_RETURN(cells_by_name_[column], CellsAt(whole, rows_));
    return Status::Ok();
  }

  Status FromTable() {
    if (missing_.empty()) return Status::Ok();
    if (rows_.empty()) return AllEmpty();
    const std::vector<Dense> distinct = Distinct(rows_);
    TARN_ASSIGN_OR_RETURN(const PartsByColumn parts,
                          RowReader(request_, sources_, distinct, missing_).Read());
    const bool in_order = distinct == rows_;
    const std::vector<Dense> positions =
        in_order ? std::vector<Dense>() : PositionsIn(distinct, rows_);
    for (const auto& [column, pieces] : parts) {
      TARN_ASSIGN_OR_RETURN(ArrayPtr joined, Join(field_by_name_[column], sources_.name, pieces));
      sources_.fetched(column, distinct.size(), BytesOf(*joined));
      if (!in_order) {
        TARN_ASSIGN_OR_RETURN(joined, CellsAt(joined, positions));
      }
      cells_by_name_[column] = std::move(joined);
    }
    return Status::Ok();
  }

  Status AllEmpty() {
    for (const std::string& column : missing_) {
      TARN_ASSIGN_OR_RETURN(cells_by_name_[column],
                            Join(field_by_name_[column], sources_.name, {}));
    }
    return Status::Ok();
  }

  const Request& request_;
  const FetchSources& sources_;
  const std::vector<Dense>& rows_;
  std::map<std::string, std::shared_ptr<arrow::Field>, std::less<>> field_by_name_;
  std::map<std::string, ArrayPtr, std::less<>> cells_by_name_;
  std::vector<std::string> missing_;
};

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> FetchFrom(const Request& request,
                                                      const FetchSources& sources,
                                                      const std::vector<Dense>& rows,
                                                      const std::vector<std::string>& columns) {
  return Fetch(request, sources, rows).Run(columns);
}

}  // namespace tarn::search
