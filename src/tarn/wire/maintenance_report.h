#pragma once

#include <string>

#include "tarn/write/optimize.h"

namespace tarn::wire {

/// `{"uri","commit","datasets":[{"type_key","fragments_removed",...}]}`.
std::string OptimizeJson(const std::string& uri, const write::OptimizeResult& result);
std::string OptimizeText(const write::OptimizeResult& result);

}  // namespace tarn::wire
