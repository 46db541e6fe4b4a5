#include "tarn/schema/constraint_texts.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tarn/schema/decimal.h"

namespace tarn::schema {
namespace {

std::string Columns(std::vector<std::string> columns, const ColumnName& name_of) {
  for (std::string& column : columns) column = name_of(column);
  std::sort(columns.begin(), columns.end());
  return fmt::format("{}", fmt::join(columns, ", "));
}

std::string OptionsText(const IndexOptions& options) {
  std::string out;
  if (options.kind) out += ", kind=" + *options.kind;
  if (options.metric) out += fmt::format(", metric={}", MetricName(*options.metric));
  if (options.analyzer) out += ", analyzer=" + *options.analyzer;
  return out;
}

std::string BoundText(const std::optional<Literal>& bound) {
  return bound ? CanonicalDecimal(bound->text) : "";
}

template <typename Type>
std::set<std::string> KeyTexts(const Type& type, const ColumnName& name_of) {
  std::set<std::string> out;
  for (const UniqueConstraint& unique : type.uniques) {
    out.insert(fmt::format("@unique({})", Columns(unique.columns, name_of)));
  }
  for (const IndexConstraint& index : type.indexes) {
    out.insert(
        fmt::format("@index({}{})", Columns(index.columns, name_of), OptionsText(index.options)));
  }
  return out;
}

}  // namespace

std::string CardText(const Cardinality& cardinality) {
  return fmt::format("@card({}..{})", cardinality.min,
                     cardinality.max ? std::to_string(*cardinality.max) : "");
}

std::set<std::string> ConstraintTexts(const NodeType& node, const ColumnName& name_of) {
  std::set<std::string> out = KeyTexts(node, name_of);
  if (node.key) out.insert(fmt::format("@key({})", Columns(node.key->columns, name_of)));
  for (const RangeConstraint& range : node.ranges) {
    out.insert(fmt::format("@range({}, {}..{})", name_of(range.property), BoundText(range.low),
                           BoundText(range.high)));
  }
  for (const CheckConstraint& check : node.checks) {
    out.insert(fmt::format("@check({}, \"{}\")", name_of(check.property), check.pattern));
  }
  return out;
}

std::set<std::string> ConstraintTexts(const EdgeType& edge, const ColumnName& name_of) {
  std::set<std::string> out = KeyTexts(edge, name_of);
  if (edge.cardinality != Cardinality{}) out.insert(CardText(edge.cardinality));
  return out;
}

}  // namespace tarn::schema
