#include "tarn/gq/scope.h"

#include "tarn/base/check.h"

namespace tarn::gq {

Scope::Block Scope::Close() {
  TARN_CHECK(blocks_.size() > 1, "the match itself stays open");
  Block block = std::move(blocks_.back());
  blocks_.pop_back();
  return block;
}

Scope::Block Scope::CloseOptional() {
  Block block = Close();
  Block& into = blocks_.back();
  for (auto& [name, slot] : block.slots) {
    slot.block = blocks_.size() - 1;
    slot.maybe_absent = true;
    into.slots.emplace(name, slot);
  }
  into.bound.insert(into.bound.end(), block.bound.begin(), block.bound.end());
  return block;
}

const Slot* Scope::Find(const std::string& name) const {
  for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
    const auto found = block->slots.find(name);
    if (found != block->slots.end()) return &found->second;
  }
  return nullptr;
}

void Scope::Bind(const std::string& name, Slot slot) {
  slot.block = blocks_.size() - 1;
  if (!slot.broken()) blocks_.back().bound.push_back(slot.id);
  blocks_.back().slots.emplace(name, slot);
}

void Scope::Mention(const Slot& slot) {
  if (slot.block + 1 < blocks_.size()) blocks_.back().touches_outer = true;
  if (slot.broken()) return;
  for (size_t block = slot.block + 1; block < blocks_.size(); ++block) {
    if (blocks_[block].outer_seen.insert(slot.id).second) blocks_[block].outer.push_back(slot.id);
  }
}

}  // namespace tarn::gq
