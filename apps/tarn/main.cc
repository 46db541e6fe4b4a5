#include <csignal>
#include <cstdlib>
#include <iostream>

#include <unistd.h>

#include "tarn/base/failpoint.h"
#include "tarn/cli/run.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE,
              SIG_IGN);  // a closed pipe becomes a failed write with an error, not a silent death
  if (const char* failpoints = std::getenv("TARN_FAILPOINTS")) {
    if (const tarn::Status armed = tarn::ArmFailpointsFromText(failpoints); !armed.ok()) {
      std::cerr << "error: TARN_FAILPOINTS: " << armed.ToString() << "\n";
      return 2;
    }
  }
  std::ios::sync_with_stdio(false);
  return tarn::cli::Run(std::vector<std::string>(argv + 1, argv + argc),
                        {std::cin, std::cout, std::cerr, isatty(STDERR_FILENO) == 1});
}
