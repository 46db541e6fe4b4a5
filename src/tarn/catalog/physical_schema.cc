#include "tarn/catalog/physical_schema.h"

#include <string>
#include <utility>

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "tarn/base/check.h"

namespace tarn::catalog {
namespace {

using schema::Scalar;

/// Lance's second blob format as writers hand it over: the bytes, or where they are.
std::shared_ptr<arrow::DataType> BlobType() {
  return arrow::struct_(
      {arrow::field("data", arrow::large_binary()), arrow::field("uri", arrow::utf8())});
}

std::shared_ptr<arrow::DataType> ScalarType(const schema::PropertyType& type) {
  switch (type.scalar) {
    case Scalar::kString: return arrow::utf8();
    case Scalar::kBool: return arrow::boolean();
    case Scalar::kI32: return arrow::int32();
    case Scalar::kI64: return arrow::int64();
    case Scalar::kU32: return arrow::uint32();
    case Scalar::kU64: return arrow::uint64();
    case Scalar::kF32: return arrow::float32();
    case Scalar::kF64: return arrow::float64();
    case Scalar::kDate: return arrow::date32();
    case Scalar::kDateTime: return arrow::date64();
    case Scalar::kBlob: return BlobType();
    case Scalar::kVector:
      return arrow::fixed_size_list(arrow::field("item", arrow::float32()),
                                    static_cast<int32_t>(type.dimension));
  }
  TARN_UNREACHABLE("a Scalar outside its enum");
}

std::shared_ptr<arrow::Field> TextField(std::string_view name) {
  return arrow::field(std::string(name), arrow::utf8(), /*nullable=*/false);
}

std::shared_ptr<arrow::Schema> WithProperties(arrow::FieldVector fields,
                                              const std::vector<schema::Property>& properties) {
  for (const schema::Property& property : properties) fields.push_back(PhysicalField(property));
  return arrow::schema(std::move(fields));
}

}  // namespace

std::shared_ptr<arrow::DataType> PhysicalType(const schema::PropertyType& type) {
  return type.list ? arrow::list(arrow::field("item", ScalarType(type))) : ScalarType(type);
}

std::shared_ptr<arrow::Field> PhysicalField(const schema::Property& property) {
  std::vector<std::string> keys = {std::string(kPropertyIdKey)};
  std::vector<std::string> values = {std::to_string(property.id)};
  if (property.type.scalar == Scalar::kBlob) {
    keys.push_back("ARROW:extension:name");
    values.push_back("lance.blob.v2");
  }
  return arrow::field(property.name, PhysicalType(property.type), property.type.nullable,
                      arrow::key_value_metadata(std::move(keys), std::move(values)));
}

std::shared_ptr<arrow::Schema> PhysicalSchema(const schema::NodeType& node) {
  return WithProperties({TextField(kIdColumn)}, node.properties);
}

std::shared_ptr<arrow::Schema> PhysicalSchema(const schema::EdgeType& edge) {
  return WithProperties({TextField(kIdColumn), TextField(kSrcColumn), TextField(kDstColumn)},
                        edge.properties);
}

}  // namespace tarn::catalog
