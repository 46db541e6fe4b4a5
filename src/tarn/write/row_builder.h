#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/clock.h"
#include "tarn/write/column_builder.h"
#include "tarn/write/problems.h"
#include "tarn/write/record.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {

/// A batch of finished rows: the table's columns and the line column.
struct RowBatch {
  std::shared_ptr<arrow::RecordBatch> rows;
  /// Per row: was the id made here, so that nobody can hold or ask for it? Empty: of none.
  std::vector<bool> generated_ids;
};

/// Builds the rows of one type from records: typed cells, every check that needs one row alone, and
/// the id.
class RowBuilder {
 public:
  enum class Values : uint8_t { kChecked, kCheckedLater };
  /// `layout`, `ulids` and `problems` outlive the result. With kCheckedLater enums, ranges and
  /// patterns are the caller's to check.
  static Result<std::unique_ptr<RowBuilder>> Make(const TypeLayout& layout, UlidFactory& ulids,
                                                  ProblemList& problems,
                                                  Values values = Values::kChecked);
  ~RowBuilder();

  /// Appends one record of this type, or adds to the problems what is wrong with it, each field
  /// once. Once there is any problem, records are still judged but no rows are kept.
  void Append(const Record& record);

  int64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_; }  ///< of the rows not flushed yet, about
  /// Is a batch's worth of rows there?
  bool is_full() const;
  /// Takes the rows. Precondition: rows() > 0.
  Result<RowBatch> Flush();

 private:
  struct Column {
    OwnedColumn owned;
    const schema::Property* property = nullptr;
    uint64_t seen_at = 0;  // the last record that named it
  };
  RowBuilder(const TypeLayout& layout, UlidFactory& ulids, ProblemList& problems);

  void ReadMembers(const Record& record);
  void ReadMember(const Record& record, const Member& member);
  void ReadId(const Record& record, const JsonCell& cell);
  void FillMissing(const Record& record);
  void AppendCell(const Record& record, Column& column, const JsonCell& cell);
  void AppendId(const Record& record);
  void WriteKeyText();
  Column* FindColumn(std::string_view name);
  void ReportUnknown(const Record& record, std::string_view name);
  void Report(const Record& record, std::string_view field, ErrorId id, std::string reason);
  void ReportArrow(const Record& record, const arrow::Status& status);
  void DropRows();

  const TypeLayout& layout_;
  UlidFactory& ulids_;
  ProblemList& problems_;
  std::unique_ptr<arrow::StringBuilder> ids_, sources_, targets_;
  std::unique_ptr<arrow::UInt64Builder> lines_;
  std::vector<Column> columns_;
  std::unordered_map<std::string_view, size_t> column_of_;
  std::vector<size_t> key_columns_;  // in the order that forms the id
  size_t expected_column_ = 0;       // members mostly come in the order of the record before
  std::vector<bool> generated_ids_;
  const JsonCell* explicit_id_ = nullptr;
  std::string key_text_;
  std::vector<std::string> key_members_;
  uint64_t records_ = 0;
  int64_t rows_ = 0;
  uint64_t bytes_ = 0;
  uint64_t row_width_ = 0;  // bytes of the fixed-width columns
};

}  // namespace tarn::write
