#include <utility>

#include <arrow/record_batch.h>

#include "tarn/lance/table.h"

namespace tarn::lance {
namespace {

class ReadyStream final : public BatchStream {
 public:
  ReadyStream(std::shared_ptr<arrow::Schema> schema,
              std::vector<std::shared_ptr<arrow::RecordBatch>> batches)
      : schema_(std::move(schema)), batches_(std::move(batches)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (next_ == batches_.size()) return std::shared_ptr<arrow::RecordBatch>();
    return std::move(batches_[next_++]);
  }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<BatchStream> StreamOf(std::shared_ptr<arrow::Schema> schema,
                                      std::vector<std::shared_ptr<arrow::RecordBatch>> batches) {
  return std::make_unique<ReadyStream>(std::move(schema), std::move(batches));
}

Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> ReadAll(BatchStream& stream) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  while (true) {
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, stream.Next());
    if (batch == nullptr) return batches;
    batches.push_back(std::move(batch));
  }
}

}  // namespace tarn::lance
