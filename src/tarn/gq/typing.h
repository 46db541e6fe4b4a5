#pragma once

#include <string>

#include "tarn/schema/schema.h"

namespace tarn::gq {

/// Neither a list nor a vector.
bool IsSingle(const schema::PropertyType& type);
/// The same scalar kind, or both numeric; an enum is a String. Lists, vectors' lengths and null are
/// not looked at.
bool SameKind(const schema::PropertyType& a, const schema::PropertyType& b);
/// A String or enum, not a list.
bool IsText(const schema::PropertyType& type);
bool IsNumber(const schema::PropertyType& type);

schema::PropertyType MakeType(schema::Scalar scalar, bool nullable = false);
/// TypeName without the trailing `?`: nullability plays no part in compatibility.
std::string KindName(const schema::PropertyType& type);

}  // namespace tarn::gq
