// What memory allows: k-step reach over a plain adjacency, one thread, no strings. Deliberately
// naive. Usage: limit_csr FOLDER   reads edges.bin (uint32 pairs) and prints nanoseconds per
// operation as JSON.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(std::string(argv[1]) + "/edges.bin", std::ios::binary | std::ios::ate);
  std::vector<uint32_t> pairs(static_cast<size_t>(file.tellg()) / 4);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(pairs.data()), static_cast<std::streamsize>(pairs.size() * 4));

  using Clock = std::chrono::steady_clock;
  const auto nanos = [](Clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begin).count();
  };
  auto begin = Clock::now();
  const uint32_t vertices = *std::max_element(pairs.begin(), pairs.end()) + 1;
  std::vector<uint32_t> offsets(vertices + 1), targets(pairs.size() / 2);
  for (size_t i = 0; i < pairs.size(); i += 2) ++offsets[pairs[i] + 1];
  for (uint32_t v = 0; v < vertices; ++v) offsets[v + 1] += offsets[v];
  std::vector<uint32_t> next(offsets.begin(), offsets.end() - 1);
  for (size_t i = 0; i < pairs.size(); i += 2) targets[next[pairs[i]]++] = pairs[i + 1];
  std::printf("{\"build\":%lld", static_cast<long long>(nanos(begin)));

  std::vector<uint32_t> stamp(vertices, 0);
  uint32_t now = 0;
  uint64_t total = 0;
  for (int hops = 1; hops <= 3; ++hops) {
    begin = Clock::now();
    const uint32_t sources = 100;
    for (uint32_t s = 0; s < sources; ++s) {
      std::vector<uint32_t> frontier = {s * (vertices / sources)};
      stamp[frontier[0]] = ++now;
      for (int depth = 0; depth < hops; ++depth) {
        std::vector<uint32_t> reached;
        for (uint32_t v : frontier) {
          for (uint32_t i = offsets[v]; i < offsets[v + 1]; ++i) {
            if (stamp[targets[i]] == now) continue;
            stamp[targets[i]] = now;
            reached.push_back(targets[i]);
          }
        }
        total += reached.size();
        frontier = std::move(reached);
      }
    }
    std::printf(",\"within%d\":%lld", hops, static_cast<long long>(nanos(begin) / sources));
  }

  // Directed triangles a -> b -> c with a -> c: the neighbours of a are marked, then met again.
  begin = Clock::now();
  uint64_t triangles = 0;
  for (uint32_t a = 0; a < vertices; ++a) {
    ++now;
    for (uint32_t i = offsets[a]; i < offsets[a + 1]; ++i) stamp[targets[i]] = now;
    for (uint32_t i = offsets[a]; i < offsets[a + 1]; ++i) {
      const uint32_t b = targets[i];
      for (uint32_t j = offsets[b]; j < offsets[b + 1]; ++j) triangles += stamp[targets[j]] == now;
    }
  }
  std::printf(",\"triangles\":%lld", static_cast<long long>(nanos(begin)));
  std::printf(",\"found\":%llu}\n", static_cast<unsigned long long>(total + triangles));
}
