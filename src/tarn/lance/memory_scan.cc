#include "tarn/lance/memory_scan.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/lance/memory_filter.h"
#include "tarn/lance/checks.h"

namespace tarn::lance {
namespace {

struct RowPlace {
  size_t fragment = 0;
  uint64_t row = 0;
};

Result<std::shared_ptr<arrow::Array>> GatherColumn(const MemoryVersion& version,
                                                   std::span<const RowPlace> places,
                                                   const std::string& column) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  TARN_ARROW_RETURN_IF_ERROR(arrow::MakeBuilder(
      arrow::default_memory_pool(), version.schema->GetFieldByName(column)->type(), &builder));
  TARN_ARROW_RETURN_IF_ERROR(builder->Reserve(static_cast<int64_t>(places.size())));
  for (const RowPlace& place : places) {
    const std::shared_ptr<arrow::Array> array =
        version.fragments[place.fragment].rows->GetColumnByName(column);
    TARN_ARROW_RETURN_IF_ERROR(
        builder->AppendArraySlice(*array->data(), static_cast<int64_t>(place.row), /*length=*/1));
  }
  return columnar::FromArrow(builder->Finish());
}

template <typename NumberOf>
Result<std::shared_ptr<arrow::Array>> GatherNumbers(std::span<const RowPlace> places,
                                                    NumberOf number_of) {
  arrow::UInt64Builder builder;
  for (const RowPlace& place : places) TARN_ARROW_RETURN_IF_ERROR(builder.Append(number_of(place)));
  return columnar::FromArrow(builder.Finish());
}

Result<std::shared_ptr<arrow::Array>> GatherRowIds(const MemoryVersion& version,
                                                   std::span<const RowPlace> places) {
  return GatherNumbers(places, [&](const RowPlace& at) {
    return (*version.fragments[at.fragment].row_ids)[at.row];
  });
}

Result<std::shared_ptr<arrow::Array>> GatherRowAddrs(const MemoryVersion& version,
                                                     std::span<const RowPlace> places) {
  return GatherNumbers(places,
                       [&](const RowPlace& at) { return version.AddressOf(at.fragment, at.row); });
}

class MemoryScan final : public BatchStream {
 public:
  MemoryScan(const Request& request, std::shared_ptr<const MemoryVersion> version,
             const ScanSpec& spec, std::vector<RowPlace> places)
      : request_(request),
        version_(std::move(version)),
        spec_(spec),
        schema_(OutputSchema(*version_->schema, spec)),
        places_(std::move(places)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    TARN_RETURN_IF_ERROR(request_.Check());
    if (next_ == places_.size()) return std::shared_ptr<arrow::RecordBatch>();
    const size_t count = std::min<size_t>(spec_.batch_rows, places_.size() - next_);
    const auto places = std::span(places_).subspan(next_, count);
    next_ += count;
    std::vector<std::shared_ptr<arrow::Array>> columns;
    for (const std::string& column : spec_.columns) {
      TARN_ASSIGN_OR_RETURN(columns.emplace_back(), GatherColumn(*version_, places, column));
    }
    if (spec_.row_id) {
      TARN_ASSIGN_OR_RETURN(columns.emplace_back(), GatherRowIds(*version_, places));
    }
    if (spec_.row_addr) {
      TARN_ASSIGN_OR_RETURN(columns.emplace_back(), GatherRowAddrs(*version_, places));
    }
    return arrow::RecordBatch::Make(schema_, static_cast<int64_t>(count), std::move(columns));
  }

 private:
  const Request request_;
  const std::shared_ptr<const MemoryVersion> version_;
  const ScanSpec spec_;
  const std::shared_ptr<arrow::Schema> schema_;
  const std::vector<RowPlace> places_;
  size_t next_ = 0;
};

std::vector<RowPlace> PlacesKept(const MemoryVersion& version, const ScanSpec& spec) {
  std::vector<RowPlace> places;
  for (size_t f = 0; f < version.fragments.size(); ++f) {
    if (spec.fragments &&
        std::find(spec.fragments->begin(), spec.fragments->end(), f) == spec.fragments->end()) {
      continue;
    }
    const MemoryFragment& fragment = version.fragments[f];
    std::vector<bool> kept(fragment.gone->size(), true);
    if (spec.filter) kept = RowsKept(*fragment.rows, *spec.filter);
    for (uint64_t row = 0; row < kept.size(); ++row) {
      if (spec.limit && places.size() >= *spec.limit) return places;
      if (kept[row] && !(*fragment.gone)[row]) places.push_back({f, row});
    }
  }
  return places;
}

}  // namespace

Result<std::unique_ptr<BatchStream>> ScanVersion(const Request& request,
                                                 std::shared_ptr<const MemoryVersion> version,
                                                 const ScanSpec& spec) {
  TARN_RETURN_IF_ERROR(request.Check());
  TARN_RETURN_IF_ERROR(CheckScan(*version->schema, spec));
  std::vector<RowPlace> places = PlacesKept(*version, spec);
  return std::make_unique<MemoryScan>(request, std::move(version), spec, std::move(places));
}

Result<std::shared_ptr<arrow::RecordBatch>> TakeFromVersion(
    const MemoryVersion& version, std::span<const uint64_t> row_ids,
    const std::vector<std::string>& columns) {
  TARN_RETURN_IF_ERROR(CheckTakeColumns(*version.schema, columns));
  std::unordered_map<uint64_t, RowPlace> place_by_id;
  for (size_t f = 0; f < version.fragments.size(); ++f) {
    const MemoryFragment& fragment = version.fragments[f];
    for (uint64_t row = 0; row < fragment.gone->size(); ++row) {
      if (!(*fragment.gone)[row]) place_by_id[(*fragment.row_ids)[row]] = {f, row};
    }
  }
  std::vector<RowPlace> places;
  for (uint64_t id : row_ids) {
    if (auto found = place_by_id.find(id); found != place_by_id.end())
      places.push_back(found->second);
  }
  std::vector<std::shared_ptr<arrow::Array>> arrays(1);
  TARN_ASSIGN_OR_RETURN(arrays[0], GatherRowIds(version, places));
  std::vector<std::shared_ptr<arrow::Field>> fields = {
      arrow::field(std::string(kRowIdColumn), arrow::uint64())};
  for (const std::string& column : columns) {
    if (column == kRowAddrColumn) {
      fields.push_back(arrow::field(column, arrow::uint64()));
      TARN_ASSIGN_OR_RETURN(arrays.emplace_back(), GatherRowAddrs(version, places));
      continue;
    }
    fields.push_back(version.schema->GetFieldByName(column));
    TARN_ASSIGN_OR_RETURN(arrays.emplace_back(), GatherColumn(version, places, column));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                  static_cast<int64_t>(places.size()), std::move(arrays));
}

}  // namespace tarn::lance
