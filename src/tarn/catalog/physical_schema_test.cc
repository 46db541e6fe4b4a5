// req: SCHEMA-1, SCHEMA-7: which columns a type has (graph language §2.2, §2.8).

#include "tarn/catalog/physical_schema.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

using schema::Property;
using schema::PropertyType;
using schema::Scalar;

Property Prop(std::string name, uint64_t id, PropertyType type) {
  Property property;
  property.name = std::move(name);
  property.id = id;
  property.type = std::move(type);
  return property;
}

TEST(PhysicalSchema, EveryScalarHasItsArrowType) {
  struct Row {
    Scalar scalar;
    const char* arrow;
  };
  for (const Row& row :
       {Row{Scalar::kString, "string"}, Row{Scalar::kBool, "bool"}, Row{Scalar::kI32, "int32"},
        Row{Scalar::kI64, "int64"}, Row{Scalar::kU32, "uint32"}, Row{Scalar::kU64, "uint64"},
        Row{Scalar::kF32, "float"}, Row{Scalar::kF64, "double"}, Row{Scalar::kDate, "date32[day]"},
        Row{Scalar::kDateTime, "date64[ms]"},
        Row{Scalar::kBlob, "struct<data: large_binary, uri: string>"}}) {
    EXPECT_EQ(PhysicalType({.scalar = row.scalar, .enum_values = {}})->ToString(), row.arrow);
  }
  EXPECT_EQ(
      PhysicalType({.scalar = Scalar::kVector, .dimension = 3, .enum_values = {}})->ToString(),
      "fixed_size_list<item: float>[3]");
  EXPECT_EQ(PhysicalType({.scalar = Scalar::kI32, .list = true, .enum_values = {}})->ToString(),
            "list<item: int32>");
  EXPECT_EQ(PhysicalType({.scalar = Scalar::kString, .enum_values = {"a", "b"}})->ToString(),
            "string");
}

TEST(PhysicalSchema, ColumnsAreIdentityThenPropertiesByNameWithTheirStableIds) {
  schema::NodeType node;
  node.name = "Person";
  node.properties = {Prop("born", 9, {.scalar = Scalar::kI32, .nullable = true, .enum_values = {}}),
                     Prop("name", 4, {.enum_values = {}})};
  const auto person = PhysicalSchema(node);
  EXPECT_EQ(person->field_names(), (std::vector<std::string>{"id", "born", "name"}));
  EXPECT_FALSE(person->field(0)->nullable());
  EXPECT_TRUE(person->field(1)->nullable());
  EXPECT_FALSE(person->field(2)->nullable());
  EXPECT_EQ(person->field(1)->metadata()->Get(std::string(kPropertyIdKey)).ValueOrDie(), "9");

  schema::EdgeType edge;
  edge.name = "Knows";
  edge.properties = {
      Prop("photo", 5, {.scalar = Scalar::kBlob, .nullable = true, .enum_values = {}})};
  const auto knows = PhysicalSchema(edge);
  EXPECT_EQ(knows->field_names(), (std::vector<std::string>{"id", "src", "dst", "photo"}));
  EXPECT_FALSE(knows->field(1)->nullable());
  EXPECT_FALSE(knows->field(2)->nullable());
  EXPECT_EQ(knows->field(3)->metadata()->Get("ARROW:extension:name").ValueOrDie(), "lance.blob.v2");
}

}  // namespace
}  // namespace tarn::catalog
