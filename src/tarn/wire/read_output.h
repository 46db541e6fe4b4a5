#pragma once

#include <optional>
#include <string>

#include "tarn/exec/execute.h"

namespace tarn::wire {

/// The answer of a read, as HTTP, the CLI and the formats below show it.
struct ReadOutput {
  std::string query_name;
  std::string branch;                   ///< what was asked: a branch ...
  std::optional<std::string> snapshot;  ///< ... or a commit
  std::string commit_id;                ///< the commit the rows were read at
  exec::ResultSet result;
};

/// `{"query_name","target","row_count","columns","rows","graph_commit_id"}`, pretty-printed.
std::string ToJson(const ReadOutput& output);

}  // namespace tarn::wire
