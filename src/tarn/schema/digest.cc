#include <algorithm>

#include <openssl/evp.h>

#include "tarn/base/check.h"
#include "tarn/schema/check_state.h"
#include "tarn/schema/decimal.h"
#include "tarn/schema/typed_form.h"
#include "tarn/schema/typed_form_json.h"

namespace tarn::schema {
namespace {

std::string KeyOf(const Annotation& annotation) {
  std::string key = annotation.name;
  if (annotation.argument) key += "\n" + annotation.argument->text;
  for (const auto& [name, value] : annotation.keywords) key += "\n" + name + "\n" + value.text;
  return key;
}

/// The order of annotations says nothing.
void SortAnnotations(std::vector<Annotation>& annotations) {
  std::stable_sort(annotations.begin(), annotations.end(),
                   [](const Annotation& a, const Annotation& b) { return KeyOf(a) < KeyOf(b); });
}

void NormaliseBound(std::optional<Literal>& bound) {
  if (!bound) return;
  bound->text = CanonicalDecimal(bound->text);
  bound->kind =
      bound->text.find('.') == std::string::npos ? Literal::Kind::kInteger : Literal::Kind::kFloat;
}

void NormaliseProperties(std::vector<Property>& properties) {
  for (Property& property : properties) {
    property.rename_from.reset();
    SortAnnotations(property.annotations);
  }
}

void NormaliseMetadata(TypeMetadata& metadata) {
  metadata.rename_from.reset();
  SortAnnotations(metadata.annotations);
}

template <typename Type>
void NormaliseColumns(Type& type) {
  for (UniqueConstraint& unique : type.uniques) {
    std::sort(unique.columns.begin(), unique.columns.end());
  }
  for (IndexConstraint& index : type.indexes) std::sort(index.columns.begin(), index.columns.end());
  ConstraintLists lists{.uniques = std::move(type.uniques), .indexes = std::move(type.indexes)};
  lists.Sort();
  type.uniques = std::move(lists.uniques);
  type.indexes = std::move(lists.indexes);
}

void NormaliseNode(NodeType& node) {
  NormaliseProperties(node.properties);
  NormaliseMetadata(node.metadata);
  NormaliseColumns(node);
  if (node.key) std::sort(node.key->columns.begin(), node.key->columns.end());
  for (RangeConstraint& range : node.ranges) {
    NormaliseBound(range.low);
    NormaliseBound(range.high);
  }
  ConstraintLists lists{.ranges = std::move(node.ranges)};
  lists.Sort();
  node.ranges = std::move(lists.ranges);
}

/// Drops what a text may change without changing what it means.
Schema Normalise(Schema schema) {
  for (Interface& interface : schema.interfaces) NormaliseProperties(interface.properties);
  for (NodeType& node : schema.nodes) NormaliseNode(node);
  for (EdgeType& edge : schema.edges) {
    NormaliseProperties(edge.properties);
    NormaliseMetadata(edge.metadata);
    NormaliseColumns(edge);
  }
  return schema;
}

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  TARN_CHECK(done == 1, "SHA-256 is not available");
  std::string text;
  for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace

std::string SchemaDigest(const Schema& schema) {
  JsonWriter json;
  json.BeginObject().Key("meaning").Uint(1);  // of the members below; raised when they change
  WriteTypes(Normalise(schema), FormIds::kWithout, json);
  return Sha256Hex(json.EndObject().text());
}

}  // namespace tarn::schema
