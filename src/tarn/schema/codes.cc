#include "tarn/schema/codes.h"

#include <algorithm>

#include <fmt/format.h>

namespace tarn::schema {

const std::vector<RuleRow>& RuleTable() {
  static const std::vector<RuleRow> table = {
#define TARN_SCHEMA_RULE(number, name, error_class, meaning) \
  {Rule::k##name, ErrorClass::error_class, meaning},
#include "tarn/schema/codes.def"
#undef TARN_SCHEMA_RULE
  };
  return table;
}

std::string RuleCode(Rule rule) { return fmt::format("S{:03}", static_cast<int>(rule)); }

ErrorClass ClassOf(std::string_view code) {
  const std::vector<RuleRow>& table = RuleTable();
  const auto row = std::find_if(table.begin(), table.end(), [code](const RuleRow& candidate) {
    return RuleCode(candidate.rule) == code;
  });
  return row == table.end() ? ErrorClass::kParse : row->error_class;
}

}  // namespace tarn::schema
