// Every .tarn file under every mode. Which rows of the requirements they show stands in the files
// themselves. req: GRAPH-10 GRAPH-12
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "player.h"

namespace tarn::e2e {
namespace {

namespace fs = std::filesystem;

const fs::path kTests = TARN_TESTS_FOLDER;

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(kTests / "e2e")) {
    if (entry.path().extension() == ".tarn") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class E2e : public testing::TestWithParam<Mode> {};

TEST_P(E2e, AnswersAsTheFilesSay) {
  const fs::path work =
      fs::temp_directory_path() / ("tarn-e2e-" + GetParam().name + "-" + std::to_string(getpid()));
  const std::vector<std::string> files = Files();
  ASSERT_FALSE(files.empty());
  size_t steps = 0;
  for (const std::string& path : files) {
    const Result<TarnFile> file = ReadTarnFile(path);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    steps += file->steps.size();
    fs::remove_all(work);
    for (const std::string& problem : Play(*file, GetParam(), kTests / "data", work))
      ADD_FAILURE() << problem;
  }
  fs::remove_all(work);
  std::cout << GetParam().name << ": " << files.size() << " files, " << steps << " steps\n";
}

std::vector<Mode> Modes() {
  auto modes = ReadModes((kTests / "modes").string());
  TARN_CHECK(modes.ok(), modes.status().ToString());
  return *modes;
}

INSTANTIATE_TEST_SUITE_P(Modes, E2e, testing::ValuesIn(Modes()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace tarn::e2e
