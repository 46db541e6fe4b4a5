// Any bytes as the identity file and as a row of the manifest: never a crash, and what is accepted
// comes back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tarn/base/check.h"
#include "tarn/catalog/identity.h"
#include "tarn/catalog/manifest_codec.h"
#include "tarn/catalog/manifest_log.h"

namespace {

void CheckRow(const tarn::catalog::ManifestRow& row) {
  const auto content = tarn::catalog::DecodeRow(row);
  if (!content.ok()) return;
  const tarn::catalog::ManifestRow again = tarn::catalog::EncodeRow(row.seq, *content);
  TARN_CHECK(again.key == row.key && tarn::catalog::DecodeRow(again).ok(),
             "an accepted row comes back");
  tarn::catalog::ManifestLog log;
  (void)log.Advance(row.seq, {row, again});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto identity = tarn::catalog::DecodeIdentity(text); identity.ok()) {
    const auto back = tarn::catalog::DecodeIdentity(tarn::catalog::EncodeIdentity(*identity));
    TARN_CHECK(back.ok() && back->id == identity->id, "an accepted identity comes back");
  }
  const size_t end = text.find('\n');
  const std::string body = end == std::string::npos ? "" : text.substr(end + 1);
  CheckRow({.key = text.substr(0, end), .seq = 1, .body = body});
  for (const char* key : {"warehouse", "schema", "table/01ARZ3NDEKTSV4RRFFQ69G5FAV",
                          "commit/01ARZ3NDEKTSV4RRFFQ69G5FAV", "request/r"}) {
    CheckRow({.key = key, .seq = 7, .body = text});
  }
  return 0;
}
