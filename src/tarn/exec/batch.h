#pragma once

#include <cstdint>
#include <vector>

#include "tarn/exec/cell.h"
#include "tarn/search/vertices.h"

namespace tarn::exec {

using search::Dense;

/// In the column of a variable that an optional block binds: there is no row.
inline constexpr Dense kNoRow = UINT32_MAX;

/// Does the receiver of a batch want more?
enum class Flow : uint8_t { kMore, kEnough };

/// Tuples of dense vertex numbers, column by column, in the order of their plan node's `live`.
struct Batch {
  uint32_t rows = 0;
  std::vector<std::vector<Dense>> columns;
  /// weights[0][r] is how many equal rows row r stands for; further lanes count those whose lane
  /// tests hold.
  std::vector<std::vector<uint64_t>> weights;
  /// Behind an Aggregate: its results, one column per item.
  std::vector<std::vector<Cell>> values;
};

/// Weights saturate: a count that large is refused where it is used, a repetition that large is
/// never finished.
inline uint64_t SaturatingMultiply(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}
inline uint64_t SaturatingAdd(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

}  // namespace tarn::exec
