#pragma once

#include <string>

#include "tarn/store/meter.h"

namespace tarn::cost {

/// Compares what a verb cost with tests/cost/goldens/NAME.json: calls, lists and depth exactly,
/// bytes as ceilings. Returns what differs, or "". With TARN_ACCEPT_COST=REASON in the environment
/// it rewrites the file instead; the diff and the reason are part of the review.
std::string CompareWithGolden(const std::string& name, const store::Cost& cost);

}  // namespace tarn::cost
