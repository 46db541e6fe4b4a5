// The power is cut while a writer works: what it has not made durable is gone, in part or whole.
// What it acknowledged is there; the rest is the old state or the new one.
//
// The calls of a real process are recorded with strace and replayed on a disk that keeps nothing
// else than what it was told to keep. TARN_POWER_CUTS (a number) chooses how many per writer.
//
// req: WRITE-2, WRITE-51, OPS-18; invariant: R7

#include <algorithm>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "child.h"
#include "oracle.h"
#include "trace.h"
#include "weak_disk.h"

namespace tarn::crash {
namespace {

constexpr size_t kSampledCuts = 3;
constexpr uint32_t kSeed = 11;
constexpr WeakDisk::Luck kLucks[] = {WeakDisk::Luck::kNone, WeakDisk::Luck::kSome,
                                     WeakDisk::Luck::kNames, WeakDisk::Luck::kAll};

size_t CutsWanted() {
  const char* wanted = std::getenv("TARN_POWER_CUTS");
  return wanted == nullptr ? kSampledCuts : std::atoi(wanted);
}

/// The moment of the answer; the end when there was none.
size_t AnswerIn(const std::vector<DiskOp>& ops) {
  const auto mark = std::ranges::find_if(
      ops, [](const DiskOp& op) { return op.data.find(kAcknowledged) != std::string::npos; });
  return mark - ops.begin();
}

size_t SyncsIn(const std::vector<DiskOp>& ops, size_t begin, size_t end) {
  return std::count_if(ops.begin() + begin, ops.begin() + end,
                       [](const DiskOp& op) { return op.kind == DiskOp::Kind::kSync; });
}

/// What a child of this role did to `folder`.
std::vector<DiskOp> Record(const std::filesystem::path& folder, const std::filesystem::path& log,
                           const std::vector<std::string>& words) {
  const Answer answer = WaitFor(Start(words, TraceArguments(log)));
  EXPECT_EQ(answer, kDone);
  auto ops = ReadTrace(log, folder);
  EXPECT_TRUE(ops.ok()) << ops.status().ToString();
  if (!ops.ok()) return {};
  EXPECT_LT(AnswerIn(*ops), ops->size()) << "the answer is not in the trace";
  return std::move(*ops);
}

/// Where the power is cut, and how kind the disk is.
struct Cut {
  size_t after = 0;  ///< this many changes
  WeakDisk::Luck luck = WeakDisk::Luck::kNone;
};

/// Right after the answer with nothing else kept; and others, most of them before it.
std::vector<Cut> CutsOf(const std::vector<DiskOp>& ops, std::mt19937& random) {
  const size_t answer = AnswerIn(ops);
  std::vector<Cut> cuts = {{.after = answer + 1, .luck = WeakDisk::Luck::kNone}};
  while (cuts.size() < CutsWanted()) {
    cuts.push_back(
        {.after = random() % (ops.size() + 1), .luck = kLucks[random() % std::size(kLucks)]});
  }
  return cuts;
}

class PowerTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!CanTrace()) GTEST_SKIP() << "strace is not there, or may not trace processes here";
  }

  static void Replay(const std::filesystem::path& before, const std::vector<DiskOp>& ops,
                     const Cut& cut, std::mt19937& random, const std::filesystem::path& folder) {
    WeakDisk disk(before);
    for (size_t i = 0; i < cut.after; ++i) {
      const Status applied = disk.Apply(ops[i]);
      ASSERT_TRUE(applied.ok()) << applied.ToString();
    }
    disk.CutPower(cut.luck, random, folder);
  }

  std::mt19937 random_{kSeed};
};

