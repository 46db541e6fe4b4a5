#include "tarn/write/stored_view.h"

#include <algorithm>
#include <set>

#include <arrow/array/util.h>
#include <arrow/compute/cast.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/catalog/physical_schema.h"
#include "tarn/columnar/arrow_status.h"

namespace tarn::write {

namespace {

/// The values of `column` for the rows of `stored`.
Result<std::shared_ptr<arrow::Array>> ValuesOf(const lance::TableColumn& column,
                                               const arrow::RecordBatch& stored) {
  const std::shared_ptr<arrow::DataType>& type = column.field->type();
  std::shared_ptr<arrow::Array> values;
  if (!column.from.empty()) {
    values = stored.GetColumnByName(column.from);
    if (values->type()->Equals(type)) return values;
    TARN_ARROW_ASSIGN_OR_RETURN(values, arrow::compute::Cast(*values, type));
  } else if (column.fill != nullptr) {
    TARN_ARROW_ASSIGN_OR_RETURN(values,
                                arrow::MakeArrayFromScalar(*column.fill, stored.num_rows()));
  } else {
    TARN_ARROW_ASSIGN_OR_RETURN(values, arrow::MakeArrayOfNull(type, stored.num_rows()));
  }
  return values;
}

}  // namespace

Status StoredView::ForEach(
    const Request& request, const std::vector<std::string>& names,
    const std::function<Status(const arrow::RecordBatch& batch)>& visit) const {
  std::vector<const lance::TableColumn*> columns;
  std::set<std::string> sources = {std::string(catalog::kIdColumn)};  // for the count of rows
  arrow::FieldVector fields;
  for (const std::string& name : names) {
    const auto column = std::ranges::find(
        columns_, name, [](const lance::TableColumn& one) { return one.field->name(); });
    TARN_CHECK(column != columns_.end(), "a column that the view does not have");
    columns.push_back(&*column);
    fields.push_back(column->field);
    if (!column->from.empty()) sources.insert(column->from);
  }
  const auto schema = arrow::schema(std::move(fields));
  lance::ScanSpec spec;
  spec.columns.assign(sources.begin(), sources.end());
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        table_.Scan(request, spec));
  while (true) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return Status::Ok();
    arrow::ArrayVector values;
    for (const lance::TableColumn* column : columns) {
      TARN_ASSIGN_OR_RETURN(values.emplace_back(), ValuesOf(*column, *batch));
    }
    TARN_RETURN_IF_ERROR(
        visit(*arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(values))));
  }
}

}  // namespace tarn::write
