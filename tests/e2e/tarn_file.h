#pragma once

#include <string>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::e2e {

/// One step of a text test.
///
///   VERB WORDS...            # a line
///   body lines               # up to a line of four dashes, if the verb takes a body
///   ----
///   expected lines           # up to a blank line
struct Step {
  int line = 0;
  std::string verb;  ///< schema apply load gq mutate explain reopen as-of head commits export on
                     ///< branch tag branches merge
  std::vector<std::string> words;  ///< the rest of the line; a {...} JSON object stays one word
  std::string body;
  std::vector<std::string> expected;
};

struct TarnFile {
  std::string path;
  std::vector<Step> steps;
};

/// kInvalidArgument names the line that makes no sense.
Result<TarnFile> ReadTarnFile(const std::string& path);

}  // namespace tarn::e2e
