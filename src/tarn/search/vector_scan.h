#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/schema/schema.h"
#include "tarn/search/bitmap.h"

namespace tarn::search {

/// A resident Vector column: FixedSizeList<float32>, row by dense number. Cheap to copy; keeps the
/// array.
class VectorColumn {
 public:
  /// kInvalidArgument when the array is of another type.
  static Result<VectorColumn> Of(std::shared_ptr<arrow::Array> array);

  uint64_t rows() const { return rows_; }
  uint32_t dimension() const { return dimension_; }
  /// False for a null, and for a vector with a null inside.
  bool Has(Dense row) const;
  const float* At(Dense row) const { return values_ + static_cast<size_t>(row) * dimension_; }

 private:
  std::shared_ptr<arrow::Array> array_;
  const float* values_ = nullptr;
  uint64_t rows_ = 0;
  uint32_t dimension_ = 0;
  bool has_null_items_ = false;
};

/// A query vector, prepared for one metric.
class VectorProbe {
 public:
  /// kInvalidArgument for a component that is no finite number, no component at all, or, under
  /// cosine, length zero.
  static Result<VectorProbe> Make(schema::Metric metric, std::span<const float> components);

  uint32_t dimension() const { return static_cast<uint32_t>(components_.size()); }
  /// Distance to a stored vector of the same dimension; NaN when it has none: a component that is
  /// no finite number, or, under cosine, length zero. Smaller is nearer.
  ///
  ///   cosine  1 - dot / (|a||b|)      l2  squared Euclidean      dot  1 - dot
  ///
  /// These are the numbers that Lance calls `_distance`. Products of two float32 are exact in
  /// float64, sums are taken in float64 in one fixed order, so every machine and instruction set
  /// gives the same bits; the last 12 bits are then rounded away, so that vectors which are
  /// mathematically equally far stay equal, and ties are broken by id.
  double DistanceTo(const float* vector) const;

 private:
  schema::Metric metric_ = schema::Metric::kCosine;
  std::vector<double> components_;
  double length_ = 0;
};

struct VectorHit {
  Dense row = 0;
  double distance = 0;

  bool operator==(const VectorHit&) const = default;
};

struct AllRows {};
/// Rows to rank: all of the column, or those that passed the filters. Borrowed.
using Candidates = std::variant<AllRows, const Bitmap*, std::span<const Dense>>;

/// Decides between equally distant rows: does the first come before the second? A strict order.
using TieBreak = std::function<bool(Dense, Dense)>;

struct NearestOptions {
  size_t k = 0;
  TieBreak before = {};  ///< by dense number when absent
};

/// The `k` nearest candidates, nearest first, equally near ones in the order of `before`. Rows
/// without a vector, or without a distance, are never ranked. Memory: k hits.
///
/// Errors  kInvalidArgument when the dimensions differ; kCancelled, kDeadlineExceeded.
Result<std::vector<VectorHit>> NearestRows(const Request& request, const VectorColumn& column,
                                           const VectorProbe& probe, const Candidates& candidates,
                                           const NearestOptions& options);

/// The distance of every one of `rows`, in their order; NaN where a row is never ranked. Errors as
/// above.
Result<std::vector<double>> DistancesOf(const Request& request, const VectorColumn& column,
                                        const VectorProbe& probe, std::span<const Dense> rows);

}  // namespace tarn::search
