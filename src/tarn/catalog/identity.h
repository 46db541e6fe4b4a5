#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tarn/base/status.h"

namespace tarn::catalog {

/// Who a warehouse is: `_tarn/warehouse.json`, written once by init and never again.
struct Identity {
  std::string id;  ///< ULID; the `warehouse` row of the manifest repeats it
  int64_t created_at_micros = 0;
  std::string product;         ///< version of the Tarn that made it
  bool put_if_absent = false;  ///< the storage was seen to refuse a second put of one name

  bool operator==(const Identity&) const = default;
};

std::string EncodeIdentity(const Identity& identity);

/// kFormatUnsupported for a newer format; kCorruptData for anything that EncodeIdentity does not
/// write.
Result<Identity> DecodeIdentity(std::string_view text);

}  // namespace tarn::catalog
