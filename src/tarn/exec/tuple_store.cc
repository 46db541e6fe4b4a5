#include "tarn/exec/tuple_store.h"

#include <limits>

namespace tarn::exec {
namespace {

template <typename T>
void AppendColumns(std::vector<std::vector<T>>& to, const std::vector<std::vector<T>>& from,
                   uint32_t rows) {
  to.resize(from.size());
  for (size_t i = 0; i < from.size(); ++i)
    to[i].insert(to[i].end(), from[i].begin(), from[i].begin() + rows);
}

template <typename T>
int64_t ColumnBytes(const std::vector<std::vector<T>>& columns) {
  int64_t bytes = 0;
  for (const std::vector<T>& column : columns)
    bytes += static_cast<int64_t>(column.capacity() * sizeof(T));
  return bytes;
}

template <typename T>
std::vector<std::vector<T>> SliceColumns(const std::vector<std::vector<T>>& columns, uint32_t begin,
                                         uint32_t end) {
  std::vector<std::vector<T>> slices;
  for (const std::vector<T>& column : columns)
    slices.emplace_back(column.begin() + begin, column.begin() + end);
  return slices;
}

}  // namespace

int64_t BytesOf(const Batch& batch) {
  return ColumnBytes(batch.columns) + ColumnBytes(batch.weights) + ColumnBytes(batch.values);
}

Batch Slice(const Batch& batch, uint32_t begin, uint32_t end) {
  return {end - begin, SliceColumns(batch.columns, begin, end),
          SliceColumns(batch.weights, begin, end), SliceColumns(batch.values, begin, end)};
}

Status TupleStore::Append(const Batch& in) {
  const uint64_t rows = uint64_t{tuples_.rows} + in.rows;
  if (rows > std::numeric_limits<int32_t>::max()) {
    return Error(ErrorId::kResultTooLarge, "the query keeps more than {} rows at once",
                 std::numeric_limits<int32_t>::max())
        .WithHint("add a limit, or aggregate");
  }
  // Vectors grow by doubling: what the next append may take is reserved before it is taken.
  const int64_t grown = std::max(2 * BytesOf(tuples_), BytesOf(tuples_) + BytesOf(in));
  const bool grows = !tuples_.weights.empty() && tuples_.weights[0].capacity() < rows;
  if (grows || tuples_.weights.empty()) TARN_RETURN_IF_ERROR(hold_.Resize(grown));
  AppendColumns(tuples_.columns, in.columns, in.rows);
  AppendColumns(tuples_.weights, in.weights, in.rows);
  AppendColumns(tuples_.values, in.values, in.rows);
  tuples_.rows = static_cast<uint32_t>(rows);
  return Status::Ok();
}

void TupleStore::Clear() {
  tuples_ = Batch();
  hold_.Free();
}

}  // namespace tarn::exec
