#pragma once

#include <deque>
#include <optional>
#include <string>

#include "tarn/ir/value.h"
#include "tarn/write/problems.h"
#include "tarn/write/record.h"

namespace tarn::write {

/// The values of one statement in the form that rows are built from, with the texts they need.
class ValueRecord {
 public:
  /// Adds a property. `value` has passed the type checker: what it cannot know, such as the range
  /// of an integer, the row builder judges.
  void Add(const std::string& property, const ir::Value& value);
  /// The ends of an edge; their texts are kept here.
  void SetEnds(std::string from, std::string to);

  /// Valid until the next call of the above.
  const Record& record() const { return record_; }
  /// The cell of the property added last.
  const JsonCell& newest() const { return record_.data.back().value; }

 private:
  std::string_view Keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  JsonCell CellOf(const ir::Value& value);
  JsonCell ArrayOf(const ir::ValueList& items);

  std::deque<std::string> texts_;
  Record record_;
};

/// Nothing, or why an integer cannot be put into a property that holds floats: graph-language.md
/// §9.6 takes those that the float holds exactly.
std::optional<std::string> RefuseInexact(const schema::Property& property, const ir::Value& value);

}  // namespace tarn::write
