#include "mode.h"

#include <algorithm>
#include <filesystem>

#include <simdjson.h>

namespace tarn::e2e {
namespace {

Result<Mode> ReadMode(const std::filesystem::path& path) {
  Mode mode{.name = path.stem().string()};
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.load(path.string()).get(object) != simdjson::SUCCESS) {
    return Error(ErrorId::kInvalidArgument, "{} is not a JSON object", path.string());
  }
  for (const auto& [key, value] : object) {
    int64_t number = 0;
    std::string_view text;
    if (key == "door" && value.get(text) == simdjson::SUCCESS)
      mode.door = text;
    else if (key == "store" && value.get(text) == simdjson::SUCCESS)
      mode.store = text;
    else if (key == "reopen_after_each_step" &&
             value.get(mode.reopen_after_each_step) == simdjson::SUCCESS)
      continue;
    else if (key == "batch_rows" && value.get(number) == simdjson::SUCCESS)
      mode.batch_rows = static_cast<uint32_t>(number);
    else if (key == "resident_bytes_max" && value.get(number) == simdjson::SUCCESS)
      mode.resident_bytes_max = number;
    else if (key == "stored_topology_edges_min" && value.get(number) == simdjson::SUCCESS)
      mode.stored_topology_edges_min = static_cast<uint64_t>(number);
    else
      return Error(ErrorId::kInvalidArgument, "{}: member '{}' is unknown or of the wrong type",
                   path.string(), key);
  }
  return mode;
}

}  // namespace

Result<std::vector<Mode>> ReadModes(const std::string& folder) {
  std::vector<Mode> modes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    TARN_ASSIGN_OR_RETURN(Mode mode, ReadMode(entry.path()));
    modes.push_back(std::move(mode));
  }
  std::sort(modes.begin(), modes.end(),
            [](const Mode& a, const Mode& b) { return a.name < b.name; });
  return modes;
}

}  // namespace tarn::e2e
