// tarn-bench: Tarn as a participant of the bench protocol (bench/README.md), on the engine's verbs.
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
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

int64_t Nanos(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
}

/// What a cell adds to the check: a number itself, a real one to a thousandth, a text its bytes.
Result<uint64_t> FoldCell(const arrow::Array& column, int64_t row) {
  if (column.IsNull(row)) return uint64_t{0};
  switch (column.type_id()) {
    case arrow::Type::INT32:
      return static_cast<uint64_t>(static_cast<const arrow::Int32Array&>(column).Value(row));
    case arrow::Type::INT64:
      return static_cast<uint64_t>(static_cast<const arrow::Int64Array&>(column).Value(row));
    case arrow::Type::DOUBLE:
      return static_cast<uint64_t>(
          std::llround(static_cast<const arrow::DoubleArray&>(column).Value(row) * 1000));
    case arrow::Type::STRING: {
      uint64_t sum = 0;
      for (const unsigned char byte : static_cast<const arrow::StringArray&>(column).GetView(row))
        sum += byte;
      return sum;
    }
    default:
      return Error(ErrorId::kInvalidArgument, "no check for a column of type {}",
                   column.type()->ToString());
  }
}

constexpr uint64_t kCheckMask = (uint64_t{1} << 52) - 1;  // what JSON's numbers hold

/// One number for an answer: every cell times the number of its row, from 1.
Result<uint64_t> Fold(const exec::ResultSet& result) {
  uint64_t check = 0;
  for (int c = 0; c < result.rows->num_columns(); ++c) {
    for (int64_t row = 0; row < result.rows->num_rows(); ++row) {
      TARN_ASSIGN_OR_RETURN(const uint64_t cell, FoldCell(*result.rows->column(c), row));
      check += cell * static_cast<uint64_t>(row + 1);
    }
  }
  return check & kCheckMask;
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
    if (const auto text = TextOf("mutations", op)) {
      const SourceText source(op, *text);
      return RunEach(params, reply, [&](const std::string& json, int64_t& ns) -> Result<uint64_t> {
        const auto begin = Clock::now();
        TARN_ASSIGN_OR_RETURN(
            const engine::MutateAnswer answer,
            database_->Mutate(
                Request(),
                {.source = &source, .query_name = "", .params_json = json, .options = {}}));
        ns = Nanos(begin);
        return answer.result.affected_nodes + answer.result.affected_edges;
      });
    }
    const auto text = TextOf("queries", op);
    if (!text) {
      reply.Key("missing").String(op);
      return Status::Ok();
    }
    const SourceText source(op, *text);
    return RunEach(params, reply, [&](const std::string& json, int64_t& ns) -> Result<uint64_t> {
      const auto begin = Clock::now();
      TARN_ASSIGN_OR_RETURN(
          const engine::ReadAnswer answer,
          database_->Query(
              Request(), {.source = &source, .query_name = "", .params_json = json, .target = {}}));
      ns = Nanos(begin);
      if (op == "null") return 0;
      return Fold(answer.result);
    });
  }

 private:
  /// The text of an operation, if it is one of `folder`.
  static std::optional<std::string> TextOf(const std::string& folder, const std::string& op) {
    std::ifstream file(std::string(TARN_BENCH_FOLDER "/") + folder + "/" + op + ".gq");
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  /// Runs `once` for each parameter: it sets how long that took and answers what is checked.
  template <typename Once>
  static Status RunEach(const simdjson::dom::array& params, JsonWriter& reply, Once&& once) {
    std::vector<int64_t> times;
    uint64_t check = 0;
    for (const auto param : params) {
      const std::string json = "{\"k\":" + JsonQuoted(param.get_string().value()) + "}";
      TARN_ASSIGN_OR_RETURN(const uint64_t value, once(json, times.emplace_back()));
      check = (check + value) & kCheckMask;
    }
    reply.Key("ns").BeginArray();
    for (int64_t ns : times) reply.Int(ns);
    reply.EndArray().Key("check").Uint(check);
    return Status::Ok();
  }

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
