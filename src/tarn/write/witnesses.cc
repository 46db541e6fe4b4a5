#include "tarn/write/witnesses.h"

#include <algorithm>

#include <arrow/api.h>

#include "tarn/write/stored_rows.h"

namespace tarn::write {

Witnesses::Witnesses(const Offenders& wanted, TupleKeys keys, size_t most)
    : keys_(std::move(keys)), most_(most) {
  for (const Offender& offender : wanted.kept()) found_[offender.key];
}

Status Witnesses::ReadRow(const arrow::RecordBatch& batch, int64_t row, bool has_line) {
  TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, keys_.HashOf(row));
  if (!key) return Status::Ok();
  const auto found = found_.find(*key);
  if (found == found_.end() || found->second.size() >= most_) return Status::Ok();
  const auto& ids = static_cast<const arrow::StringArray&>(*batch.GetColumnByName("id"));
  Witness witness{.id = ids.GetString(row), .text = keys_.TextOf(row)};
  if (has_line) {
    witness.line =
        static_cast<const arrow::UInt64Array&>(*batch.column(batch.num_columns() - 1)).Value(row);
  }
  found->second.push_back(std::move(witness));
  return Status::Ok();
}

Status Witnesses::ReadInput(const RowSpool& spool,
                            const std::function<bool(uint64_t ordinal)>& chosen) {
  RowSpool::Reader reader(spool);
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, reader.Next());
    if (batch == nullptr) return Status::Ok();
    TARN_RETURN_IF_ERROR(keys_.Bind(*batch));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      if (chosen && !chosen(reader.first_ordinal() + static_cast<uint64_t>(row))) continue;
      TARN_RETURN_IF_ERROR(ReadRow(*batch, row, true));
    }
  }
}

Status Witnesses::ReadStored(LoadContext& context, const TypeLayout& layout,
                             const std::vector<uint64_t>& gone) {
  std::vector<std::string> columns = keys_.columns();
  if (std::ranges::find(columns, "id") == columns.end()) columns.push_back("id");
  return ForEachStored(context, layout, columns, [&](const StoredBatch& batch) -> Status {
    TARN_RETURN_IF_ERROR(keys_.Bind(batch.rows));
    for (int64_t row = 0; row < batch.rows.num_rows(); ++row) {
      if (std::ranges::binary_search(gone, batch.row_addrs[row])) continue;
      TARN_RETURN_IF_ERROR(ReadRow(batch.rows, row, false));
    }
    return Status::Ok();
  });
}

}  // namespace tarn::write
