#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::lance {

/// How text is analysed unless an index says otherwise: split at what is no letter or digit, lower
/// case, ASCII folding, English stems and stop words, tokens over 40 characters dropped, no
/// positions. Source: graph-language.md §6.
inline constexpr std::string_view kDefaultAnalyser =
    R"({"base_tokenizer":"simple","language":"English","with_position":false,"max_token_length":40,)"
    R"("lower_case":true,"stem":true,"remove_stop_words":true,"ascii_folding":true})";

/// The tokens of each text, in order, exactly as Lance's inverted index would store them.
/// `analyser` is the JSON of its parameters, or empty for the default. kInvalidArgument for
/// parameters or bytes that Lance refuses.
Result<std::vector<std::vector<std::string>>> Tokenize(const std::vector<std::string_view>& texts,
                                                       std::string_view analyser = {});

}  // namespace tarn::lance
