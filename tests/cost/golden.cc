#include "golden.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <simdjson.h>

#include "tarn/base/json_writer.h"

namespace tarn::cost {
namespace {

std::string PathOf(const std::string& name) {
  return std::string(TARN_TESTS_FOLDER) + "/cost/goldens/" + name + ".json";
}

/// File bytes hold ids and times whose length varies a little, so bytes are judged against a
/// ceiling with room.
uint64_t Ceiling(uint64_t bytes) { return (bytes + bytes / 8 + 4095) / 4096 * 4096; }

std::string Accept(const std::string& name, const store::Cost& cost, const std::string& reason) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject()
      .Key("verb")
      .String(name)
      .Key("accepted")
      .String(reason)
      .Key("calls")
      .BeginObject();
  for (const auto& [key, count] : cost.calls) json.Key(key).Uint(count);
  json.EndObject()
      .Key("reads")
      .Uint(cost.reads())
      .Key("writes")
      .Uint(cost.writes())
      .Key("lists")
      .Uint(cost.lists());
  json.Key("depth").Uint(cost.depth).Key("bytes_read_max").Uint(Ceiling(cost.bytes_read));
  json.Key("bytes_written_max").Uint(Ceiling(cost.bytes_written)).EndObject();
  std::ofstream(PathOf(name)) << json.text() << "\n";
  return "";
}

}  // namespace

std::string CompareWithGolden(const std::string& name, const store::Cost& cost) {
  if (const char* reason = std::getenv("TARN_ACCEPT_COST")) return Accept(name, cost, reason);
  simdjson::dom::parser parser;
  simdjson::dom::element golden;
  if (parser.load(PathOf(name)).get(golden) != simdjson::SUCCESS)
    return "there is no golden " + PathOf(name);
  std::map<std::string, uint64_t> want;
  for (const auto [key, value] : golden["calls"].get_object())
    want[std::string(key)] = value.get_uint64().value();
  std::string problems;
  for (const auto& [key, count] : cost.calls) {
    if (!want.contains(key))
      problems += fmt::format("{}: new call {} x {}\n", name, key, count);
    else if (want[key] != count)
      problems += fmt::format("{}: {} is {}, the golden says {}\n", name, key, count, want[key]);
  }
  for (const auto& [key, count] : want) {
    if (!cost.calls.contains(key))
      problems += fmt::format("{}: {} x {} is gone: tighten the golden\n", name, key, count);
  }
  const auto number = [&](const char* key) { return golden[key].get_uint64().value(); };
  if (cost.depth != number("depth"))
    problems +=
        fmt::format("{}: depth {}, the golden says {}\n", name, cost.depth, number("depth"));
  if (cost.bytes_read > number("bytes_read_max"))
    problems += fmt::format("{}: {} bytes read\n", name, cost.bytes_read);
  if (cost.bytes_written > number("bytes_written_max"))
    problems += fmt::format("{}: {} bytes written\n", name, cost.bytes_written);
  return problems;
}

}  // namespace tarn::cost
