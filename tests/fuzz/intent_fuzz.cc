// Any bytes as an intent file: never a crash, and what is accepted is what EncodeIntent writes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tarn/base/check.h"
#include "tarn/catalog/digest.h"
#include "tarn/catalog/intent.h"
#include "tarn/catalog/layout.h"

namespace {

void Check(std::string_view text) {
  constexpr uint64_t kSlot = 12;
  const auto intent = tarn::catalog::DecodeIntent(tarn::catalog::IntentKey(kSlot), text);
  if (!intent.ok()) return;
  TARN_CHECK(intent->slot == kSlot, "an intent names its slot");
  const std::string again = tarn::catalog::EncodeIntent(*intent).value();
  const auto back = tarn::catalog::DecodeIntent(tarn::catalog::IntentKey(kSlot), again);
  TARN_CHECK(back.ok() && back->effects == intent->effects, "an accepted intent comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(text);
  // The same bytes behind a checksum that fits: the fuzzer will not find one by itself.
  Check(std::string(text) + ",\"checksum\":\"" + tarn::catalog::Sha256Hex(text) + "\"}");
  return 0;
}
