#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"

namespace tarn {

/// A named place between two steps where a test may stop, fail or reorder the program. The catalog
/// in failpoint.cc lists every name; an unknown one fails a check. Costs one relaxed load while
/// none is armed.
///
///   TARN_FAILPOINT("commit.after_intent");   // in a function that returns Status or Result
#define TARN_FAILPOINT(name)                            \
  do {                                                  \
    if (::tarn::AnyFailpointArmed()) [[unlikely]] {     \
      TARN_RETURN_IF_ERROR(::tarn::HitFailpoint(name)); \
    }                                                   \
  } while (false)

/// Runs on every hit of an armed failpoint; a non-OK status is returned from the place.
using FailpointAction = std::function<Status()>;

/// Arms `name`; nullptr disarms it. kInvalidArgument for a name the catalog does not list.
Status ArmFailpoint(std::string_view name, FailpointAction action);
void DisarmAllFailpoints();
/// Arms from text, as TARN_FAILPOINTS does at start-up:
/// "commit.after_intent=abort;commit.after_publish=fail".
Status ArmFailpointsFromText(std::string_view text);
const std::vector<std::string>& FailpointNames();

bool AnyFailpointArmed();
Status HitFailpoint(std::string_view name);

}  // namespace tarn
