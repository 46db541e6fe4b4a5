#include "tarn/exec/path_store.h"

namespace tarn::exec {
namespace {

constexpr size_t kPathsMax = size_t{1} << 31;

}  // namespace

Result<search::Dense> PathStore::Keep(std::vector<Cell> nodes, std::vector<Cell> edges) {
  if (paths_.size() == kPathsMax) {
    return Error(ErrorId::kResultTooLarge, "the query keeps more than {} paths", kPathsMax)
        .WithHint("bound the hops, or start from fewer nodes");
  }
  const size_t bytes = sizeof(Path) + (nodes.size() + edges.size()) * sizeof(Cell);
  TARN_RETURN_IF_ERROR(hold_.Resize(hold_.bytes() + static_cast<int64_t>(bytes)));
  paths_.push_back({std::move(nodes), std::move(edges)});
  return static_cast<search::Dense>(paths_.size() - 1);
}

}  // namespace tarn::exec
