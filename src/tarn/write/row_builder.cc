#include "tarn/write/row_builder.h"

#include <algorithm>
#include <array>

#include <arrow/api.h>

#include "tarn/base/source.h"
#include "tarn/columnar/arrow_status.h"
#include "tarn/schema/values.h"
#include "tarn/write/limits.h"
#include "tarn/write/row_spool.h"

namespace tarn::write {
namespace {

constexpr std::array<std::string_view, 6> kReservedNames = {"_tombstone",
                                                            "_rowid",
                                                            "_rowaddr",
                                                            "_rowoffset",
                                                            "_row_created_at_version",
                                                            "_row_last_updated_at_version"};

bool IsReserved(std::string_view name, bool is_edge) {
  return std::ranges::find(kReservedNames, name) != kReservedNames.end() ||
         (is_edge && (name == "src" || name == "dst"));
}

uint64_t FixedWidth(const schema::PropertyType& type) {
  return type.dimension * sizeof(float) + sizeof(uint64_t);
}

}  // namespace

RowBuilder::RowBuilder(const TypeLayout& layout, UlidFactory& ulids, ProblemList& problems)
    : layout_(layout),
      ulids_(ulids),
      problems_(problems),
      ids_(std::make_unique<arrow::StringBuilder>()),
      lines_(std::make_unique<arrow::UInt64Builder>()) {
  if (!layout.is_edge()) return;
  sources_ = std::make_unique<arrow::StringBuilder>();
  targets_ = std::make_unique<arrow::StringBuilder>();
}

RowBuilder::~RowBuilder() = default;

Result<std::unique_ptr<RowBuilder>> RowBuilder::Make(const TypeLayout& layout, UlidFactory& ulids,
                                                     ProblemList& problems) {
  std::unique_ptr<RowBuilder> made(new RowBuilder(layout, ulids, problems));
  for (const schema::Property& property : layout.properties()) {
    TARN_ASSIGN_OR_RETURN(ValueChecks checks,
                          ValueChecks::Make(layout.name(), property, layout.node));
    Column column;
    column.property = &property;
    TARN_ASSIGN_OR_RETURN(column.owned, MakeColumn(property, std::move(checks)));
    made->column_of_.emplace(property.name, made->columns_.size());
    made->columns_.push_back(std::move(column));
    made->row_width_ += FixedWidth(property.type);
  }
  if (layout.is_keyed()) {
    for (const std::string& name : layout.node->key_columns)
      made->key_columns_.push_back(made->column_of_.at(name));
    made->key_members_.resize(made->key_columns_.size());
  }
  return made;
}

bool RowBuilder::is_full() const { return rows_ >= kBatchRowsMax || bytes_ >= kBatchBytesMax; }

void RowBuilder::Append(const Record& record) {
  ++records_;
  const size_t problems_before = problems_.problems().size();
  explicit_id_ = nullptr;
  ReadMembers(record);
  FillMissing(record);
  if (problems_.problems().size() == problems_before) AppendId(record);
  if (!problems_.empty()) return DropRows();
  arrow::Status status = lines_->Append(record.line);
  if (layout_.is_edge())
    status = status & sources_->Append(record.from) & targets_->Append(record.to);
  if (!status.ok()) return ReportArrow(record, status);
  ++rows_;
  bytes_ += record.bytes + row_width_;
}

void RowBuilder::ReadMembers(const Record& record) {
  expected_column_ = 0;
  for (const Member& member : record.data) ReadMember(record, member);
}

RowBuilder::Column* RowBuilder::FindColumn(std::string_view name) {
  if (expected_column_ < columns_.size() && columns_[expected_column_].property->name == name) {
    return &columns_[expected_column_++];
  }
  const auto found = column_of_.find(name);
  if (found == column_of_.end()) return nullptr;
  expected_column_ = found->second + 1;
  return &columns_[found->second];
}

void RowBuilder::ReadMember(const Record& record, const Member& member) {
  if (Column* column = FindColumn(member.name)) {
    column->seen_at = records_;
    return AppendCell(record, *column, member.value);
  }
  if (member.name == "id") return ReadId(record, member.value);
  ReportUnknown(record, member.name);
}

void RowBuilder::ReadId(const Record& record, const JsonCell& cell) {
  if (cell.kind == JsonCell::Kind::kString) {
    explicit_id_ = &cell;
  } else {
    Report(record, "id", ErrorId::kDataInvalid,
           fmt::format("'id' must be a string, got {}", KindName(cell.kind)));
  }
}

void RowBuilder::AppendCell(const Record& record, Column& column, const JsonCell& cell) {
  const bool is_null = cell.kind == JsonCell::Kind::kNull;
  const schema::Property& property = *column.property;
  if (is_null && !property.type.nullable) {
    const bool is_given = column.seen_at == records_;
    return Report(
        record, property.name, ErrorId::kConstraintViolation,
        fmt::format("non-nullable property '{}' has null or invalid values: {}", property.name,
                    is_given ? "the record gives null" : "the record leaves it out"));
  }
  Refusal refusal =
      is_null ? column.owned.column->AppendNull() : column.owned.column->Append(record, cell);
  if (refusal) Report(record, property.name, refusal->id, std::move(refusal->reason));
}

void RowBuilder::FillMissing(const Record& record) {
  const JsonCell null;
  for (Column& column : columns_) {
    if (column.seen_at != records_) AppendCell(record, column, null);
  }
}

void RowBuilder::WriteKeyText() {
  key_text_.clear();
  if (key_columns_.size() == 1)
    return columns_[key_columns_[0]].owned.column->AppendKeyText(key_text_);
  for (size_t i = 0; i < key_columns_.size(); ++i) {
    key_members_[i].clear();
    columns_[key_columns_[i]].owned.column->AppendKeyText(key_members_[i]);
  }
  key_text_ = schema::KeyId(key_members_);
}

void RowBuilder::AppendId(const Record& record) {
  std::string_view id;
  std::string made;
  if (!key_columns_.empty()) {
    WriteKeyText();
    id = key_text_;
    if (explicit_id_ != nullptr && explicit_id_->text != id) {
      return Report(record, "id", ErrorId::kDataInvalid,
                    fmt::format("explicit id '{}' of {} is not its canonical key '{}'",
                                Shown(explicit_id_->text), layout_.label(), Shown(id)));
    }
  } else if (explicit_id_ != nullptr) {
    id = explicit_id_->text;
  } else {
    made = ulids_.Next();
    id = made;
  }
  if (key_columns_.empty()) generated_ids_.push_back(explicit_id_ == nullptr);
  if (const arrow::Status status = ids_->Append(id); !status.ok()) ReportArrow(record, status);
}

void RowBuilder::ReportUnknown(const Record& record, std::string_view name) {
  if (IsReserved(name, layout_.is_edge())) {
    return Report(record, name, ErrorId::kDataInvalid,
                  fmt::format("'{}' is reserved and cannot be loaded", Shown(name)));
  }
  std::vector<std::string> known = {"id"};
  for (const Column& column : columns_) known.push_back(column.property->name);
  std::string reason =
      fmt::format("unknown input field '{}' for '{}'", Shown(name), layout_.label());
  const std::string near = NearestName(name, known);
  if (!near.empty()) reason += fmt::format("; did you mean '{}'?", near);
  Report(record, name, ErrorId::kDataInvalid, std::move(reason));
}

void RowBuilder::Report(const Record& record, std::string_view field, ErrorId id,
                        std::string reason) {
  problems_.Add({.id = id,
                 .line = record.line,
                 .type = layout_.label(),
                 .field = Shown(field),
                 .reason = std::move(reason)});
}

void RowBuilder::ReportArrow(const Record& record, const arrow::Status& status) {
  const Status error = columnar::FromArrow(status);
  Report(record, "", error.id(), error.message());
}

void RowBuilder::DropRows() {
  ids_->Reset();
  lines_->Reset();
  if (sources_) sources_->Reset();
  if (targets_) targets_->Reset();
  for (Column& column : columns_) column.owned.column->Reset();
  generated_ids_.clear();
  rows_ = 0;
  bytes_ = 0;
}

Result<RowBatch> RowBuilder::Flush() {
  const int64_t rows = rows_;
  arrow::ArrayVector arrays;
  const auto finish = [&arrays](arrow::ArrayBuilder& builder) -> Status {
    TARN_ARROW_ASSIGN_OR_RETURN(arrays.emplace_back(), builder.Finish());
    return Status::Ok();
  };
  TARN_RETURN_IF_ERROR(finish(*ids_));
  if (layout_.is_edge()) {
    TARN_RETURN_IF_ERROR(finish(*sources_));
    TARN_RETURN_IF_ERROR(finish(*targets_));
  }
  for (Column& column : columns_) TARN_RETURN_IF_ERROR(finish(*column.owned.arrow));
  TARN_RETURN_IF_ERROR(finish(*lines_));
  arrow::FieldVector fields = layout_.table_schema->fields();
  fields.push_back(LineField());
  RowBatch batch;
  batch.rows = arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(arrays));
  batch.generated_ids = std::exchange(generated_ids_, {});
  rows_ = 0;
  bytes_ = 0;
  return batch;
}

}  // namespace tarn::write
