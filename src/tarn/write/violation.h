#pragma once

#include <cstdint>
#include <string>

#include "tarn/write/problems.h"
#include "tarn/write/type_layout.h"

/// The words for rows that break a rule, the same for loads and mutations.

namespace tarn::write {

/// A row that holds a key in question.
struct Witness {
  uint64_t line = 0;  ///< 0: a row of the warehouse, or of a mutation
  std::string id;
  std::string text;  ///< the tuple, as a message shows it
};

Problem Violation(const TypeLayout& layout, uint64_t line, std::string field, std::string reason);

/// How a message names a constraint over `columns` of a type: "Port.code", "CallsAt.(dst, src)".
std::string RuleName(const std::string& type, std::vector<std::string> columns);

/// "SEGOT", or "(9300001, SEGOT)" for a rule over several columns.
std::string TupleText(const std::string& text, size_t members);

std::string NotUnique(const std::string& rule, const std::string& value, const Witness& first,
                      const Witness& second);

/// "src 'x' not found in Ship".
std::string EndNotFound(std::string_view column, std::string_view id, const std::string& node);

/// Which bound `count` edges of one source break.
std::string Miscounted(const schema::EdgeType& edge, std::string_view source, uint64_t count);

}  // namespace tarn::write
