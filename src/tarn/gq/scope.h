#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tarn/ir/query.h"
#include "tarn/schema/schema.h"

namespace tarn::gq {

/// What a variable of the match stands for. A slot with neither type is broken: its introduction
/// failed and was reported, so its uses are not reported again.
struct Slot {
  ir::VarId id = 0;
  const schema::NodeType* node = nullptr;
  const schema::EdgeType* edge = nullptr;
  bool path = false;          ///< over `edge`, not a row of it
  size_t block = 0;           ///< 0 is the match itself, then one more per enclosing block
  bool maybe_absent = false;  ///< bound by an `optional` that is closed

  bool broken() const { return node == nullptr && edge == nullptr; }
};

/// The variables in sight while a match is resolved in text order. Block 0 is open from the start
/// and stays open, so that `return` and `order` see its variables.
class Scope {
 public:
  /// Facts about one block, for ir::Match.
  struct Block {
    std::unordered_map<std::string, Slot> slots;
    std::vector<ir::VarId> bound;
    std::vector<ir::VarId> outer;
    std::unordered_set<ir::VarId> outer_seen;
    bool touches_outer = false;  ///< a direct clause mentions an outer variable
  };

  Scope() : blocks_(1) {}

  void Open() { blocks_.emplace_back(); }
  Block Close();
  /// Closes an `optional`: what it has bound is in sight of the enclosing block from here on.
  Block CloseOptional();
  const Block& top() const { return blocks_.front(); }

  /// The innermost variable of that name, or null.
  const Slot* Find(const std::string& name) const;
  /// Adds a variable of the innermost block. `slot.block` is filled in here.
  void Bind(const std::string& name, Slot slot);
  /// Adds an unnamed variable of the innermost block.
  void BindAnonymous(ir::VarId id) { blocks_.back().bound.push_back(id); }
  /// Records that a clause of the innermost block uses the variable.
  void Mention(const Slot& slot);

 private:
  std::vector<Block> blocks_;
};

}  // namespace tarn::gq
