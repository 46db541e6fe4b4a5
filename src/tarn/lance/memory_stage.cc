#include "tarn/lance/memory_stage.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "tarn/columnar/arrow_status.h"

namespace tarn::lance {
namespace {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

/// The columns of `batch` in the order of `schema`.
Result<std::shared_ptr<arrow::RecordBatch>> Fit(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                const std::shared_ptr<arrow::Schema>& schema) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const std::shared_ptr<arrow::Field>& field : schema->fields()) {
    std::shared_ptr<arrow::Array> column = batch->GetColumnByName(field->name());
    if (column == nullptr) {
      if (!field->nullable()) {
        return Error(ErrorId::kStorageSchemaMismatch,
                     "the rows lack column {}, which is not nullable", field->name());
      }
      TARN_ARROW_ASSIGN_OR_RETURN(column, arrow::MakeArrayOfNull(field->type(), batch->num_rows()));
    } else if (!column->type()->Equals(field->type())) {
      return Error(ErrorId::kStorageSchemaMismatch,
                   "column {} is {} in the table and {} in the rows", field->name(),
                   field->type()->ToString(), column->type()->ToString());
    }
    if (!field->nullable() && column->null_count() > 0) {
      return Error(ErrorId::kInvalidArgument, "column {} does not allow null", field->name());
    }
    columns.push_back(std::move(column));
  }
  for (const std::string& name : batch->schema()->field_names()) {
    if (schema->GetFieldByName(name) == nullptr) {
      return Error(ErrorId::kStorageSchemaMismatch, "the table has no column {}", name);
    }
  }
  return arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(columns));
}

/// The rows of a stream as "files" of at most options.rows_per_file_max rows, also named in the
/// transaction.
Result<Batches> StageFiles(const Request& request, BatchStream& rows, const StageOptions& options,
                           std::string_view purpose, MemoryTransaction& transaction) {
  Batches read;
  while (true) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, rows.Next());
    if (batch == nullptr) break;
    TARN_ASSIGN_OR_RETURN(read.emplace_back(), Fit(batch, transaction.schema));
  }
  Batches files;
  if (read.empty()) return files;
  TARN_ARROW_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> all,
                              arrow::ConcatenateRecordBatches(read));
  const auto step = static_cast<int64_t>(std::max<uint64_t>(options.rows_per_file_max, 1));
  for (int64_t begin = 0; begin < all->num_rows(); begin += step) {
    files.push_back(all->Slice(begin, step));
    TARN_ARROW_ASSIGN_OR_RETURN(const int64_t bytes,
                                arrow::util::ReferencedBufferSize(*files.back()));
    transaction.files.emplace_back(
        fmt::format("data/{}-{}-{}.lance", transaction.uuid, purpose, files.size()),
        static_cast<uint64_t>(bytes));
  }
  return files;
}

Status StageGone(const MemoryVersion& base, const std::vector<uint64_t>& gone,
                 MemoryTransaction& transaction, std::set<uint64_t>& gone_ids) {
  std::unordered_map<uint64_t, std::pair<size_t, uint64_t>> place_by_address;
  for (size_t f = 0; f < base.fragments.size(); ++f) {
    for (uint64_t row = 0; row < base.fragments[f].gone->size(); ++row) {
      if (!(*base.fragments[f].gone)[row]) place_by_address[base.AddressOf(f, row)] = {f, row};
    }
  }
  for (uint64_t address : gone) {
    auto found = place_by_address.find(address);
    if (found == place_by_address.end()) {
      return Error(ErrorId::kInvalidArgument,
                   "row address {} is not one of a live row of version {}, or comes twice", address,
                   base.number);
    }
    const auto [fragment, row] = found->second;
    transaction.gone_by_fragment[fragment].push_back(row);
    gone_ids.insert((*base.fragments[fragment].row_ids)[row]);
    place_by_address.erase(found);
  }
  for (const auto& [fragment, rows] : transaction.gone_by_fragment) {
    transaction.files.emplace_back(
        fmt::format("_deletions/{}-{}.arrow", fragment, transaction.uuid),
        rows.size() * sizeof(uint32_t));
  }
  return Status::Ok();
}

