#pragma once

#include <array>
#include <string_view>

namespace tarn::gq {

/// An operator that people try because other languages have it.
struct MissingOperator {
  std::string_view word;
  std::string_view instead;
};
inline constexpr std::array<MissingOperator, 6> kMissingOperators = {{
    {"like", "use `starts_with`, `contains` or `search(...)`"},
    {"ends_with", "it is a function: `ends_with($p.name, \"x\")`"},
    {"starts", "write `starts_with`"},
    {"between", "write two conditions: `$x.p >= 1  $x.p <= 9`"},
    {"matches", "use `starts_with`, `contains` or `search(...)`"},
}};

/// Words of the language that stand behind an operand. `$a in $b` may still be an edge of that
/// name.
inline constexpr std::array<std::string_view, 5> kOperatorWords = {"in", "is", "and", "or", "not"};

}  // namespace tarn::gq
