#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tarn/write/load_context.h"
#include "tarn/write/record.h"
#include "tarn/write/type_rows.h"

namespace tarn::write {

/// All rows of an input, by type, and the ids of every node type that the input holds or asks for.
class GraphRows {
 public:
  explicit GraphRows(LoadContext& context) : context_(context) {}

  /// Adds one record; what is wrong with it goes to the problems of the context.
  Status Add(const Record& record);
  /// Moves what is still being built into the spools. Call it once, at the end.
  Status Finish();

  using Types = std::map<std::string, std::unique_ptr<TypeRows>>;  // by name
  const Types& nodes() const { return nodes_; }
  const Types& edges() const { return edges_; }
  const std::map<std::string, std::unique_ptr<KeyLedger>>& node_ids() const { return node_ids_; }
  bool has(const TypeLayout& layout) const {
    return (layout.is_edge() ? edges_ : nodes_).contains(layout.name());
  }
  /// The ledger of a node type, made when it is not there.
  KeyLedger& IdsOf(const std::string& node);

  LoadContext& context() { return context_; }
  /// Do stored rows of this type stay, but for those that are replaced one by one?
  bool Keeps(const TypeLayout& layout) const {
    return context_.options.mode != LoadMode::kOverwrite || !has(layout);
  }

 private:
  Result<TypeRows*> RowsOf(const Record& record);
  Result<TypeRows*> MakeRows(const Record& record);
  void ReportUnknownType(const Record& record);
  Status FlushAll();
  bool IsCrowded() const;

  LoadContext& context_;
  std::map<std::string, std::unique_ptr<KeyLedger>> node_ids_;
  Types nodes_, edges_;
  std::map<std::string, TypeRows*, std::less<>> node_spellings_, edge_spellings_;
  TypeRows* newest_ = nullptr;  // of the record before, with its spelling
  std::string newest_spelling_;
  uint64_t records_ = 0;
};

}  // namespace tarn::write
