#include "tarn/write/violation.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tarn::write {

Problem Violation(const TypeLayout& layout, uint64_t line, std::string field, std::string reason) {
  return {.id = ErrorId::kConstraintViolation,
          .line = line,
          .type = layout.label(),
          .field = std::move(field),
          .reason = std::move(reason)};
}

std::string RuleName(const std::string& type, std::vector<std::string> columns) {
  if (columns.size() == 1) return fmt::format("{}.{}", type, columns[0]);
  std::ranges::sort(columns);
  return fmt::format("{}.({})", type, fmt::join(columns, ", "));
}

std::string TupleText(const std::string& text, size_t members) {
  return members == 1 ? Shown(text) : fmt::format("({})", Shown(text));
}

std::string NotUnique(const std::string& rule, const std::string& value, const Witness& first,
                      const Witness& second) {
  std::string reason = fmt::format("@unique violation on {}: value '{}' held by '{}' and '{}'",
                                   rule, value, Shown(first.id), Shown(second.id));
  if (first.line != 0 && second.line != 0) reason += fmt::format("; first on line {}", first.line);
  return reason;
}

std::string EndNotFound(std::string_view column, std::string_view id, const std::string& node) {
  return fmt::format("{} '{}' not found in {}", column, Shown(id), node);
}

std::string Miscounted(const schema::EdgeType& edge, std::string_view source, uint64_t count) {
  const schema::Cardinality& bounds = edge.cardinality;
  const bool too_many = bounds.max && count > *bounds.max;
  return fmt::format("@card violation on edge {}: source '{}' has {} edges ({} {})", edge.name,
                     Shown(source), count, too_many ? "max" : "min",
                     too_many ? *bounds.max : bounds.min);
}

}  // namespace tarn::write
