#pragma once

#include <string>

#include "tarn/gq/resolution.h"

namespace tarn::gq {

/// What a literal, a parameter or now() is put against.
struct ValueTarget {
  enum class Use : uint8_t {
    kPattern,     ///< `{ p: value }` of a binding: equality, or membership if p is a list
    kAssignment,  ///< `p: value` of an insert or update
    kPredicate,   ///< `where p op value`
  };
  Use use = Use::kPattern;
  std::string owner;  ///< the node or edge type, for messages
  std::string property;
  schema::PropertyType type;
};

/// The value, with the type that the target asks for where a literal can take several: a numeric
/// list becomes a vector, `[]` a list of the target's items. Null after an error.
///
/// Errors  T3 a literal of the wrong kind or outside the enum; T7 a parameter, now() or any vector
///         comparison that does not fit; T14 a variable that is no parameter.
ir::ExprPtr ResolveValue(const ExprAst& value, const ValueTarget& target, Resolution& state);

}  // namespace tarn::gq
