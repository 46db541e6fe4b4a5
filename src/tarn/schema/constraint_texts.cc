#include "tarn/schema/constraint_texts.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "tarn/schema/decimal.h"

namespace tarn::schema {
namespace {

using Texts = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> Named(std::vector<std::string> columns, const ColumnName& name_of) {
  for (std::string& column : columns) column = name_of(column);
  std::sort(columns.begin(), columns.end());
  return columns;
}

void Add(std::string_view word, std::vector<std::string> columns, const std::string& rest,
         Texts& out) {
  std::string text = fmt::format("@{}({}{})", word, fmt::join(columns, ", "), rest);
  out.emplace(std::move(text), std::move(columns));
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
Texts KeyTexts(const Type& type, const ColumnName& name_of) {
  Texts out;
  for (const UniqueConstraint& unique : type.uniques) {
    Add("unique", Named(unique.columns, name_of), "", out);
  }
  for (const IndexConstraint& index : type.indexes) {
    Add("index", Named(index.columns, name_of), OptionsText(index.options), out);
  }
  return out;
}

}  // namespace

std::string CardText(const Cardinality& cardinality) {
  return fmt::format("@card({}..{})", cardinality.min,
                     cardinality.max ? std::to_string(*cardinality.max) : "");
}

Texts ConstraintTexts(const NodeType& node, const ColumnName& name_of) {
  Texts out = KeyTexts(node, name_of);
  if (node.key) Add("key", Named(node.key->columns, name_of), "", out);
  for (const RangeConstraint& range : node.ranges) {
    Add("range", {name_of(range.property)},
        fmt::format(", {}..{}", BoundText(range.low), BoundText(range.high)), out);
  }
  for (const CheckConstraint& check : node.checks) {
    Add("check", {name_of(check.property)}, fmt::format(", \"{}\"", check.pattern), out);
  }
  return out;
}

Texts ConstraintTexts(const EdgeType& edge, const ColumnName& name_of) {
  Texts out = KeyTexts(edge, name_of);
  if (edge.cardinality != Cardinality{})
    out.emplace(CardText(edge.cardinality), Texts::mapped_type{"src"});
  return out;
}

}  // namespace tarn::schema
