#include "tarn/search/default_analyser.h"

#include <array>

#include <fmt/ranges.h>

#include "tarn/lance/bridge_tokenize.h"

namespace tarn::search {
namespace {

struct Named {
  std::string_view name;
  std::string_view parameters;
};

constexpr std::array<Named, 5> kNamed = {{
    {"simple",
     R"({"base_tokenizer":"simple","with_position":false,"max_token_length":40,"lower_case":true,)"
     R"("stem":false,"remove_stop_words":false,"ascii_folding":true})"},
    {"whitespace",
     R"({"base_tokenizer":"whitespace","with_position":false,"max_token_length":40,"lower_case":true,)"
     R"("stem":false,"remove_stop_words":false,"ascii_folding":true})"},
    {"raw",
     R"({"base_tokenizer":"raw","with_position":false,"max_token_length":null,"lower_case":false,)"
     R"("stem":false,"remove_stop_words":false,"ascii_folding":false})"},
    {"ngram",
     R"({"base_tokenizer":"ngram","with_position":false,"max_token_length":40,"lower_case":true,)"
     R"("stem":false,"remove_stop_words":false,"ascii_folding":true,"min_ngram_length":3,)"
     R"("max_ngram_length":3,"prefix_only":false})"},
    {"code",
     R"({"base_tokenizer":"code","with_position":false,"max_token_length":40,"lower_case":true,)"
     R"("stem":false,"remove_stop_words":false,"ascii_folding":true,"split_identifiers":true})"},
}};

constexpr std::array<std::string_view, 18> kLanguages = {
    "arabic",   "danish",  "dutch",     "english", "finnish",   "french",
    "german",   "greek",   "hungarian", "italian", "norwegian", "portuguese",
    "romanian", "russian", "spanish",   "swedish", "tamil",     "turkish"};

/// The default's parameters with another language.
std::string InLanguage(std::string_view language) {
  constexpr std::string_view kEnglish = R"("English")";
  std::string name(language);
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  std::string parameters(lance::kDefaultAnalyser);
  parameters.replace(parameters.find(kEnglish), kEnglish.size(), fmt::format(R"("{}")", name));
  return parameters;
}

}  // namespace

Result<std::string> AnalyserParameters(std::string_view name) {
  if (name.empty() || name == "default" || name == "text")
    return std::string(lance::kDefaultAnalyser);
  for (const Named& named : kNamed) {
    if (named.name == name) return std::string(named.parameters);
  }
  for (std::string_view language : kLanguages) {
    if (language == name) return InLanguage(language);
  }
  return Error(
      ErrorId::kInvalidArgument,
      "there is no analyser '{}'; there are default, simple, whitespace, raw, ngram, code, {}",
      name, fmt::join(kLanguages, ", "));
}

bool CountsRepeats(std::string_view parameters) {
  return parameters.find(R"("base_tokenizer":"ngram")") == std::string_view::npos;
}

Result<std::string> AnalyserParametersOf(const schema::NodeType& type, std::string_view property) {
  for (const schema::IndexConstraint& index : type.indexes) {
    if (index.columns.size() != 1 || index.columns[0] != property || !index.options.analyzer)
      continue;
    return AnalyserParameters(*index.options.analyzer);
  }
  return AnalyserParameters("");
}

}  // namespace tarn::search
