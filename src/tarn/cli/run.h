#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace tarn::cli {

/// Where a command reads and writes; tests give string streams.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;  ///< progress lines are drawn over themselves
};

/// Runs one command line (without the program's name). Returns the exit code: 0 success, 1 failure,
/// 2 usage error, 4 a lost --if-commit.
int Run(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace tarn::cli
