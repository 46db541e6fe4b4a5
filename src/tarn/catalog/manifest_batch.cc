// The rows of __manifest as Arrow batches.

#include "tarn/catalog/manifest_codec.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "tarn/base/check.h"
#include "tarn/catalog/layout.h"

namespace tarn::catalog {
namespace {

// Lance keeps these with the field: other clients see which columns identify a row. Nothing
// enforces it.
std::shared_ptr<arrow::Field> KeyField(std::string name, std::shared_ptr<arrow::DataType> type,
                                       std::string position) {
  return arrow::field(std::move(name), std::move(type), /*nullable=*/false,
                      arrow::key_value_metadata({"lance-schema:unenforced-primary-key",
                                                 "lance-schema:unenforced-primary-key:position"},
                                                {"true", std::move(position)}));
}

template <typename Builder>
std::shared_ptr<arrow::Array> Finished(Builder& builder) {
  auto array = builder.Finish();
  TARN_CHECK(array.ok(), array.status().ToString());
  return array.MoveValueUnsafe();
}

void Must(const arrow::Status& status) { TARN_CHECK(status.ok(), status.ToString()); }

}  // namespace

std::shared_ptr<arrow::Schema> ManifestSchema() {
  static const std::shared_ptr<arrow::Schema> schema =
      arrow::schema({KeyField("key", arrow::utf8(), "1"), KeyField("seq", arrow::uint64(), "2"),
                     arrow::field("body", arrow::utf8(), /*nullable=*/false)});
  return schema;
}

std::shared_ptr<arrow::RecordBatch> RowsToBatch(const std::vector<ManifestRow>& rows) {
  arrow::StringBuilder keys;
  arrow::UInt64Builder seqs;
  arrow::StringBuilder bodies;
  for (const ManifestRow& row : rows) {
    Must(keys.Append(row.key));
    Must(seqs.Append(row.seq));
    Must(bodies.Append(row.body));
  }
  return arrow::RecordBatch::Make(ManifestSchema(), static_cast<int64_t>(rows.size()),
                                  {Finished(keys), Finished(seqs), Finished(bodies)});
}

Status AppendRows(const arrow::RecordBatch& batch, std::vector<ManifestRow>& rows) {
  const auto column = [&](int index) {
    return index < batch.num_columns() ? batch.column(index) : nullptr;
  };
  const auto keys = std::dynamic_pointer_cast<arrow::StringArray>(column(0));
  const auto seqs = std::dynamic_pointer_cast<arrow::UInt64Array>(column(1));
  const auto bodies = std::dynamic_pointer_cast<arrow::StringArray>(column(2));
  if (keys == nullptr || seqs == nullptr || bodies == nullptr || batch.num_columns() != 3) {
    return Error(ErrorId::kCorruptData, "{}: its columns are not key, seq and body",
                 kManifestFolder);
  }
  if (keys->null_count() + seqs->null_count() + bodies->null_count() > 0) {
    return Error(ErrorId::kCorruptData, "{}: a row holds a null", kManifestFolder);
  }
  for (int64_t i = 0; i < batch.num_rows(); ++i) {
    rows.push_back(
        {.key = keys->GetString(i), .seq = seqs->Value(i), .body = bodies->GetString(i)});
  }
  return Status::Ok();
}

}  // namespace tarn::catalog
