// The constraints on single values: @range and @check.
#include <fmt/format.h>
#include <re2/re2.h>

#include "tarn/schema/check_state.h"
#include "tarn/schema/decimal.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

/// The second argument of a constraint of the shape `@name(property, value)`; reports any other
/// shape.
template <typename Value>
const Value* ValueArgument(const ConstraintAst& constraint, std::string_view example,
                           CheckState& state) {
  const bool is_pair =
      constraint.arguments.size() == 2 && std::holds_alternative<NameAst>(constraint.arguments[0]);
  const Value* value = is_pair ? std::get_if<Value>(&constraint.arguments[1]) : nullptr;
  if (value == nullptr) {
    const std::string_view name = ConstraintName(constraint.kind);
    state.Error(
        Rule::kConstraintArguments, constraint.span,
        fmt::format("@{} takes the name of a property and a {}", name,
                    constraint.kind == ConstraintKind::kRange ? "range" : "pattern in quotes"),
        fmt::format("write it as `{}`", example));
  }
  return value;
}

/// Lists pass in the reference, and are then never looked at.
bool RefuseList(const ConstraintAst& constraint, const CheckedProperty& property, SourceSpan span,
                CheckState& state) {
  if (!property.property.type.list) return false;
  state.Error(Rule::kUnsupportedProperty, span,
              fmt::format("@{} is not supported on list property {}",
                          ConstraintName(constraint.kind), property.Path()));
  return true;
}

/// The property of the constraint if the constraint may be on it.
const CheckedProperty* Target(const DeclarationAst& node, const ConstraintAst& constraint,
                              const PropertyList& properties, CheckState& state) {
  const NameAst& name = std::get<NameAst>(constraint.arguments[0]);
  const CheckedProperty* property = ResolveColumn(node, constraint.kind, name, properties, state);
  if (property == nullptr || !property->has_type() ||
      RefuseList(constraint, *property, name.span, state)) {
    return nullptr;
  }
  const PropertyType& type = property->property.type;
  const bool is_range = constraint.kind == ConstraintKind::kRange;
  if (is_range ? IsNumeric(type.scalar) : type.scalar == Scalar::kString) return property;
  state.Error(
      is_range ? Rule::kRangeType : Rule::kCheckType, name.span,
      fmt::format("@{} on {} requires {}, got {}", ConstraintName(constraint.kind),
                  property->Path(), is_range ? "a numeric type" : "String type", TypeName(type)));
  return nullptr;
}

std::string PatternHint(std::string_view pattern) {
  for (const std::string_view sign : {"(?=", "(?!", "(?<=", "(?<!"}) {
    if (pattern.find(sign) != std::string_view::npos) {
      return "patterns have no look-around and no back-references";
    }
  }
  return "patterns are of the RE2 dialect: no look-around, no back-references";
}

/// Compiles each distinct pattern once. The work is bounded by the size of what is compiled.
bool Compiles(const CheckedProperty& property, const LiteralAst& pattern, CheckState& state) {
  const std::string& text = pattern.value.text;
  if (state.patterns.contains(text)) return true;
  if (text.size() > kPatternBytesMax || state.pattern_steps > kPatternStepsMax) {
    state.Error(Rule::kTooLarge, pattern.span,
                fmt::format("a pattern has at most {} bytes, and all patterns of a schema compile "
                            "to at most {} steps",
                            kPatternBytesMax, kPatternStepsMax));
    return false;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 compiled(text, options);
  if (!compiled.ok()) {
    // Finding out that a pattern is too large is the dearest verdict of all.
    if (compiled.error_code() == re2::RE2::ErrorPatternTooLarge) {
      state.pattern_steps += kPatternStepsMax / 8;
    }
    state.Error(Rule::kPattern, pattern.span,
                fmt::format("the pattern of @check on {} does not compile: {}", property.Path(),
                            Shown(compiled.error())),
                PatternHint(text));
    return false;
  }
  state.pattern_steps += static_cast<size_t>(compiled.ProgramSize());
  state.patterns.insert(text);
  return true;
}

}  // namespace

void CheckRange(const DeclarationAst& node, const ConstraintAst& constraint,
                const PropertyList& properties, ConstraintLists& lists, CheckState& state) {
  const RangeAst* range = ValueArgument<RangeAst>(constraint, "@range(depth_m, 0.5..60.0)", state);
  if (range == nullptr) return;
  const CheckedProperty* property = Target(node, constraint, properties, state);
  if (property == nullptr) return;
  if (range->low && range->high && CompareDecimals(range->low->text, range->high->text) > 0) {
    state.Error(Rule::kEmptyRange, range->span,
                fmt::format("@range on {} holds for no value: {} exceeds {}", property->Path(),
                            Shown(range->low->text), Shown(range->high->text)));
    return;
  }
  lists.ranges.push_back({.property = property->property.name,
                          .low = range->low,
                          .high = range->high,
                          .span = constraint.span});
}

void CheckPattern(const DeclarationAst& node, const ConstraintAst& constraint,
                  const PropertyList& properties, ConstraintLists& lists, CheckState& state) {
  const LiteralAst* pattern =
      ValueArgument<LiteralAst>(constraint, "@check(code, \"^[A-Z]{5}$\")", state);
  if (pattern == nullptr) return;
  if (pattern->value.kind != Literal::Kind::kString) {
    state.Error(Rule::kConstraintArguments, pattern->span,
                "@check takes the name of a property and a pattern in quotes");
    return;
  }
  const CheckedProperty* property = Target(node, constraint, properties, state);
  if (property == nullptr || !Compiles(*property, *pattern, state)) return;
  lists.checks.push_back({.property = property->property.name,
                          .pattern = pattern->value.text,
                          .span = constraint.span});
}

}  // namespace tarn::schema
