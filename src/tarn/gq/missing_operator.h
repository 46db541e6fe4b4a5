#pragma once

#include <array>
#include <string_view>

namespace tarn::gq {

/// An operator that people try because other languages have it.
struct MissingOperator {
  std::string_view word;
  std::string_view instead;
};
inline constexpr std::array<MissingOperator, 10> kMissingOperators = {{
    {"and", "write the conditions next to each other: all of them must hold"},
    {"or", "there is no `or`; ask two queries"},
    {"in", "write the list first: `[\"a\", \"b\"] contains $p.code`"},
    {"is", "there is no null test; a comparison with null never holds"},
    {"like", "use `starts_with`, `contains` or `search(...)`"},
    {"ends_with", "use `starts_with` or `contains`"},
    {"ends", "use `starts_with` or `contains`"},
    {"starts", "write `starts_with`"},
    {"between", "write two conditions: `$x.p >= 1  $x.p <= 9`"},
    {"matches", "use `starts_with`, `contains` or `search(...)`"},
}};

}  // namespace tarn::gq