TEST_F(PowerTest, EveryWriterSurvivesACut) {
  Oracle oracle;
  size_t cuts = 0;
  for (const Writer& writer : Writers()) {
    SCOPED_TRACE(writer.name);
    Scratch scratch;
    const auto before = scratch.path() / "before";
    const auto folder = scratch.path() / "wh";
    oracle.Prepare(writer, before);
    std::filesystem::copy(before, folder, std::filesystem::copy_options::recursive);
    const auto ops = Record(folder, scratch.path() / "log", {"durable", folder, writer.name});
    ASSERT_FALSE(ops.empty());
    oracle.Accept(writer, folder);
    std::printf("%-14s %4zu changes, %3zu syncs before the answer\n", writer.name.c_str(),
                ops.size(), SyncsIn(ops, 0, AnswerIn(ops)));
    for (const Cut& cut : CutsOf(ops, random_)) {
      SCOPED_TRACE(fmt::format("cut after {} of {} changes, luck {}", cut.after, ops.size(),
                               static_cast<int>(cut.luck)));
      const auto left = scratch.path() / fmt::format("cut-{}", cuts++);
      Replay(before, ops, cut, random_, left);
      const Answer answer = cut.after > AnswerIn(ops) ? kDone : kUnknown;
      oracle.ExpectEither(left, writer.name, answer);
      oracle.ExpectWhole(left, writer.name, answer);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(PowerTest, AnInitSurvivesACut) {
  Scratch scratch;
  const auto before = scratch.path() / "before";
  const auto folder = scratch.path() / "wh";
  std::filesystem::create_directories(before);
  std::filesystem::create_directories(folder);
  const auto ops = Record(folder, scratch.path() / "log", {"init", folder});
  ASSERT_FALSE(ops.empty());
  size_t cuts = 0;
  for (const Cut& cut : CutsOf(ops, random_)) {
    SCOPED_TRACE(fmt::format("cut after {} of {} changes, luck {}", cut.after, ops.size(),
                             static_cast<int>(cut.luck)));
    const auto left = scratch.path() / fmt::format("cut-{}", cuts++);
    Replay(before, ops, cut, random_, left);
    auto opened = OpenAt(left, Path::kFile, catalog::Access::kReadWrite);
    if (cut.after > AnswerIn(ops)) {
      EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    }
    if (!opened.ok()) {
      ASSERT_EQ(opened.status().id(), ErrorId::kWarehouseNotFound) << opened.status().ToString();
      const Status again = MakeWarehouse(left, catalog::Durability::kProcess);
      ASSERT_TRUE(again.ok()) << again.ToString();
      opened = OpenAt(left, Path::kFile, catalog::Access::kReadWrite);
    }
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    const Status added = AddNote({}, **opened, "first");
    EXPECT_TRUE(added.ok()) << added.ToString();
    const Status swept = SweepUp(**opened);
    EXPECT_TRUE(swept.ok()) << swept.ToString();
  }
}

// The disk is as weak as it claims to be, else the tests above show nothing.
TEST(WeakDisk, KeepsOnlyWhatItWasToldToKeep) {
  using Kind = DiskOp::Kind;
  Scratch scratch;
  std::mt19937 random(kSeed);
  WeakDisk disk(scratch.path());
  const std::vector<DiskOp> ops = {
      {.kind = Kind::kMakeFolder, .path = "d"},
      {.kind = Kind::kOpen, .path = "d/named"},
      {.kind = Kind::kWrite, .path = "d/named", .data = "bytes"},
      {.kind = Kind::kSync, .path = "d"},
      {.kind = Kind::kSync, .path = ""},
      {.kind = Kind::kOpen, .path = "d/full"},
      {.kind = Kind::kWrite, .path = "d/full", .data = "bytes"},
      {.kind = Kind::kSync, .path = "d/full"},
  };
  for (const DiskOp& op : ops) ASSERT_TRUE(disk.Apply(op).ok());
  const auto after = [&](WeakDisk::Luck luck) {
    Scratch cut;
    disk.CutPower(luck, random, cut.path());
    const auto size = [&](const char* name) {
      const auto file = cut.path() / name;
      return std::filesystem::exists(file) ? int(std::filesystem::file_size(file)) : -1;
    };
    return std::pair(size("d/named"), size("d/full"));
  };
  EXPECT_EQ(after(WeakDisk::Luck::kNone), std::pair(0, -1)) << "a name without bytes, and no name";
  EXPECT_EQ(after(WeakDisk::Luck::kNames), std::pair(0, 5));
  EXPECT_EQ(after(WeakDisk::Luck::kAll), std::pair(5, 5));
  EXPECT_FALSE(disk.Apply({.kind = Kind::kSync, .path = "none"}).ok());
}

}  // namespace
}  // namespace tarn::crash
