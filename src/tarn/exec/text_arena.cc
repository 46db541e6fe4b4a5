#include "tarn/exec/text_arena.h"

#include <algorithm>

namespace tarn::exec {

Result<Cell> TextArena::Keep(const Cell& cell) {
  if (cell.kind != Cell::Kind::kString || cell.size == 0) return cell;
  const std::string_view text = cell.text();
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < text.size()) {
    const size_t bytes = std::max(kBlockBytes, text.size());
    TARN_RETURN_IF_ERROR(hold_.Resize(hold_.bytes() + static_cast<int64_t>(bytes)));
    blocks_.emplace_back().reserve(bytes);
  }
  std::string& block = blocks_.back();
  const size_t begin = block.size();
  block += text;
  return Cell::String(std::string_view(block).substr(begin));
}

}  // namespace tarn::exec
