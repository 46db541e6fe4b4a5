#pragma once

#include "tarn/ir/query.h"

namespace tarn::naive {

/// Unknown, or a truth value.
enum class Truth : uint8_t { kFalse, kTrue, kUnknown };

/// Order of two values of one kind; nulls first, NaN last among numbers, -0 = +0.
int Order(const ir::Value& a, const ir::Value& b);

/// `left op right`. `left_is_list`: contains asks for membership.
Truth Holds(ir::CompareOp op, const ir::Value& left, const ir::Value& right, bool left_is_list);

/// Steps of Levenshtein between two words.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace tarn::naive