Status CheckUpdatedIds(const std::vector<uint64_t>& ids, const std::set<uint64_t>& gone_ids) {
  std::set<uint64_t> seen;
  for (uint64_t id : ids) {
    if (!gone_ids.contains(id) || !seen.insert(id).second) {
      return Error(ErrorId::kInvalidArgument,
                   "updated row id {} is not the id of a row that goes, or comes twice", id);
    }
  }
  return Status::Ok();
}

/// The values that the rows of `old` hold in one column.
Result<std::shared_ptr<arrow::Array>> ColumnOf(const arrow::RecordBatch& old,
                                               const TableColumn& column) {
  const std::shared_ptr<arrow::DataType>& type = column.field->type();
  if (column.from.empty()) {
    auto values = column.fill == nullptr ? arrow::MakeArrayOfNull(type, old.num_rows())
                                         : arrow::MakeArrayFromScalar(*column.fill, old.num_rows());
    if (!values.ok()) return columnar::FromArrow(values.status());
    return std::move(values).ValueUnsafe();
  }
  std::shared_ptr<arrow::Array> values = old.GetColumnByName(column.from);
  if (values->type()->Equals(type)) return values;
  TARN_ARROW_ASSIGN_OR_RETURN(values, arrow::compute::Cast(*values, type));
  return values;
}

}  // namespace

Status StageInserted(const Request& request, BatchStream& rows, const StageOptions& options,
                     MemoryTransaction& transaction) {
  TARN_ASSIGN_OR_RETURN(transaction.inserted,
                        StageFiles(request, rows, options, "new", transaction));
  return Status::Ok();
}

Status StageChanges(const Request& request, const MemoryVersion& base, RowDelta delta,
                    const StageOptions& options, MemoryTransaction& transaction) {
  std::set<uint64_t> gone_ids;
  TARN_RETURN_IF_ERROR(StageGone(base, delta.gone, transaction, gone_ids));
  TARN_RETURN_IF_ERROR(CheckUpdatedIds(delta.updated_row_ids, gone_ids));
  if (delta.updated != nullptr) {
    TARN_ASSIGN_OR_RETURN(transaction.updated,
                          StageFiles(request, *delta.updated, options, "image", transaction));
  }
  uint64_t images = 0;
  for (const std::shared_ptr<arrow::RecordBatch>& rows : transaction.updated)
    images += rows->num_rows();
  if (images != delta.updated_row_ids.size()) {
    return Error(ErrorId::kInvalidArgument, "a row delta has {} new images and {} updated row ids",
                 images, delta.updated_row_ids.size());
  }
  transaction.updated_row_ids = std::move(delta.updated_row_ids);
  if (delta.inserted == nullptr) return Status::Ok();
  return StageInserted(request, *delta.inserted, options, transaction);
}

Status StageRewritten(const MemoryVersion& base, const std::vector<TableColumn>& columns,
                      MemoryTransaction& transaction) {
  for (const MemoryFragment& fragment : base.fragments) {
    std::vector<std::shared_ptr<arrow::Array>> values;
    bool writes = false;
    for (const TableColumn& column : columns) {
      TARN_ASSIGN_OR_RETURN(values.emplace_back(), ColumnOf(*fragment.rows, column));
      const bool is_cast =
          !column.from.empty() &&
          !base.schema->GetFieldByName(column.from)->type()->Equals(column.field->type());
      writes = writes || is_cast || (column.fill != nullptr && column.fill->is_valid);
    }
    transaction.rewritten.push_back(
        arrow::RecordBatch::Make(transaction.schema, fragment.rows->num_rows(), std::move(values)));
    if (!writes) continue;
    transaction.files.emplace_back(
        fmt::format("data/{}-columns-{}.lance", transaction.uuid, transaction.rewritten.size()),
        uint64_t(fragment.rows->num_rows()));
  }
  return Status::Ok();
}

}  // namespace tarn::lance
