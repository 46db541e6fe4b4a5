// Turns the two files of the npm package vega-datasets into graph JSONL: airports.csv as nodes, and
// the three million flights of flights-3m.parquet, aggregated by DataFusion, as routes. Usage:
// quickstart_prepare DATA-FOLDER OUT-FOLDER
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include <arrow/array.h>
#include <arrow/csv/api.h>
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "tarn/base/json_writer.h"
#include "tarn/columnar/arrow_status.h"
#include "tarn/lance/bridge_sql.h"
#include "tarn/store/bridge_session.h"

namespace {

using tarn::JsonWriter;
using tarn::Request;
using tarn::Result;
using tarn::Status;

const arrow::StringArray& Text(const arrow::RecordBatch& batch, const char* name) {
  return static_cast<const arrow::StringArray&>(*batch.GetColumnByName(name));
}
const arrow::DoubleArray& Number(const arrow::RecordBatch& batch, const char* name) {
  return static_cast<const arrow::DoubleArray&>(*batch.GetColumnByName(name));
}

Result<std::shared_ptr<arrow::RecordBatch>> ReadAirports(const std::string& path) {
  TARN_ARROW_ASSIGN_OR_RETURN(auto file, arrow::io::ReadableFile::Open(path));
  auto convert = arrow::csv::ConvertOptions::Defaults();
  for (const char* column : {"iata", "name", "city", "state", "country"})
    convert.column_types[column] = arrow::utf8();
  TARN_ARROW_ASSIGN_OR_RETURN(
      auto reader, arrow::csv::TableReader::Make(arrow::io::default_io_context(), file,
                                                 arrow::csv::ReadOptions::Defaults(),
                                                 arrow::csv::ParseOptions::Defaults(), convert));
  TARN_ARROW_ASSIGN_OR_RETURN(auto table, reader->Read());
  TARN_ARROW_ASSIGN_OR_RETURN(auto batch, table->CombineChunksToBatch());
  return batch;
}

/// Writes the airports and returns their codes.
Result<std::set<std::string>> WriteAirports(const std::string& data, const std::string& out) {
  TARN_ASSIGN_OR_RETURN(const auto batch, ReadAirports(data + "/airports.csv"));
  std::set<std::string> codes;
  std::ofstream file(out + "/airports.jsonl");
  for (int64_t row = 0; row < batch->num_rows(); ++row) {
    JsonWriter json;
    json.BeginObject().Key("type").String("Airport").Key("data").BeginObject();
    for (const char* column : {"iata", "name", "city", "state", "country"}) {
      const std::string_view text = Text(*batch, column).GetView(row);
      json.Key(column);
      if (text == "NA")
        json.Null();  // how the source writes "unknown"
      else
        json.String(text);
    }
    json.Key("latitude").Double(Number(*batch, "latitude").Value(row));
    json.Key("longitude").Double(Number(*batch, "longitude").Value(row)).EndObject().EndObject();
    file << json.text() << '\n';
    codes.emplace(Text(*batch, "iata").GetView(row));
  }
  std::cerr << codes.size() << " airports\n";
  return codes;
}

Status WriteRoutes(const std::string& data, const std::string& out,
                   const std::set<std::string>& codes) {
  TARN_ASSIGN_OR_RETURN(const auto environment, tarn::store::Environment::Open({}));
  TARN_ASSIGN_OR_RETURN(const auto sql, tarn::lance::Sql::Open(environment, {}));
  TARN_RETURN_IF_ERROR(sql->AddParquet(Request(), "flights", data + "/flights-3m.parquet"));
  TARN_ASSIGN_OR_RETURN(
      const auto rows,
      sql->Run(Request(),
               "select arrow_cast(origin, 'Utf8') as origin, arrow_cast(destination, 'Utf8') as "
               "destination, "
               "count(*) as flights, avg(distance) as miles, avg(delay) as delay "
               "from flights group by origin, destination order by origin, destination"));
  std::ofstream file(out + "/routes.jsonl");
  int64_t routes = 0, unlisted = 0, flights_total = 0;
  while (true) {
    TARN_ASSIGN_OR_RETURN(const auto batch, rows->Next());
    if (batch == nullptr) break;
    const auto& flights = static_cast<const arrow::Int64Array&>(*batch->GetColumnByName("flights"));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      const std::string from(Text(*batch, "origin").GetView(row));
      const std::string to(Text(*batch, "destination").GetView(row));
      flights_total += flights.Value(row);
      if (codes.count(from) == 0 || codes.count(to) == 0) {
        ++unlisted;
        continue;
      }
      JsonWriter json;
      json.BeginObject().Key("edge").String("Route").Key("from").String(from).Key("to").String(to);
      json.Key("data").BeginObject().Key("flights").Int(flights.Value(row));
      json.Key("miles").Double(Number(*batch, "miles").Value(row));
      json.Key("delay_min").Double(Number(*batch, "delay").Value(row)).EndObject().EndObject();
      file << json.text() << '\n';
      ++routes;
    }
  }
  std::cerr << flights_total << " flights make " << routes << " routes";
  if (unlisted > 0)
    std::cerr << "; " << unlisted << " routes left out, their airport is not in the list";
  std::cerr << "\n";
  return Status::Ok();
}

Status Prepare(const std::string& data, const std::string& out) {
  TARN_ASSIGN_OR_RETURN(const std::set<std::string> codes, WriteAirports(data, out));
  return WriteRoutes(data, out, codes);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: quickstart_prepare DATA-FOLDER OUT-FOLDER\n";
    return 2;
  }
  const Status status = Prepare(argv[1], argv[2]);
  if (!status.ok()) std::cerr << status.ToString() << "\n";
  return status.ok() ? 0 : 1;
}
