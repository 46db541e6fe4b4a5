#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tarn/schema/check_state.h"

namespace tarn::schema {
namespace {

const std::vector<std::string>& KindsFor(const PropertyType& type) {
  static const std::vector<std::string> vectors = {"ivf_flat",      "ivf_pq",      "ivf_sq",
                                                   "ivf_hnsw_flat", "ivf_hnsw_pq", "ivf_hnsw_sq"};
  static const std::vector<std::string> texts = {"inverted", "ngram", "btree"};
  static const std::vector<std::string> scalars = {"btree", "bitmap"};
  if (type.scalar == Scalar::kVector) return vectors;
  return type.scalar == Scalar::kString && !type.is_enum() ? texts : scalars;
}

class OptionReader {
 public:
  OptionReader(const CheckedProperty& checked, CheckState& state)
      : checked_(checked), state_(state) {}

  void Read(const KeywordAst& keyword) {
    const std::string& name = keyword.name.text;
    if (name != "kind" && name != "metric" && name != "analyzer") {
      Fail(keyword.name.span, fmt::format("does not know the keyword '{}'", Shown(name)),
           SuggestName(name, {"kind", "metric", "analyzer"}));
    } else if (keyword.value.value.kind != Literal::Kind::kString ||
               keyword.value.value.text.empty()) {
      Fail(keyword.value.span, fmt::format("needs a name for '{}'", name), "");
    } else if (checked_.has_type()) {
      Accept(keyword);
    }
  }

  IndexOptions Take() { return std::move(options_); }

 private:
  void Accept(const KeywordAst& keyword) {
    const std::string& value = keyword.value.value.text;
    if (keyword.name.text == "kind") {
      AcceptKind(keyword);
    } else if (keyword.name.text == "metric") {
      options_.metric = FindMetric(value);
      if (type().scalar != Scalar::kVector) {
        Fail(keyword.name.span,
             fmt::format("takes no metric: the type is {}, not a Vector", TypeName(type())), "");
      } else if (!options_.metric) {
        Fail(keyword.value.span, fmt::format("does not know the metric '{}'", Shown(value)),
             "the metrics are cosine, l2 and dot");
      }
    } else if (type().scalar != Scalar::kString || type().is_enum()) {
      Fail(keyword.name.span,
           fmt::format("takes no analyzer: the type is {}, not String", TypeName(type())), "");
    } else {
      options_.analyzer = value;
    }
  }

  void AcceptKind(const KeywordAst& keyword) {
    const std::string& value = keyword.value.value.text;
    const std::vector<std::string>& kinds = KindsFor(type());
    if (std::find(kinds.begin(), kinds.end(), value) != kinds.end()) {
      options_.kind = value;
      return;
    }
    Fail(keyword.value.span, fmt::format("cannot be of kind '{}'", Shown(value)),
         fmt::format("for {} the kinds are {}", TypeName(type()), fmt::join(kinds, ", ")));
  }

  const PropertyType& type() const { return checked_.property.type; }

  void Fail(SourceSpan span, std::string_view why, std::string suggestion) {
    state_.Error(Rule::kIndexOption, span, fmt::format("@index on {} {}", checked_.Path(), why),
                 std::move(suggestion));
  }

  const CheckedProperty& checked_;
  CheckState& state_;
  IndexOptions options_;
};

}  // namespace

IndexOptions CheckIndexOptions(const AnnotationAst& annotation, const CheckedProperty& checked,
                               CheckState& state) {
  OptionReader reader(checked, state);
  for (const KeywordAst& keyword : annotation.keywords) reader.Read(keyword);
  return reader.Take();
}

}  // namespace tarn::schema
