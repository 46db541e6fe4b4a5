#pragma once

#include <span>
#include <string>
#include <vector>

#include "tarn/lance/table.h"

/// The JSON in which the bridge takes what a call shall do; tarn_bridge.h describes it.

namespace tarn::lance {

/// Precondition: CheckScan accepted the spec.
std::string ScanJson(const ScanSpec& spec);
std::string ColumnsJson(const std::vector<std::string>& columns);
std::string StageJson(const StageOptions& options);
std::string TableColumnsJson(const std::vector<TableColumn>& columns, const StageOptions& options);
std::string CommitJson(const CommitOptions& options);
/// One line of versions at one of them; the newest when `version` is absent.
std::string RefJson(std::string_view fork, std::optional<uint64_t> version);

}  // namespace tarn::lance
