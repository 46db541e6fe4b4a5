#include "tarn/base/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace tarn {
namespace {
std::atomic<bool> throw_on_failure{false};
}  // namespace

void ThrowOnCheckFailure(bool on) { throw_on_failure.store(on, std::memory_order_relaxed); }

void FailCheck(const char* file, int line, const char* condition, const std::string& why) {
  std::string text = std::string(file) + ":" + std::to_string(line) + ": " + condition + ": " + why;
  if (throw_on_failure.load(std::memory_order_relaxed)) throw CheckFailure(text);
  std::fprintf(stderr, "tarn: internal check failed: %s\n", text.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace tarn
