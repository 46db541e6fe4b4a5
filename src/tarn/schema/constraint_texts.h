#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tarn/schema/schema.h"

namespace tarn::schema {

/// Every constraint of a type in one spelling, whatever form it was written in: `@key(a, b)`,
/// `@unique(a, b)`, `@index(v, metric=l2)`, `@range(n, 0..9)`, `@check(s, "^a")`, `@card(0..1)`.
/// Columns stand sorted by name, bounds in their canonical decimals.
///
/// By text, the columns it is about. `name_of` gives each column the name it goes by.
using ColumnName = std::function<std::string(const std::string& column)>;
std::map<std::string, std::vector<std::string>> ConstraintTexts(const NodeType& node,
                                                                const ColumnName& name_of);
std::map<std::string, std::vector<std::string>> ConstraintTexts(const EdgeType& edge,
                                                                const ColumnName& name_of);

/// `@card(0..1)`.
std::string CardText(const Cardinality& cardinality);

}  // namespace tarn::schema
