#pragma once

#include <string>

#include "tarn/catalog/cleanup.h"
#include "tarn/write/optimize.h"

namespace tarn::wire {

/// `{"uri","commit","datasets":[{"type_key","fragments_removed",...}]}`.
std::string OptimizeJson(const std::string& uri, const write::OptimizeResult& result);
std::string OptimizeText(const write::OptimizeResult& result);

/// `{"uri","keep_versions","older_than_secs","confirm","datasets":[{"type_key","bytes_removed",...}]}`.
std::string CleanupJson(const std::string& uri, const catalog::CleanupOptions& options,
                        const catalog::CleanupReport& report);
std::string CleanupText(const catalog::CleanupOptions& options,
                        const catalog::CleanupReport& report);

}  // namespace tarn::wire
