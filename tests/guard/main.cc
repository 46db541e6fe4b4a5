#include <gtest/gtest.h>

#include "child.h"

/// The test binary is also the second process of the redo and crash guards: `guard_test --child
/// <role> <args...>`.
int main(int argc, char** argv) {
  if (argc >= 3 && std::string_view(argv[1]) == "--child") {
    return tarn::guard::RunChild(argv[2], {argv + 3, argv + argc});
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
