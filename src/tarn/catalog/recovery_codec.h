#pragma once

#include <string>

#include "tarn/catalog/json_value.h"
#include "tarn/catalog/manifest.h"

namespace tarn::catalog {

/// A recovery's members, its operation id apart: the body of its row.
std::string EncodeRecovery(const RecoveryRecord& recovery);
/// kCorruptData naming `fields` for anything that EncodeRecovery does not write.
Result<RecoveryRecord> DecodeRecovery(JsonFields& fields, std::string operation_id);

}  // namespace tarn::catalog
