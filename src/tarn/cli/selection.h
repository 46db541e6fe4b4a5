#pragma once

#include <string>

#include "tarn/base/source.h"
#include "tarn/cli/command.h"

namespace tarn::cli {

/// The query that `query`, `mutate` and `explain` run, as their flags say.
struct Selection {
  SourceText source;
  std::string name;
  std::string params;
};

/// Reads --query or -e, NAME and the parameters, and sets the deadline that --timeout asks for.
/// kUsage when flags exclude each other or no query is given.
Result<Selection> Select(Invocation& invocation);

}  // namespace tarn::cli
