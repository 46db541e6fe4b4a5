#include "tarn/lance/bridge_rows.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {
namespace {

class BridgeStream final : public BatchStream {
 public:
  BridgeStream(const Request& request, store::StreamHandle handle,
               std::shared_ptr<arrow::Schema> schema)
      : request_(request), handle_(std::move(handle)), schema_(std::move(schema)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      TARN_RETURN_IF_ERROR(request_.Check());
      const store::BridgeCall call(request_);
      columnar::CArray array;
      store::ErrorHandle error;
      const int32_t code = tlb_stream_next(call.get(), handle_.get(), array.get(), error.Out());
      if (code < 0) return store::FromBridge(-code, error);
      if (code == 0) return std::shared_ptr<arrow::RecordBatch>();
      TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch,
                            columnar::ImportBatch(array, schema_));
      if (batch->num_rows() > 0) return batch;
    }
  }

 private:
  const Request request_;
  const store::StreamHandle handle_;
  const std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Result<std::unique_ptr<BatchStream>> ReadBridgeStream(const Request& request,
                                                      store::StreamHandle handle) {
  columnar::CSchema c_schema;
  TARN_RETURN_IF_ERROR(store::CallBridge(tlb_stream_schema, handle.get(), c_schema.get()));
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema, columnar::ImportSchema(c_schema));
  return std::make_unique<BridgeStream>(request, std::move(handle), std::move(schema));
}

/// The hand-over between the thread that pulls the rows and the reader that the bridge holds.
class RowPump::State {
 public:
  explicit State(std::unique_ptr<BatchStream> rows)
      : rows_(std::move(rows)), schema_(rows_->schema()) {}

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  /// The pulling thread: serves wishes until the pump closes.
  Status Serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return closed_ || wanted_; });
      if (closed_) return Status::Ok();
      wanted_ = false;
      lock.unlock();
      Result<std::shared_ptr<arrow::RecordBatch>> next = Pull();
      lock.lock();
      if (!next.ok() && failure_.ok()) failure_ = next.status();
      served_ = std::move(next);
      changed_.notify_all();
    }
  }

  /// The bridge's side: asks for one batch and waits for it.
  Result<std::shared_ptr<arrow::RecordBatch>> Next() {
    std::unique_lock lock(mutex_);
    wanted_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return closed_ || served_.has_value(); });
    if (!served_) return Error(ErrorId::kInternal, "rows were pulled after their call had ended");
    Result<std::shared_ptr<arrow::RecordBatch>> next = std::move(*served_);
    served_.reset();
    return next;
  }

  void Close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  Status failure() {
    std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  /// Whatever is thrown must not leave the bridge waiting.
  Result<std::shared_ptr<arrow::RecordBatch>> Pull() {
    try {
      return rows_->Next();
    } catch (const CheckFailure& failure) {
      return Error(ErrorId::kInternal, "{}", failure.what());
    }
  }

  const std::unique_ptr<BatchStream> rows_;  // touched by the pulling thread only
  const std::shared_ptr<arrow::Schema> schema_;
  std::mutex mutex_;
  // All below is guarded by mutex_.
  std::condition_variable changed_;
  bool wanted_ = false;
  bool closed_ = false;
  std::optional<Result<std::shared_ptr<arrow::RecordBatch>>> served_;
  Status failure_;
};

class RowPump::Reader final : public arrow::RecordBatchReader {
 public:
  explicit Reader(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return state_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    Result<std::shared_ptr<arrow::RecordBatch>> next = state_->Next();
    if (!next.ok()) return columnar::ToArrow(next.status());
    *batch = *std::move(next);
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<State> state_;
};

RowPump::RowPump(std::unique_ptr<BatchStream> rows) {
  if (rows != nullptr) state_ = std::make_shared<State>(std::move(rows));
}

RowPump::~RowPump() {
  if (state_ != nullptr) state_->Close();
}

Status RowPump::Export(columnar::CStream& out) {
  if (state_ == nullptr) return Status::Ok();
  thread_.Spawn([state = state_] { return state->Serve(); });
  return columnar::ExportStream(std::make_shared<Reader>(state_), out);
}

Status RowPump::Finish(Status outcome) {
  if (state_ == nullptr) return outcome;
  state_->Close();
  TARN_RETURN_IF_ERROR(thread_.Wait());
  Status failure = state_->failure();
  return failure.ok() || outcome.ok() ? std::move(outcome) : std::move(failure);
}

}  // namespace tarn::lance
