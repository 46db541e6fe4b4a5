#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"

namespace tarn::schema {
namespace {

/// Annotations that mean something to Tarn and may stand once.
constexpr std::array<std::string_view, 7> kKnown = {
    "key", "unique", "index", "embed", "description", "instruction", "rename_from"};

bool IsKnown(std::string_view name) {
  return std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end();
}

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool IsText(const std::optional<LiteralAst>& literal) {
  return literal && literal->value.kind == Literal::Kind::kString && !IsBlank(literal->value.text);
}

Annotation OpaqueOf(const AnnotationAst& ast) {
  Annotation annotation{.name = ast.name.text};
  if (ast.argument) annotation.argument = ast.argument->value;
  for (const KeywordAst& keyword : ast.keywords) {
    annotation.keywords.emplace(keyword.name.text, keyword.value.value);
  }
  return annotation;
}

/// The annotations of one thing, and what it is called in messages.
class Reader {
 public:
  Reader(std::string thing, CheckState& state) : thing_(std::move(thing)), state_(state) {}

  /// Reports the second of those that may stand once.
  bool IsFirst(const AnnotationAst& ast) {
    if (!IsKnown(ast.name.text) || seen_.insert(ast.name.text).second) return true;
    state_.Error(Rule::kAnnotationRepeated, ast.name.span,
                 fmt::format("@{} stands twice on {}", ast.name.text, thing_));
    return false;
  }

  std::optional<std::string> Text(const AnnotationAst& ast) {
    if (IsText(ast.argument)) return ast.argument->value.text;
    state_.Error(Rule::kAnnotationText, ast.name.span,
                 fmt::format("@{} on {} needs a text that is not blank", ast.name.text, thing_),
                 fmt::format("write `@{}(\"...\")`", ast.name.text));
    return std::nullopt;
  }

  std::optional<std::string> OldName(const AnnotationAst& ast) {
    if (IsText(ast.argument) && ast.keywords.empty()) return ast.argument->value.text;
    state_.Error(Rule::kRenameFrom, ast.name.span,
                 fmt::format("@rename_from on {} needs exactly one name that is not blank", thing_),
                 "write `@rename_from(\"old_name\")`");
    return std::nullopt;
  }

  void Misplaced(const AnnotationAst& ast, std::string_view suggestion) {
    state_.Error(Rule::kAnnotationMisplaced, ast.name.span,
                 fmt::format("@{} is not supported on {}", ast.name.text, thing_),
                 std::string(suggestion));
  }

 private:
  std::string thing_;
  CheckState& state_;
  std::set<std::string, std::less<>> seen_;
};

void FailEmbed(Rule rule, SourceSpan span, const CheckedProperty& checked, std::string_view why,
               CheckState& state) {
  state.Error(
      rule, span, fmt::format("@embed on {} {}", checked.Path(), why),
      "write `@embed(\"source_property\")` or `@embed(\"source_property\", model=\"...\")`");
}

/// The source is looked up when the node has all of its properties.
void ReadEmbed(const AnnotationAst& ast, CheckedProperty& checked, CheckState& state) {
  checked.embed_span = ast.argument ? ast.argument->span : ast.name.span;
  if (checked.has_type() && checked.property.type.scalar != Scalar::kVector) {
    FailEmbed(Rule::kEmbedTarget, ast.name.span, checked,
              fmt::format("requires a Vector type, got {}", TypeName(checked.property.type)),
              state);
  }
  if (!IsText(ast.argument)) {
    FailEmbed(Rule::kEmbedSource, checked.embed_span, checked,
              "needs the name of its source property", state);
    return;
  }
  EmbedSource embed{.property = ast.argument->value.text};
  for (const KeywordAst& keyword : ast.keywords) {
    if (keyword.name.text == "model" && IsText(keyword.value)) {
      embed.model = keyword.value.value.text;
    } else {
      FailEmbed(Rule::kEmbedKeyword, keyword.name.span, checked,
                keyword.name.text == "model" ? "needs a model that is a text and not blank"
                                             : fmt::format("takes the keyword model only, not '{}'",
                                                           Shown(keyword.name.text)),
                state);
    }
  }
  checked.property.embed = std::move(embed);
}

void ReadForm(const DeclarationAst& owner, const AnnotationAst& ast, CheckedProperty& checked,
              CheckState& state) {
  if (ast.name.text == "index") {
    checked.index_span = ast.name.span;
    checked.index = CheckIndexOptions(ast, checked, state);
  } else if (ast.name.text == "unique") {
    checked.unique_span = ast.name.span;
    checked.is_unique = true;
  } else if (owner.kind == DeclarationKind::kEdge) {
    state.Error(Rule::kKeyOnEdge, ast.name.span,
                fmt::format("@key on {} is not supported on edges", checked.Path()),
                "to forbid parallel edges write `@unique(src, dst)` in the body");
  } else {
    checked.key_span = ast.name.span;
    checked.is_key = true;
  }
}

void ReadPropertyAnnotation(const DeclarationAst& owner, const AnnotationAst& ast,
                            CheckedProperty& checked, Reader& reader, CheckState& state) {
  const std::string& name = ast.name.text;
  if (name == "key" || name == "unique" || name == "index") {
    ReadForm(owner, ast, checked, state);
  } else if (name == "embed" && owner.kind == DeclarationKind::kEdge) {
    reader.Misplaced(ast, "only vectors of nodes are embedded");
  } else if (name == "embed") {
    ReadEmbed(ast, checked, state);
  } else if (name == "description") {
    checked.property.description = reader.Text(ast);
  } else if (name == "rename_from") {
    checked.property.rename_from = reader.OldName(ast);
  } else if (name == "instruction") {
    reader.Misplaced(ast, "instruct on the type, or write `@description(\"...\")`");
  } else {
    checked.property.annotations.push_back(OpaqueOf(ast));
  }
}

}  // namespace

void CheckPropertyAnnotations(const DeclarationAst& owner, CheckedProperty& checked,
                              CheckState& state) {
  Reader reader(fmt::format("property {}", checked.Path()), state);
  for (const AnnotationAst& ast : checked.ast->annotations) {
    if (reader.IsFirst(ast)) ReadPropertyAnnotation(owner, ast, checked, reader, state);
  }
}

TypeMetadata CheckTypeAnnotations(const DeclarationAst& declaration, CheckState& state) {
  const bool is_edge = declaration.kind == DeclarationKind::kEdge;
  Reader reader(
      fmt::format("{} type '{}'", DeclarationWord(declaration.kind), Shown(declaration.name.text)),
      state);
  TypeMetadata metadata;
  for (const AnnotationAst& ast : declaration.annotations) {
    const std::string& name = ast.name.text;
    if (!reader.IsFirst(ast)) continue;
    if (name == "description") {
      metadata.description = reader.Text(ast);
    } else if (name == "instruction") {
      metadata.instruction = reader.Text(ast);
    } else if (name == "rename_from") {
      metadata.rename_from = reader.OldName(ast);
    } else if (IsKnown(name)) {
      reader.Misplaced(
          ast,
          is_edge ? "" : "write it behind a property, or with the names of properties in the body");
    } else {
      metadata.annotations.push_back(OpaqueOf(ast));
    }
  }
  return metadata;
}

}  // namespace tarn::schema
