#include "tarn/lance/stored_form.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_builders.h>

#include "tarn/columnar/arrow_status.h"

namespace tarn::lance {
namespace {

/// The struct of bytes and address around bytes.
Result<std::shared_ptr<arrow::Array>> BlobOf(const std::shared_ptr<arrow::Array>& bytes,
                                             const arrow::Field& field) {
  std::vector<std::shared_ptr<arrow::Array>> children;
  for (const std::shared_ptr<arrow::Field>& child : field.type()->fields()) {
    if (child->type()->Equals(bytes->type())) {
      children.push_back(bytes);
      continue;
    }
    TARN_ASSIGN_OR_RETURN(children.emplace_back(), columnar::FromArrow(arrow::MakeArrayOfNull(
                                                       child->type(), bytes->length())));
  }
  std::shared_ptr<arrow::Buffer> validity;
  if (bytes->null_count() > 0) {
    // The struct begins at its first row, the bytes may be a slice.
    TARN_ASSIGN_OR_RETURN(validity,
                          columnar::FromArrow(arrow::AllocateEmptyBitmap(bytes->length())));
    for (int64_t i = 0; i < bytes->length(); ++i) {
      arrow::bit_util::SetBitTo(validity->mutable_data(), i, bytes->IsValid(i));
    }
  }
  return std::make_shared<arrow::StructArray>(field.type(), bytes->length(), std::move(children),
                                              std::move(validity));
}

bool IsBlobStruct(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRUCT && type.num_fields() == 2 &&
         type.field(0)->type()->id() == arrow::Type::LARGE_BINARY;
}

class StoredForm final : public BatchStream {
 public:
  StoredForm(const arrow::Schema& schema, std::unique_ptr<BatchStream> scanned)
      : scanned_(std::move(scanned)) {
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (const std::shared_ptr<arrow::Field>& field : scanned_->schema()->fields()) {
      const std::shared_ptr<arrow::Field> declared = schema.GetFieldByName(field->name());
      fields.push_back(declared == nullptr ? field : declared);
    }
    schema_ = arrow::schema(std::move(fields));
  }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, scanned_->Next());
    if (batch == nullptr) return batch;
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (int i = 0; i < batch->num_columns(); ++i) {
      TARN_ASSIGN_OR_RETURN(columns.emplace_back(), Convert(batch->column(i), *schema_->field(i)));
    }
    return arrow::RecordBatch::Make(schema_, batch->num_rows(), std::move(columns));
  }

 private:
  static Result<std::shared_ptr<arrow::Array>> Convert(const std::shared_ptr<arrow::Array>& column,
                                                       const arrow::Field& field) {
    if (column->type()->Equals(*field.type())) return column;
    if (column->type_id() == arrow::Type::LARGE_BINARY && IsBlobStruct(*field.type())) {
      return BlobOf(column, field);
    }
    return Error(ErrorId::kUnsupported,
                 "column '{}' is stored as {}, this storage gives it out as {}", field.name(),
                 field.type()->ToString(), column->type()->ToString());
  }

  const std::unique_ptr<BatchStream> scanned_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

std::unique_ptr<BatchStream> InStoredForm(const arrow::Schema& schema,
                                          std::unique_ptr<BatchStream> scanned) {
  return std::make_unique<StoredForm>(schema, std::move(scanned));
}

}  // namespace tarn::lance
