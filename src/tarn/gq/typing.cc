#include "tarn/gq/typing.h"

namespace tarn::gq {

using schema::Scalar;

bool IsSingle(const schema::PropertyType& type) {
  return !type.list && type.scalar != Scalar::kVector;
}

bool SameKind(const schema::PropertyType& a, const schema::PropertyType& b) {
  return a.scalar == b.scalar || (schema::IsNumeric(a.scalar) && schema::IsNumeric(b.scalar));
}

bool IsText(const schema::PropertyType& type) {
  return !type.list && type.scalar == Scalar::kString;
}

bool IsNumber(const schema::PropertyType& type) {
  return !type.list && schema::IsNumeric(type.scalar);
}

schema::PropertyType MakeType(Scalar scalar, bool nullable) {
  schema::PropertyType type;
  type.scalar = scalar;
  type.nullable = nullable;
  return type;
}

std::string KindName(const schema::PropertyType& type) {
  schema::PropertyType bare = type;
  bare.nullable = false;
  return schema::TypeName(bare);
}

}  // namespace tarn::gq
