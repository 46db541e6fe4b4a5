#include "tarn/gq/value_kind.h"

#include <string_view>

#include "tarn/base/check.h"

namespace tarn::gq {
namespace {

std::string_view ScalarKind(schema::Scalar scalar) {
  using schema::Scalar;
  switch (scalar) {
    case Scalar::kString: return "string";
    case Scalar::kBool: return "bool";
    case Scalar::kI32:
    case Scalar::kU32: return "int";
    case Scalar::kI64:
    case Scalar::kU64: return "bigint";
    case Scalar::kF32:
    case Scalar::kF64: return "float";
    case Scalar::kDate: return "date";
    case Scalar::kDateTime: return "datetime";
    case Scalar::kBlob: return "blob";
    case Scalar::kVector: return "vector";
  }
  TARN_UNREACHABLE("a Scalar outside its enum");
}

}  // namespace

ValueKind KindOfType(const schema::PropertyType& type) {
  ValueKind kind;
  kind.kind = ScalarKind(type.scalar);
  kind.nullable = type.nullable;
  if (type.list) {
    kind.item_kind = std::move(kind.kind);
    kind.kind = "list";
  } else if (type.scalar == schema::Scalar::kVector) {
    kind.vector_dim = type.dimension;
  }
  return kind;
}

}  // namespace tarn::gq
