#include "tarn/store/meter.h"

#include <initializer_list>
#include <string_view>

namespace tarn::store {
namespace {

std::string_view VerbOf(std::string_view key) { return key.substr(0, key.find('/')); }

uint64_t CountOf(const std::map<std::string, uint64_t>& calls,
                 std::initializer_list<std::string_view> verbs) {
  uint64_t sum = 0;
  for (const auto& [key, count] : calls) {
    for (std::string_view verb : verbs) sum += VerbOf(key) == verb ? count : 0;
  }
  return sum;
}

}  // namespace

uint64_t Cost::total() const {
  uint64_t sum = 0;
  for (const auto& [key, count] : calls) sum += count;
  return sum;
}

uint64_t Cost::reads() const { return CountOf(calls, {"get", "range", "head"}); }

uint64_t Cost::writes() const { return total() - reads() - lists(); }

uint64_t Cost::lists() const { return CountOf(calls, {"list"}); }

}  // namespace tarn::store
