#pragma once

#include <functional>
#include <set>
#include <string>

#include "tarn/schema/schema.h"

namespace tarn::schema {

/// Every constraint of a type in one spelling, whatever form it was written in: `@key(a, b)`,
/// `@unique(a, b)`, `@index(v, metric=l2)`, `@range(n, 0..9)`, `@check(s, "^a")`, `@card(0..1)`.
/// Columns stand sorted by name, bounds in their canonical decimals.
///
/// `name_of` gives each column the name it goes by.
using ColumnName = std::function<std::string(const std::string& column)>;
std::set<std::string> ConstraintTexts(const NodeType& node, const ColumnName& name_of);
std::set<std::string> ConstraintTexts(const EdgeType& edge, const ColumnName& name_of);

/// `@card(0..1)`.
std::string CardText(const Cardinality& cardinality);

}  // namespace tarn::schema
