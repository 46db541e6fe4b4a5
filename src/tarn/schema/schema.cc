#include "tarn/schema/schema.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/base/check.h"

namespace tarn::schema {
namespace {

template <typename Item>
const Item* FindSorted(const std::vector<Item>& items, std::string_view name) {
  const auto found = std::lower_bound(
      items.begin(), items.end(), name,
      [](const Item& item, std::string_view wanted) { return item.name < wanted; });
  return found != items.end() && found->name == name ? &*found : nullptr;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualFolded(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Lower(x) == Lower(y); });
}

}  // namespace

std::string_view ScalarName(Scalar scalar) {
  switch (scalar) {
    case Scalar::kString: return "String";
    case Scalar::kBool: return "Bool";
    case Scalar::kI32: return "I32";
    case Scalar::kI64: return "I64";
    case Scalar::kU32: return "U32";
    case Scalar::kU64: return "U64";
    case Scalar::kF32: return "F32";
    case Scalar::kF64: return "F64";
    case Scalar::kDate: return "Date";
    case Scalar::kDateTime: return "DateTime";
    case Scalar::kBlob: return "Blob";
    case Scalar::kVector: return "Vector";
  }
  TARN_UNREACHABLE("a Scalar outside its enum");
}

std::string_view MetricName(Metric metric) {
  switch (metric) {
    case Metric::kCosine: return "cosine";
    case Metric::kL2: return "l2";
    case Metric::kDot: return "dot";
  }
  TARN_UNREACHABLE("a Metric outside its enum");
}

std::optional<Metric> FindMetric(std::string_view name) {
  for (const Metric metric : {Metric::kCosine, Metric::kL2, Metric::kDot}) {
    if (MetricName(metric) == name) return metric;
  }
  return std::nullopt;
}

bool IsInteger(Scalar scalar) {
  return scalar == Scalar::kI32 || scalar == Scalar::kI64 || scalar == Scalar::kU32 ||
         scalar == Scalar::kU64;
}

bool IsNumeric(Scalar scalar) {
  return IsInteger(scalar) || scalar == Scalar::kF32 || scalar == Scalar::kF64;
}

std::string TypeName(const PropertyType& type) {
  std::string name(ScalarName(type.scalar));
  if (type.is_enum()) name = fmt::format("enum({})", fmt::join(type.enum_values, ", "));
  if (type.scalar == Scalar::kVector) name = fmt::format("Vector({})", type.dimension);
  if (type.list) name = fmt::format("[{}]", name);
  return type.nullable ? name + "?" : name;
}

const Property* NodeType::FindProperty(std::string_view property) const {
  return FindSorted(properties, property);
}
const Property* EdgeType::FindProperty(std::string_view property) const {
  return FindSorted(properties, property);
}
const Interface* Schema::FindInterface(std::string_view name) const {
  return FindSorted(interfaces, name);
}
const NodeType* Schema::FindNode(std::string_view name) const { return FindSorted(nodes, name); }

const EdgeType* Schema::FindEdge(std::string_view name) const {
  if (const EdgeType* exact = FindSorted(edges, name)) return exact;
  const auto folded = std::find_if(edges.begin(), edges.end(), [name](const EdgeType& edge) {
    return EqualFolded(edge.name, name);
  });
  return folded == edges.end() ? nullptr : &*folded;
}

}  // namespace tarn::schema
