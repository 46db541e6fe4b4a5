// Any bytes as a stored topology: never a crash, and what is accepted can be walked.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tarn/base/check.h"
#include "tarn/search/topology_file.h"

namespace {

void Check(std::string bytes) {
  const auto topology = tarn::search::DecodeTopology(std::move(bytes));
  if (!topology.ok()) return;
  const tarn::search::Adjacency& lists = topology->lists;
  uint64_t edges = 0;
  for (tarn::search::Dense vertex = 0; vertex < lists.vertices(); ++vertex) {
    const auto numbers = lists.EdgesOf(vertex);
    for (uint32_t i = 0; i < numbers.size(); ++i, ++edges) {
      TARN_CHECK(numbers[i] < lists.neighbours.size(), "an accepted edge is one of the table's");
    }
  }
  TARN_CHECK(edges == lists.neighbours.size(), "every list is walked once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  Check(bytes);
  // The same bytes behind a checksum that fits: the fuzzer will not find one by itself.
  const uint64_t checksum = XXH3_64bits(data, size);
  std::string signed_bytes = "TARNCSR1";
  signed_bytes.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  Check(signed_bytes + bytes);
  return 0;
}
