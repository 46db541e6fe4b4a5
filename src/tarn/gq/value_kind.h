#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tarn/schema/schema.h"

namespace tarn::gq {

/// How a client that knows no Arrow sees a type: in the catalog of stored queries and in lint.
struct ValueKind {
  std::string kind;  ///< string bool int bigint float date datetime blob vector list, or object for
                     ///< a bare node
  bool nullable = false;
  std::optional<std::string> item_kind;  ///< of a list
  std::optional<uint32_t> vector_dim;    ///< of a vector

  bool operator==(const ValueKind&) const = default;
};

/// I32 and U32 are `int`, I64 and U64 `bigint`, which clients should send as text.
ValueKind KindOfType(const schema::PropertyType& type);

}  // namespace tarn::gq
