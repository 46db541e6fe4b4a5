#include "tarn/wire/read_output.h"

#include <arrow/record_batch.h>

#include "tarn/wire/cell.h"

namespace tarn::wire {

std::string ToJson(const ReadOutput& output) {
  const exec::ResultSet& result = output.result;
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject().Key("query_name").String(output.query_name).Key("target").BeginObject();
  if (output.snapshot) {
    json.Key("branch").Null().Key("snapshot").String(*output.snapshot);
  } else {
    json.Key("branch").String(output.branch).Key("snapshot").Null();
  }
  json.EndObject().Key("row_count").Int(result.rows->num_rows()).Key("columns").BeginArray();
  for (const std::string& column : result.columns) json.String(column);
  json.EndArray().Key("rows").BeginArray();
  for (int64_t row = 0; row < result.rows->num_rows(); ++row) {
    json.BeginObject();
    for (size_t i = 0; i < result.columns.size(); ++i) {
      json.Key(result.columns[i]);
      WriteCell(json, *result.rows->column(static_cast<int>(i)), row, result.types[i]);
    }
    json.EndObject();
  }
  json.EndArray().Key("graph_commit_id").String(output.commit_id).EndObject();
  return json.Take() + "\n";
}

}  // namespace tarn::wire
