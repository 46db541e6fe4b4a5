#pragma once

#include <memory>
#include <string_view>

#include <arrow/type_fwd.h>

#include "tarn/schema/schema.h"

/// How a type of the graph is stored: which columns its table has and of which Arrow type.

namespace tarn::catalog {

inline constexpr std::string_view kIdColumn =
    "id";  ///< every table: the identity of the row, unique in the table
inline constexpr std::string_view kSrcColumn =
    "src";  ///< edge tables: id of the node the edge begins at
inline constexpr std::string_view kDstColumn = "dst";  ///< edge tables: id of the node it ends at

/// Field metadata that holds the stable id of a property in decimal. Two branches may give one
/// Lance field id to different properties; this id never means two things.
inline constexpr std::string_view kPropertyIdKey = "tarn:property_id";

/// The type of a property's column; whether it may be null is the field's matter.
std::shared_ptr<arrow::DataType> PhysicalType(const schema::PropertyType& type);
std::shared_ptr<arrow::Field> PhysicalField(const schema::Property& property);

/// `id`, then the properties in order of their names.
std::shared_ptr<arrow::Schema> PhysicalSchema(const schema::NodeType& node);
/// `id`, `src`, `dst`, then the properties in order of their names.
std::shared_ptr<arrow::Schema> PhysicalSchema(const schema::EdgeType& edge);

}  // namespace tarn::catalog
