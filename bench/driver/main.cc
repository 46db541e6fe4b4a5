// tarn-bench: Tarn as a participant of the bench protocol (bench/README.md), on the engine's verbs.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <simdjson.h>
#include <sys/resource.h>

#include "tarn/base/json_writer.h"
#include "tarn/engine/database.h"

namespace {

using namespace tarn;  // NOLINT: a program of one page
using Clock = std::chrono::steady_clock;

/// The queries behind the operations; each gives one integer.
const std::map<std::string, std::string>& Queries() {
  static const std::map<std::string, std::string> queries = {
      {"null", "query q($k: String) { match { $p: Person { key: $k } } return { $k } limit 0 }"},
      {"lookup", "query q($k: String) { match { $p: Person { key: $k } } return { $p.age } }"},
      {"within1",
       "query q($k: String) { match { $a: Person { key: $k } $a follows{1,1} $b } return { "
       "count($b) as n } }"},
      {"within2",
       "query q($k: String) { match { $a: Person { key: $k } $a follows{1,2} $b } return { "
       "count($b) as n } }"},
      {"within3",
       "query q($k: String) { match { $a: Person { key: $k } $a follows{1,3} $b } return { "
       "count($b) as n } }"},
      {"walks2",
       "query q($k: String) { match { $a: Person { key: $k } $a follows $b $b follows $c } return "
       "{ count($c) as n } }"},
      {"walks3",
       "query q($k: String) { match { $a: Person { key: $k } $a follows $b $b follows $c $c "
       "follows $d } return { count($d) as n } }"},
  };
  return queries;
}

int64_t Nanos(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

Result<int64_t> FirstInteger(const exec::ResultSet& result) {
  if (result.rows->num_rows() == 0) return 0;
  const arrow::Array& column = *result.rows->column(0);
  if (column.type_id() == arrow::Type::INT32)
    return static_cast<const arrow::Int32Array&>(column).Value(0);
  if (column.type_id() == arrow::Type::INT64)
    return static_cast<const arrow::Int64Array&>(column).Value(0);
  return Error(ErrorId::kInvalidArgument, "the first column is not an integer");
}

class Participant {
 public:
  Status Load(const std::string& data, const std::string& store, JsonWriter& reply) {
    const auto begin = Clock::now();
    std::ostringstream text;
    text << std::ifstream(data + "/follows.pg").rdbuf();
    TARN_RETURN_IF_ERROR(
        engine::Database::Init(Request(), store, SourceText("follows.pg", text.str()), false, {}));
    TARN_RETURN_IF_ERROR(Open(store));
    const write::OpenInput input = [&]() -> Result<std::unique_ptr<std::istream>> {
      return std::unique_ptr<std::istream>(
          std::make_unique<std::ifstream>(data + "/graph.jsonl", std::ios::binary));
    };
    write::LoadOptions options{.source_name = "graph.jsonl",
                               .spill_folder = std::filesystem::temp_directory_path().string()};
    TARN_ASSIGN_OR_RETURN(const write::LoadResult loaded,
                          database_->Load(Request(), input, options));
    reply.Key("ns")
        .BeginArray()
        .Int(Nanos(begin))
        .EndArray()
        .Key("check")
        .Uint(loaded.total_entities);
    return Status::Ok();
  }

  Status Open(const std::string& store) {
    TARN_ASSIGN_OR_RETURN(database_, engine::Database::Open(Request(), store, {}));
    return Status::Ok();
  }

  Status Run(const std::string& op, const simdjson::dom::array& params, JsonWriter& reply) {
    const auto found = Queries().find(op);
    if (found == Queries().end()) {
      reply.Key("missing").String(op);
      return Status::Ok();
    }
    const SourceText source(op, found->second);
    std::vector<int64_t> times;
    int64_t check = 0;
    for (const auto param : params) {
      const std::string json = "{\"k\":" + JsonQuoted(param.get_string().value()) + "}";
      const auto begin = Clock::now();
      TARN_ASSIGN_OR_RETURN(
          const engine::ReadAnswer answer,
          database_->Query(
              Request(), {.source = &source, .query_name = "", .params_json = json, .target = {}}));
      times.push_back(Nanos(begin));
      if (op == "null") continue;
      TARN_ASSIGN_OR_RETURN(const int64_t value, FirstInteger(answer.result));
      check += value;
    }
    reply.Key("ns").BeginArray();
    for (int64_t ns : times) reply.Int(ns);
    reply.EndArray().Key("check").Int(check);
    return Status::Ok();
  }

 private:
  std::unique_ptr<engine::Database> database_;
};

Status Answer(Participant& participant, const simdjson::dom::element& request, JsonWriter& reply) {
  const auto text = [&](const char* key) { return std::string(request[key].get_string().value()); };
  const std::string command = text("cmd");
  if (command == "load") return participant.Load(text("data"), text("store"), reply);
  if (command == "run")
    return participant.Run(text("op"), request["params"].get_array().value(), reply);
  if (command == "open") {
    const auto begin = Clock::now();
    TARN_RETURN_IF_ERROR(participant.Open(text("store")));
    reply.Key("ns").BeginArray().Int(Nanos(begin)).EndArray();
    return Status::Ok();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  reply.Key("bytes").Int(usage.ru_maxrss * 1024);
  return Status::Ok();
}

}  // namespace

int main() {
#ifndef NDEBUG
  std::cerr << "tarn-bench: this is a debug build; its times mean nothing\n";
  return 2;
#endif
  Participant participant;
  simdjson::dom::parser parser;
  for (std::string line; std::getline(std::cin, line);) {
    JsonWriter reply;
    reply.BeginObject();
    const Status status = Answer(participant, parser.parse(line).value(), reply);
    if (!status.ok()) reply.Key("error").String(status.ToString());
    reply.EndObject();
    std::cout << reply.text() << std::endl;
  }
  return 0;
}
