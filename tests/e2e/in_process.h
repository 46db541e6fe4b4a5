#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tarn/cli/run.h"

namespace tarn::e2e {

/// What one run of the program answered.
struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

/// The command line, run in this process with string streams.
inline Ran Tarn(const std::vector<std::string>& arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = cli::Run(arguments, {in, out, err, false});
  return {code, out.str(), err.str()};
}

}  // namespace tarn::e2e
