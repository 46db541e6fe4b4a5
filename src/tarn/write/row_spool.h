#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/lance/table.h"
#include "tarn/write/scratch.h"

namespace tarn::write {

/// The column behind the table's own that tells on which line of the input a row stood.
std::shared_ptr<arrow::Field> LineField();

/// The rows of one type in the order of the input, as batches that move to a scratch file when
/// memory is short.
class RowSpool final : public Spillable {
 public:
  /// `schema` is the table's, without the line column. `scratch` and `group` outlive this.
  RowSpool(ScratchSpace& scratch, SpillGroup& group, std::shared_ptr<arrow::Schema> schema);
  ~RowSpool() override;
  RowSpool(const RowSpool&) = delete;
  RowSpool& operator=(const RowSpool&) = delete;

  /// `batch` has the table's columns and the line column.
  void Append(std::shared_ptr<arrow::RecordBatch> batch);
  uint64_t rows() const { return rows_; }
  const std::shared_ptr<arrow::Schema>& table_schema() const { return table_schema_; }
  const std::shared_ptr<arrow::Schema>& schema() const {
    return schema_;
  }  ///< with the line column

  /// Lets all rows go; rows() still tells how many there were.
  void Free();

  int64_t bytes_held() const override { return bytes_held_; }
  Status Spill() override;

  /// Reads the batches in order. Several may read at once; nothing is appended meanwhile.
  class Reader {
   public:
    explicit Reader(const RowSpool& spool) : spool_(spool) {}
    /// nullptr at the end.
    Result<std::shared_ptr<arrow::RecordBatch>> Next();
    uint64_t first_ordinal() const { return first_ordinal_; }  ///< of the batch Next gave

   private:
    const RowSpool& spool_;  // outlives this
    size_t next_batch_ = 0;
    uint64_t first_ordinal_ = 0;
    uint64_t rows_seen_ = 0;
  };

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> ReadSpilled(const Extent& extent) const;

  ScratchSpace& scratch_;
  SpillGroup& group_;
  std::shared_ptr<arrow::Schema> table_schema_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<ScratchFile> file_;
  std::vector<Extent> spilled_;                            // the first batches
  std::vector<std::shared_ptr<arrow::RecordBatch>> held_;  // the others
  uint64_t rows_ = 0;
  int64_t bytes_held_ = 0;
};

/// The rows of `spool` that `chosen` wants (null: all), with the table's columns, for staging.
/// Obeys `request`. `spool` outlives the stream.
std::unique_ptr<lance::BatchStream> StreamRows(const Request& request, const RowSpool& spool,
                                               std::function<bool(uint64_t ordinal)> chosen);

}  // namespace tarn::write
