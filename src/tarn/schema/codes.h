#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::schema {

/// Which kind of rule an error breaks; the prefix of its message.
enum class ErrorClass : uint8_t { kParse, kCatalog };

/// The rules of codes.def.
enum class Rule : uint16_t {
#define TARN_SCHEMA_RULE(number, name, error_class, meaning) k##name = number,
#include "tarn/schema/codes.def"
#undef TARN_SCHEMA_RULE
};

struct RuleRow {
  Rule rule;
  ErrorClass error_class;
  std::string_view meaning;  ///< for the reference page
};

/// Every row of codes.def, in order of its number.
const std::vector<RuleRow>& RuleTable();

/// "S012".
std::string RuleCode(Rule rule);

/// The class of a diagnostic's code. Codes of the lexer are of class kParse.
ErrorClass ClassOf(std::string_view code);

}  // namespace tarn::schema
