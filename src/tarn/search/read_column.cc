#include "tarn/search/read_column.h"

#include <limits>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/byte_size.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/search/each_batch.h"

namespace tarn::search {
namespace {

/// Values or bytes that the 32-bit offsets of `part` address; 0 for a layout without them.
int64_t AddressedBy(const arrow::Array& part) {
  switch (part.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return static_cast<const arrow::BinaryArray&>(part).total_values_length();
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(part);
      return list.length() == 0 ? 0 : list.value_offset(list.length()) - list.value_offset(0);
    }
    default: return 0;
  }
}

}  // namespace

Result<std::shared_ptr<arrow::Field>> FieldOf(const lance::Table& table, std::string_view name,
                                              const std::string& column) {
  std::shared_ptr<arrow::Field> field = table.schema()->GetFieldByName(column);
  if (field == nullptr)
    return Error(ErrorId::kInvalidArgument, "{} has no column '{}'", name, column);
  return field;
}

int64_t BytesOf(const arrow::Array& array) {
  const auto bytes = arrow::util::ReferencedBufferSize(array);
  return bytes.ok() ? *bytes : arrow::util::TotalBufferSize(array);
}

Result<std::shared_ptr<arrow::Array>> Join(
    const std::shared_ptr<arrow::Field>& field, std::string_view name,
    const std::vector<std::shared_ptr<arrow::Array>>& parts) {
  if (parts.empty()) return columnar::FromArrow(arrow::MakeEmptyArray(field->type()));
  if (parts.size() == 1) return parts[0];
  int64_t addressed = 0;
  for (const auto& part : parts) addressed += AddressedBy(*part);
  if (addressed > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorId::kUnsupported,
                 "column '{}' of {} has more than 2 GiB of values, too much to hold in memory",
                 field->name(), name);
  }
  return columnar::FromArrow(arrow::Concatenate(parts));
}

Result<std::shared_ptr<arrow::Array>> ReadColumn(const Request& request, const lance::Table& table,
                                                 std::string_view name, const std::string& column) {
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Field> field, FieldOf(table, name, column));
  BudgetHold hold = request.Hold("a column of a table");
  std::vector<std::shared_ptr<arrow::Array>> parts;
  TARN_RETURN_IF_ERROR(ForEachBatch(request, table, {column}, /*row_id=*/false,
                                    [&](const arrow::RecordBatch& batch) {
                                      parts.push_back(batch.column(0));
                                      return hold.Resize(hold.bytes() + 2 * BytesOf(*parts.back()));
                                    }));
  return Join(field, name, parts);
}

Result<std::shared_ptr<const std::vector<uint64_t>>> ReadRowIds(const Request& request,
                                                                const lance::Table& table,
                                                                std::string_view name,
                                                                uint64_t rows_max) {
  TARN_ASSIGN_OR_RETURN(const uint64_t rows, CountRows(table, name, rows_max));
  BudgetHold hold = request.Hold("the row ids of a table");
  TARN_RETURN_IF_ERROR(hold.Resize(static_cast<int64_t>(rows * sizeof(uint64_t))));
  auto row_ids = std::make_shared<std::vector<uint64_t>>();
  row_ids->reserve(rows);
  TARN_RETURN_IF_ERROR(
      ForEachBatch(request, table, {}, /*row_id=*/true, [&](const arrow::RecordBatch& batch) {
        const auto& ids = static_cast<const arrow::UInt64Array&>(*batch.column(0));
        row_ids->insert(row_ids->end(), ids.raw_values(), ids.raw_values() + ids.length());
        if (row_ids->size() > rows_max) return TooManyRows(name, rows_max);
        return hold.Resize(static_cast<int64_t>(row_ids->capacity() * sizeof(uint64_t)));
      }));
  return row_ids;
}

}  // namespace tarn::search
