#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "child.h"

int main(int argc, char** argv) {
  setenv("TARN_ENABLE_FAULTS", "1", /*overwrite=*/1);
  if (argc > 2 && std::strcmp(argv[1], "--child") == 0) {
    return tarn::crash::RunChild(std::vector<std::string>(argv + 2, argv + argc));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
