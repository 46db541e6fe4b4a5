#include "tarn/search/vector_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>

#include "tarn/base/check.h"
#include "tarn/search/limits.h"
#include "tarn/search/vector_distance.h"

namespace tarn::search {
namespace {

/// Without the last 12 of the 52 bits of its fraction, rounded to nearest, halves up.
double Rounded(double value) {
  if (!std::isfinite(value)) return std::numeric_limits<double>::quiet_NaN();
  constexpr uint64_t kDropped = (uint64_t{1} << 12) - 1;
  return std::bit_cast<double>((std::bit_cast<uint64_t>(value) + (kDropped + 1) / 2) & ~kDropped);
}

/// The k best hits seen so far, the worst of them on top.
class BestHits {
 public:
  explicit BestHits(const NearestOptions& options) : options_(options) {}

  void Offer(VectorHit hit) {
    if (std::isnan(hit.distance) || options_.k == 0) return;
    const auto order = [this](const VectorHit& a, const VectorHit& b) { return Before(a, b); };
    if (hits_.size() == options_.k) {
      if (!Before(hit, hits_.front())) return;
      std::pop_heap(hits_.begin(), hits_.end(), order);
      hits_.pop_back();
    }
    hits_.push_back(hit);
    std::push_heap(hits_.begin(), hits_.end(), order);
  }

  std::vector<VectorHit> Finish() {
    std::sort_heap(hits_.begin(), hits_.end(),
                   [this](const auto& a, const auto& b) { return Before(a, b); });
    return std::move(hits_);
  }

 private:
  bool Before(const VectorHit& a, const VectorHit& b) const {
    if (a.distance != b.distance) return a.distance < b.distance;
    return options_.before ? options_.before(a.row, b.row) : a.row < b.row;
  }

  const NearestOptions& options_;
  std::vector<VectorHit> hits_;
};

Status CheckDimensions(const VectorColumn& column, const VectorProbe& probe) {
  if (column.dimension() == probe.dimension()) return Status::Ok();
  return Error(ErrorId::kInvalidArgument,
               "a query vector of {} components cannot be compared with vectors of {}",
               probe.dimension(), column.dimension());
}

/// Calls `visit` for every candidate in order, looking at the request now and then.
template <typename Visit>
Status ForEachCandidate(const Request& request, const Candidates& candidates, uint64_t rows,
                        Visit visit) {
  constexpr uint64_t kRowsPerCheck = 4096;
  uint64_t seen = 0;
  Status status;
  const auto take = [&](Dense row) {
    if (seen++ % kRowsPerCheck == 0) status = request.Check();
    if (status.ok()) visit(row);
    return status.ok();
  };
  if (const auto* list = std::get_if<std::span<const Dense>>(&candidates)) {
    (void)std::all_of(list->begin(), list->end(), take);
  } else if (const auto* chosen = std::get_if<const Bitmap*>(&candidates)) {
    (*chosen)->ForEachWhile(take);
  } else {
    for (uint64_t row = 0; row < rows && take(static_cast<Dense>(row)); ++row) {
    }
  }
  return status;
}

}  // namespace

Result<VectorColumn> VectorColumn::Of(std::shared_ptr<arrow::Array> array) {
  if (array->type_id() != arrow::Type::FIXED_SIZE_LIST) {
    return Error(ErrorId::kInvalidArgument, "a column of type {} holds no vectors",
                 array->type()->ToString());
  }
  const auto& list = static_cast<const arrow::FixedSizeListArray&>(*array);
  if (list.value_type()->id() != arrow::Type::FLOAT) {
    return Error(ErrorId::kInvalidArgument, "vectors of {} are not supported",
                 list.value_type()->ToString());
  }
  VectorColumn column;
  column.rows_ = static_cast<uint64_t>(array->length());
  column.dimension_ = static_cast<uint32_t>(list.list_type()->list_size());
  column.values_ =
      static_cast<const arrow::FloatArray&>(*list.values()).raw_values() + list.value_offset(0);
  column.has_null_items_ = list.values()->null_count() > 0;
  column.array_ = std::move(array);
  return column;
}

bool VectorColumn::Has(Dense row) const {
  TARN_CHECK(row < rows_, "a row outside its column");
  if (array_->IsNull(row)) return false;
  if (!has_null_items_) return true;
  const auto& list = static_cast<const arrow::FixedSizeListArray&>(*array_);
  const arrow::Array& items = *list.values();
  return arrow::internal::CountSetBits(items.null_bitmap_data(),
                                       items.offset() + list.value_offset(row),
                                       dimension_) == dimension_;
}

Result<VectorProbe> VectorProbe::Make(schema::Metric metric, std::span<const float> components) {
  VectorProbe probe;
  probe.metric_ = metric;
  probe.components_.assign(components.begin(), components.end());
  if (components.empty())
    return Error(ErrorId::kInvalidArgument, "a query vector has no components");
  for (size_t i = 0; i < components.size(); ++i) {
    if (std::isfinite(components[i])) continue;
    return Error(ErrorId::kInvalidArgument, "component {} of a query vector is not a finite number",
                 i);
  }
  probe.length_ =
      std::sqrt(DotProduct(components.data(), probe.components_.data(), components.size()));
  if (metric == schema::Metric::kCosine && probe.length_ == 0) {
    return Error(ErrorId::kInvalidArgument,
                 "a query vector of length zero has no direction for cosine distance");
  }
  return probe;
}

double VectorProbe::DistanceTo(const float* vector) const {
  const size_t size = components_.size();
  switch (metric_) {
    case schema::Metric::kCosine: {
      const DotAndSquare sums = DotProductAndSquare(vector, components_.data(), size);
      // 0/0, for a vector of length zero, is NaN. Around 1 the grid of Rounded is 2^-40 wide.
      const double cosine = Rounded(sums.dot / (length_ * std::sqrt(sums.square)));
      return sums.square == 0 ? std::numeric_limits<double>::quiet_NaN() : 1 - cosine;
    }
    case schema::Metric::kL2: return Rounded(SquaredDistance(vector, components_.data(), size));
    case schema::Metric::kDot: return 1 - Rounded(DotProduct(vector, components_.data(), size));
  }
  TARN_UNREACHABLE("a Metric outside its enum");
}

Result<std::vector<VectorHit>> NearestRows(const Request& request, const VectorColumn& column,
                                           const VectorProbe& probe, const Candidates& candidates,
                                           const NearestOptions& options) {
  TARN_RETURN_IF_ERROR(CheckDimensions(column, probe));
  BestHits best(options);
  TARN_RETURN_IF_ERROR(ForEachCandidate(request, candidates, column.rows(), [&](Dense row) {
    if (column.Has(row)) best.Offer({row, probe.DistanceTo(column.At(row))});
  }));
  return best.Finish();
}

Result<std::vector<double>> DistancesOf(const Request& request, const VectorColumn& column,
                                        const VectorProbe& probe, std::span<const Dense> rows) {
  TARN_RETURN_IF_ERROR(CheckDimensions(column, probe));
  std::vector<double> distances;
  distances.reserve(rows.size());
  TARN_RETURN_IF_ERROR(ForEachCandidate(request, rows, column.rows(), [&](Dense row) {
    distances.push_back(column.Has(row) ? probe.DistanceTo(column.At(row))
                                        : std::numeric_limits<double>::quiet_NaN());
  }));
  return distances;
}

}  // namespace tarn::search
