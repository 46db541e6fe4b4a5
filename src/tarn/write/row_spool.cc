#include "tarn/write/row_spool.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/byte_size.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/columnar/choose_rows.h"

namespace tarn::write {

std::shared_ptr<arrow::Field> LineField() {
  return arrow::field("_line", arrow::uint64(), /*nullable=*/false);
}

RowSpool::RowSpool(ScratchSpace& scratch, SpillGroup& group, std::shared_ptr<arrow::Schema> schema)
    : scratch_(scratch), group_(group), table_schema_(std::move(schema)) {
  arrow::FieldVector fields = table_schema_->fields();
  fields.push_back(LineField());
  schema_ = arrow::schema(std::move(fields));
  group_.Join(this);
}

RowSpool::~RowSpool() { group_.Leave(this); }

void RowSpool::Append(std::shared_ptr<arrow::RecordBatch> batch) {
  rows_ += static_cast<uint64_t>(batch->num_rows());
  bytes_held_ += arrow::util::TotalBufferSize(*batch);
  held_.push_back(std::move(batch));
}

void RowSpool::Free() {
  held_.clear();
  spilled_.clear();
  file_.reset();
  bytes_held_ = 0;
}

Status RowSpool::Spill() {
  if (!file_) {
    TARN_ASSIGN_OR_RETURN(file_, scratch_.OpenFile());
  }
  for (std::shared_ptr<arrow::RecordBatch>& batch : held_) {
    TARN_ARROW_ASSIGN_OR_RETURN(
        const std::shared_ptr<arrow::Buffer> bytes,
        arrow::ipc::SerializeRecordBatch(*batch, arrow::ipc::IpcWriteOptions::Defaults()));
    const std::span<const uint8_t> content(bytes->data(), static_cast<size_t>(bytes->size()));
    TARN_ASSIGN_OR_RETURN(const Extent extent, file_->Append(std::as_bytes(content)));
    spilled_.push_back(extent);
    batch.reset();
  }
  held_.clear();
  bytes_held_ = 0;
  return Status::Ok();
}

Result<std::shared_ptr<arrow::RecordBatch>> RowSpool::ReadSpilled(const Extent& extent) const {
  TARN_ARROW_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bytes,
                              arrow::AllocateBuffer(static_cast<int64_t>(extent.size)));
  const std::span<uint8_t> target(bytes->mutable_data(), extent.size);
  TARN_RETURN_IF_ERROR(file_->ReadAt(extent.offset, std::as_writable_bytes(target)));
  arrow::io::BufferReader reader(std::move(bytes));
  const arrow::ipc::DictionaryMemo no_dictionaries;
  return columnar::FromArrow(arrow::ipc::ReadRecordBatch(
      schema_, &no_dictionaries, arrow::ipc::IpcReadOptions::Defaults(), &reader));
}

Result<std::shared_ptr<arrow::RecordBatch>> RowSpool::Reader::Next() {
  const size_t at = next_batch_;
  const size_t spilled = spool_.spilled_.size();
  if (at >= spilled + spool_.held_.size()) return std::shared_ptr<arrow::RecordBatch>();
  std::shared_ptr<arrow::RecordBatch> batch;
  if (at < spilled) {
    TARN_ASSIGN_OR_RETURN(batch, spool_.ReadSpilled(spool_.spilled_[at]));
  } else {
    batch = spool_.held_[at - spilled];
  }
  ++next_batch_;
  first_ordinal_ = rows_seen_;
  rows_seen_ += static_cast<uint64_t>(batch->num_rows());
  return batch;
}

namespace {

class ChosenRows final : public lance::BatchStream {
 public:
  ChosenRows(const Request& request, const RowSpool& spool, std::function<bool(uint64_t)> chosen)
      : request_(request), spool_(spool), reader_(spool), chosen_(std::move(chosen)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return spool_.table_schema(); }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      TARN_RETURN_IF_ERROR(request_.Check());
      TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, reader_.Next());
      if (batch == nullptr) return batch;
      // The line column is the last; the table's schema carries its own metadata.
      batch = arrow::RecordBatch::Make(schema(), batch->num_rows(), TableColumns(*batch));
      if (chosen_) {
        TARN_ASSIGN_OR_RETURN(
            batch, columnar::ChooseRows(std::move(batch), [this](int64_t row) {
              return chosen_(reader_.first_ordinal() + static_cast<uint64_t>(row));
            }));
      }
      if (batch->num_rows() > 0) return batch;
    }
  }

 private:
  static arrow::ArrayVector TableColumns(const arrow::RecordBatch& batch) {
    arrow::ArrayVector columns = batch.columns();
    columns.pop_back();
    return columns;
  }

  const Request request_;
  const RowSpool& spool_;  // outlives this
  RowSpool::Reader reader_;
  std::function<bool(uint64_t)> chosen_;
};

}  // namespace

std::unique_ptr<lance::BatchStream> StreamRows(const Request& request, const RowSpool& spool,
                                               std::function<bool(uint64_t ordinal)> chosen) {
  return std::make_unique<ChosenRows>(request, spool, std::move(chosen));
}

}  // namespace tarn::write
