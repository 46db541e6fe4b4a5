#pragma once

// A small analyser for unit tests: lower-case ASCII words without "the", "a" and "of".

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/search/resident.h"

namespace tarn::search {

inline std::vector<std::string> PlainWords(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty() && word != "the" && word != "a" && word != "of") words.push_back(word);
    word.clear();
  };
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) == 0) {
      finish();
    } else {
      word.push_back(byte < 0x80 ? static_cast<char>(std::tolower(byte)) : c);
    }
  }
  finish();
  return words;
}

inline Result<std::vector<std::vector<std::string>>> AnalysePlainly(
    const std::vector<std::string_view>& texts, std::string_view) {
  std::vector<std::vector<std::string>> words;
  for (std::string_view text : texts) words.push_back(PlainWords(text));
  return words;
}

}  // namespace tarn::search
