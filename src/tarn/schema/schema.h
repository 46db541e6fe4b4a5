#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/source.h"

namespace tarn::schema {

/// The closed set of base scalars of the schema language. Enum values are Strings with a value set;
/// a vector is a property shape, not a scalar.
enum class Scalar : uint8_t {
  kString,
  kBool,
  kI32,
  kI64,
  kU32,
  kU64,
  kF32,
  kF64,
  kDate,
  kDateTime,
  kBlob,
  kVector
};

/// "String", "I32", "DateTime"; kVector is spelled with its dimension by TypeName.
std::string_view ScalarName(Scalar scalar);
bool IsNumeric(Scalar scalar);
bool IsInteger(Scalar scalar);

/// The type of a property or parameter.
struct PropertyType {
  Scalar scalar = Scalar::kString;
  bool list = false;                     ///< `[T]`; never with kBlob, kVector or an enum
  bool nullable = false;                 ///< `T?`: the list or vector as a whole
  uint32_t dimension = 0;                ///< for kVector, 1..2147483647
  std::vector<std::string> enum_values;  ///< sorted, unique; empty = not an enum

  bool is_enum() const { return !enum_values.empty(); }
  bool operator==(const PropertyType&) const = default;
};

/// "String?", "[I32]", "Vector(3)?", "enum(a, b)": the form of messages.
std::string TypeName(const PropertyType& type);

/// A literal in an annotation or constraint: `"text"`, `12`, `0.5`, `true`.
struct Literal {
  enum class Kind : uint8_t { kString, kFloat, kInteger, kBool };
  Kind kind = Kind::kString;
  std::string text;  ///< the unescaped string, or the digits with their sign, or "true"/"false"

  bool operator==(const Literal&) const = default;
};

/// `@name(positional, key = value)`, kept as metadata when Tarn gives it no meaning.
struct Annotation {
  std::string name;
  std::optional<Literal> argument;  ///< a bare identifier argument is a kString literal
  std::map<std::string, Literal> keywords;

  bool operator==(const Annotation&) const = default;
};

/// How a vector is filled and which model may query it.
struct EmbedSource {
  std::string property;  ///< a String property of the same node type
  std::optional<std::string> model;

  bool operator==(const EmbedSource&) const = default;
};

enum class Metric : uint8_t { kCosine, kL2, kDot };
/// "cosine", "l2", "dot".
std::string_view MetricName(Metric metric);
std::optional<Metric> FindMetric(std::string_view name);

/// `@index` on one property, with Tarn's keywords.
struct IndexOptions {
  std::optional<std::string> kind;      ///< as written: "btree", "ngram", "ivf_pq", ...
  std::optional<Metric> metric;         ///< vectors only; cosine when absent
  std::optional<std::string> analyzer;  ///< text only

  bool operator==(const IndexOptions&) const = default;
};

struct Property {
  std::string name;
  uint64_t id = 0;  ///< stable across renames; 0 until AssignIds
  PropertyType type;
  std::optional<EmbedSource> embed;
  std::optional<std::string> description;
  std::optional<std::string> rename_from;
  std::vector<Annotation> annotations;  ///< opaque ones, in text order
  bool from_interface = false;          ///< injected, not written in the body
  SourceSpan span;                      ///< of the name

  /// Metric of this vector property: what @index says, else cosine. Set by the checker.
  Metric metric = Metric::kCosine;
};

/// `@key` `@unique` `@index` over one or more properties. `columns` keeps the order of the text.
struct KeyConstraint {
  std::vector<std::string> columns;
  bool property_form = false;
  SourceSpan span;
};
struct UniqueConstraint {
  std::vector<std::string> columns;  ///< edges: may name "src" and "dst"
  bool property_form =
      false;  ///< written behind a property; the planner of migrations tells the two apart
  SourceSpan span;
};
struct IndexConstraint {
  std::vector<std::string> columns;
  bool property_form = false;
  IndexOptions options;
  SourceSpan span;
};
/// Inclusive bounds, as written, so that integers are compared exactly.
struct RangeConstraint {
  std::string property;
  std::optional<Literal> low;
  std::optional<Literal> high;
  SourceSpan span;
};
/// The pattern (RE2 dialect) must match somewhere in the value.
struct CheckConstraint {
  std::string property;
  std::string pattern;
  SourceSpan span;
};
struct Cardinality {
  uint32_t min = 0;
  std::optional<uint32_t> max;

  bool operator==(const Cardinality&) const = default;
};

/// Its constraints are all of the property form; a node that lacks a property takes them over
/// together with it.
struct Interface {
  std::string name;
  uint64_t id = 0;
  std::vector<Property> properties;  ///< sorted by name
  std::vector<KeyConstraint>
      keys;  ///< several are an error only where one node takes over two of them
  std::vector<UniqueConstraint> uniques;
  std::vector<IndexConstraint> indexes;
  SourceSpan span;
};

struct TypeMetadata {
  std::optional<std::string> description;
  std::optional<std::string> instruction;
  std::optional<std::string> rename_from;
  std::vector<Annotation> annotations;
};

struct NodeType {
  std::string name;
  uint64_t id = 0;
  std::vector<std::string> interfaces;  ///< sorted
  std::vector<Property> properties;     ///< sorted by name, injected ones included
  std::optional<KeyConstraint> key;
  /// Key columns in the order that forms the id: ascending stable property id. Set by AssignIds.
  std::vector<std::string> key_columns;
  std::vector<UniqueConstraint> uniques;
  std::vector<IndexConstraint> indexes;
  std::vector<RangeConstraint> ranges;
  std::vector<CheckConstraint> checks;
  TypeMetadata metadata;
  SourceSpan span;

  const Property* FindProperty(std::string_view property) const;
};

struct EdgeType {
  std::string name;
  uint64_t id = 0;
  std::string from;  ///< node type names
  std::string to;
  Cardinality cardinality;
  std::vector<Property> properties;  ///< sorted by name
  std::vector<UniqueConstraint> uniques;
  std::vector<IndexConstraint> indexes;
  TypeMetadata metadata;
  SourceSpan span;

  const Property* FindProperty(std::string_view property) const;
};

/// A checked schema: every rule of the language holds. Immutable once built; types are sorted by
/// name, and so are the constraints of a type: property form first, then by columns.
struct Schema {
  std::vector<Interface> interfaces;
  std::vector<NodeType> nodes;
  std::vector<EdgeType> edges;
  uint64_t next_id = 1;  ///< the next stable id this graph hands out

  const Interface* FindInterface(std::string_view name) const;
  const NodeType* FindNode(std::string_view name) const;
  /// Exact name first, then the full lower-case fold.
  const EdgeType* FindEdge(std::string_view name) const;
};

}  // namespace tarn::schema
