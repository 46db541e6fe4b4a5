#include "tarn_file.h"

#include <algorithm>
#include <fstream>

namespace tarn::e2e {
namespace {

const std::vector<std::string> kVerbs = {
    "schema", "apply",   "load",   "gq", "mutate", "explain", "reopen",   "as-of",
    "head",   "commits", "export", "on", "branch", "tag",     "branches", "merge"};

std::vector<std::string> Words(const std::string& line) {
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ' ') {
      ++i;
      continue;
    }
    size_t end = line[i] == '{' ? line.size() : std::min(line.find(' ', i), line.size());
    words.push_back(line.substr(i, end - i));
    i = end;
  }
  return words;
}

}  // namespace

Result<TarnFile> ReadTarnFile(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Error(ErrorId::kInvalidArgument, "cannot read {}", path);
  TarnFile file{.path = path};
  enum class In { kNothing, kBody, kExpected } state = In::kNothing;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (state == In::kNothing) {
      if (line.empty() || line[0] == '#') continue;
      std::vector<std::string> words = Words(line);
      if (std::find(kVerbs.begin(), kVerbs.end(), words[0]) == kVerbs.end()) {
        return Error(ErrorId::kInvalidArgument, "{}:{}: no verb '{}'", path, number, words[0]);
      }
      Step step{.line = number, .verb = words[0]};
      step.words.assign(words.begin() + 1, words.end());
      file.steps.push_back(std::move(step));
      state = In::kBody;
    } else if (line == "----") {
      state = In::kExpected;
    } else if (line.empty()) {
      // A blank line ends the expected lines; inside a body it belongs to the body if a "----"
      // follows, which only multi-line bodies need, so bodies simply have none.
      state = In::kNothing;
    } else if (state == In::kBody) {
      file.steps.back().body += line + "\n";
    } else {
      file.steps.back().expected.push_back(line);
    }
  }
  return file;
}

}  // namespace tarn::e2e
