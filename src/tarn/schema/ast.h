#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tarn/schema/schema.h"

/// What the parser sees in a schema file: one struct per rule of the grammar, in text order,
/// nothing resolved.

namespace tarn::schema {

struct NameAst {
  std::string text;
  SourceSpan span;
};

struct LiteralAst {
  Literal value;
  SourceSpan span;
};

/// `lo..hi`; at least one is there.
struct RangeAst {
  std::optional<Literal> low;
  std::optional<Literal> high;
  SourceSpan span;
};

struct KeywordAst {
  NameAst name;
  LiteralAst value;
};

/// `@name(argument, key = value)`. `@key`, `@unique` and `@index` behind a property are annotations
/// too.
struct AnnotationAst {
  NameAst name;  ///< the span includes the `@`
  std::optional<LiteralAst> argument;
  std::vector<KeywordAst> keywords;

  bool is_bare() const { return !argument && keywords.empty(); }
};

enum class ConstraintKind : uint8_t { kKey, kUnique, kIndex, kRange, kCheck };
/// "key".
std::string_view ConstraintName(ConstraintKind kind);
/// The constraint of that exact name.
std::optional<ConstraintKind> FindConstraintKind(std::string_view name);

using ArgumentAst = std::variant<NameAst, LiteralAst, RangeAst>;

/// `@unique(a, b)` in a body.
struct ConstraintAst {
  ConstraintKind kind = ConstraintKind::kKey;
  std::vector<ArgumentAst> arguments;
  SourceSpan span;
};

struct PropertyAst {
  NameAst name;
  std::optional<PropertyType>
      type;  ///< absent when the text names none that exists; that has been reported
  SourceSpan type_span;
  std::vector<AnnotationAst> annotations;
};

struct CardAst {
  Cardinality value;
  SourceSpan span;
};

enum class DeclarationKind : uint8_t { kInterface, kNode, kEdge };
/// "interface", "node", "edge".
std::string_view DeclarationWord(DeclarationKind kind);

struct DeclarationAst {
  DeclarationKind kind = DeclarationKind::kNode;
  NameAst name;
  std::vector<NameAst> interfaces;  ///< nodes
  NameAst from, to;                 ///< edges; empty in a declaration that is not whole
  std::optional<CardAst> card;      ///< edges
  std::vector<AnnotationAst> annotations;
  std::vector<PropertyAst> properties;
  std::vector<ConstraintAst> constraints;
  bool is_whole = true;  ///< nothing of it was skipped for a syntax error
};

struct FileAst {
  std::vector<DeclarationAst> declarations;
  bool is_whole = true;  ///< no declaration was skipped or lost its name
};

}  // namespace tarn::schema
