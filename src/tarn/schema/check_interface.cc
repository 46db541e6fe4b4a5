#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"
#include "tarn/schema/limits.h"

namespace tarn::schema {
namespace {

size_t BytesOf(const Literal& literal) { return literal.text.size() + sizeof literal; }

/// About what a copy of the property takes.
size_t BytesOf(const Property& property) {
  size_t bytes = sizeof(CheckedProperty) + property.name.size();
  for (const std::string& value : property.type.enum_values) bytes += value.size() + sizeof value;
  if (property.description) bytes += property.description->size();
  if (property.rename_from) bytes += property.rename_from->size();
  for (const Annotation& annotation : property.annotations) {
    bytes += annotation.name.size() + sizeof annotation;
    if (annotation.argument) bytes += BytesOf(*annotation.argument);
    for (const auto& [name, value] : annotation.keywords) bytes += name.size() + BytesOf(value);
  }
  return bytes;
}

/// Whether it does not matter from which of two interfaces a node takes a property.
bool Agree(const CheckedProperty& a, const CheckedProperty& b) {
  return a.is_key == b.is_key && a.is_unique == b.is_unique && a.index == b.index &&
         a.property.embed == b.property.embed;
}

class Injector {
 public:
  Injector(const DeclarationAst& node, PropertyList& properties, CheckState& state)
      : node_(node), properties_(properties), state_(state) {}

  /// False when a limit is reached.
  bool Inject(const NameAst& name, const CheckedProperty& wanted) {
    const CheckedProperty* present = properties_.Find(wanted.property.name);
    if (present == nullptr) return Add(wanted);
    if (!present->has_type() || !wanted.has_type()) return true;
    const bool same_type = present->property.type == wanted.property.type;
    if (!present->property.from_interface) {
      if (!same_type) FailConflict(name, *present, wanted);
    } else if (!same_type || !Agree(*present, wanted)) {
      FailDisagreement(name, *present, wanted, same_type);
    }
    return true;
  }

 private:
  bool Add(const CheckedProperty& wanted) {
    state_.injected_bytes += BytesOf(wanted.property);
    ++state_.properties;
    if (properties_.items().size() < kPropertiesPerTypeMax && state_.properties <= kPropertiesMax &&
        state_.injected_bytes <= kInjectedBytesMax) {
      CheckedProperty copy = wanted;
      copy.property.from_interface = true;
      properties_.Add(std::move(copy));
      return true;
    }
    state_.Error(Rule::kTooLarge, node_.name.span,
                 fmt::format("the interfaces of '{}' bring too much: a type has at most {} "
                             "properties, a schema {}, and {} "
                             "bytes of injected ones",
                             Shown(node_.name.text), kPropertiesPerTypeMax, kPropertiesMax,
                             kInjectedBytesMax));
    return false;
  }

  void FailConflict(const NameAst& name, const CheckedProperty& present,
                    const CheckedProperty& wanted) {
    state_.Error(
        Rule::kInterfaceConflict, present.ast->type_span,
        fmt::format("property {} has type {}, but interface '{}' declares it as {}", present.Path(),
                    TypeName(present.property.type), Shown(name.text),
                    TypeName(wanted.property.type)),
        "declare both alike, or leave the property out of the node: the interface brings it along");
  }

  void FailDisagreement(const NameAst& name, const CheckedProperty& present,
                        const CheckedProperty& wanted, bool same_type) {
    const std::string how = same_type ? "with other constraints"
                                      : fmt::format("as {} and {}", TypeName(present.property.type),
                                                    TypeName(wanted.property.type));
    state_.Error(Rule::kInterfacesDisagree, name.span,
                 fmt::format("the interfaces '{}' and '{}' of node '{}' declare property '{}' {}",
                             Shown(present.owner), Shown(name.text), Shown(node_.name.text),
                             Shown(wanted.property.name), how));
  }

  const DeclarationAst& node_;
  PropertyList& properties_;
  CheckState& state_;
};

void FailUnknownInterface(const DeclarationAst& node, const NameAst& name, CheckState& state) {
  if (!state.file.is_whole) return;  // it may be the declaration that was skipped
  std::vector<std::string> names;
  for (const auto& [known, list] : state.interfaces) names.push_back(known);
  std::sort(names.begin(), names.end());
  state.Error(Rule::kUnknownInterface, name.span,
              fmt::format("node '{}' implements unknown interface '{}'", Shown(node.name.text),
                          Shown(name.text)),
              SuggestName(name.text, std::move(names)));
}

}  // namespace

std::vector<std::string> InjectInterfaces(const DeclarationAst& node, PropertyList& properties,
                                          CheckState& state) {
  // By name, so that the order in which a text lists them cannot matter.
  std::map<std::string, const NameAst*> names;
  for (const NameAst& name : node.interfaces) names.try_emplace(name.text, &name);
  std::vector<std::string> sorted;
  Injector injector(node, properties, state);
  for (const auto& [text, name] : names) {
    sorted.push_back(text);
    const auto found = state.interfaces.find(text);
    if (found == state.interfaces.end()) {
      FailUnknownInterface(node, *name, state);
      continue;
    }
    for (const CheckedProperty& wanted : found->second.items()) {
      if (!injector.Inject(*name, wanted)) return sorted;
    }
  }
  return sorted;
}

void CheckEmbedSources(const DeclarationAst& node, const PropertyList& properties,
                       CheckState& state) {
  for (const CheckedProperty& checked : properties.items()) {
    if (!checked.property.embed) continue;
    const std::string& name = checked.property.embed->property;
    const CheckedProperty* source = properties.Find(name);
    if (source == nullptr && node.is_whole) {
      state.Error(Rule::kEmbedSource, checked.embed_span,
                  fmt::format("@embed on {} references unknown property '{}' of node '{}'",
                              checked.Path(), Shown(name), Shown(node.name.text)),
                  SuggestName(name, properties.Names()));
    }
    if (source == nullptr || !source->has_type()) continue;
    const PropertyType& type = source->property.type;
    if (type.scalar == Scalar::kString && !type.list) continue;
    state.Error(Rule::kEmbedSource, checked.embed_span,
                fmt::format("@embed on {} requires a String source, got {} for '{}'",
                            checked.Path(), TypeName(type), Shown(name)));
  }
}

}  // namespace tarn::schema
