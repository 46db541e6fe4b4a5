// Runs a fuzz target over the files and folders it is given, each file whole and cut at a few
// places: what CI does with the corpora, and how a found input is played again. The coverage-guided
// search is `./dev fuzz TARGET`.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

size_t runs = 0;

void RunBytes(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  ++runs;
}

void RunFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  RunBytes(bytes);
  constexpr size_t kCuts = 8;
  for (size_t i = 1; i < kCuts; ++i) RunBytes(bytes.substr(0, bytes.size() * i / kCuts));
  for (size_t i = 0; i < kCuts; ++i) {
    std::string flipped = bytes;
    if (flipped.empty()) break;
    flipped[flipped.size() * i / kCuts] ^= static_cast<char>(1u << i);
    RunBytes(flipped);
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::filesystem::path path = argv[i];
    if (!std::filesystem::is_directory(path)) {
      RunFile(path);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) RunFile(entry.path());
    }
  }
  std::printf("%zu inputs\n", runs);
  return runs > 0 ? 0 : 1;
}
