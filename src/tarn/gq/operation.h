#pragma once

#include <string>
#include <vector>

#include "tarn/gq/value_kind.h"

namespace tarn::gq {

/// One column of a read's answer, under the name that lint gives it: an unaliased `$p.code` is
/// `code`, an unaliased call the name of its function.
struct ResultField {
  std::string name;
  ValueKind kind;
};

/// A type that a query touches.
struct TouchedType {
  bool is_edge = false;
  std::string type_name;

  auto operator<=>(const TouchedType&) const = default;
};

/// What a checked query does, without running it.
struct Operation {
  std::vector<ResultField> result;  ///< in projection order; empty for a mutation
  std::vector<TouchedType> reads;   ///< sorted (nodes first), unique
  std::vector<TouchedType> writes;  ///< sorted (nodes first), unique
};

}  // namespace tarn::gq
