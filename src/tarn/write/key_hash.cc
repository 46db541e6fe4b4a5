#include "tarn/write/key_hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tarn::write {

KeyHash HashKey(std::string_view text, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(text.data(), text.size(), seed);
  return {hash.high64, hash.low64};
}

}  // namespace tarn::write
