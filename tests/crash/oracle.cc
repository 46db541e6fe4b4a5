#include "oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child.h"

namespace tarn::crash {
namespace {

std::string SeenAt(const std::filesystem::path& folder) {
  auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadOnly);
  EXPECT_TRUE(database.ok()) << database.status().ToString();
  if (!database.ok()) return "unreadable";
  auto seen = SeenIn(**database);
  EXPECT_TRUE(seen.ok()) << seen.status().ToString();
  return seen.ok() ? *seen : "unreadable";
}

/// What the storage shows of them: a name that was being written is hidden, and nobody's.
int IntentsIn(const std::filesystem::path& folder) {
  int intents = 0;
  std::error_code none;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder / "__recovery", none))
    intents += entry.path().extension() == ".json";
  return intents;
}

void ExpectNoDrift(engine::Database& database) {
  for (const std::string branch : {"main", "side"}) {
    EXPECT_EQ(database.Drift({}, branch).value().size(), 0u) << branch;
  }
}

}  // namespace

Oracle::Oracle() {
  MakeTemplate(template_.path());
  before_ = SeenAt(template_.path());
}

void Oracle::Prepare(const Writer& writer, const std::filesystem::path& folder) const {
  std::filesystem::copy(template_.path(), folder, std::filesystem::copy_options::recursive);
  if (writer.meets_stranger) AppendBeside(folder);
}

void Oracle::Learn(const Writer& writer, const Request& request, engine::Database& database,
                   const std::filesystem::path& folder) {
  const Status done = writer.run(request, database);
  EXPECT_TRUE(done.ok()) << writer.name << done.ToString();
  Accept(writer, folder);
}

void Oracle::Accept(const Writer& writer, const std::filesystem::path& folder) {
  after_[writer.name] = SeenAt(folder);
}

void Oracle::ExpectEither(const std::filesystem::path& folder, const std::string& writer,
                          Answer answer) const {
  const std::string files = FilesOf(folder);
  const std::string seen = SeenAt(folder);
  EXPECT_EQ(FilesOf(folder), files) << "a read-only open wrote something";
  const bool is_old = seen == before_;
  const bool is_new = seen == after_.at(writer);
  EXPECT_TRUE(is_old || is_new) << "neither old nor new:\n" << seen;
  if (answer == kDone) {
    EXPECT_TRUE(is_new) << "acknowledged, then gone";
  }
  if (answer == kRefused) {
    EXPECT_TRUE(is_old) << "refused, then there";
  }
}

void Oracle::ExpectWhole(const std::filesystem::path& folder, const std::string& writer,
                         Answer answer) const {
  {
    auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    const auto seen = SeenIn(**database);
    ASSERT_TRUE(seen.ok()) << seen.status().ToString();
    EXPECT_TRUE(*seen == before_ || *seen == after_.at(writer));
    if (answer == kDone) {
      EXPECT_EQ(*seen, after_.at(writer));
    }
    EXPECT_EQ((*database)->Pending({}).value().size(), 0u);
    if (!WriterOf(writer).meets_stranger) ExpectNoDrift(**database);
    const Status swept = SweepUp(**database);
    EXPECT_TRUE(swept.ok()) << swept.ToString();
    EXPECT_EQ(SeenIn(**database).value(), *seen) << "a sweep took what was named";
    const Status added = AddLater({}, **database, "later");
    EXPECT_TRUE(added.ok()) << added.ToString();
    EXPECT_THAT(NotesIn(**database).value(), testing::Contains("later"));
    ExpectNoDrift(**database);
  }
  EXPECT_EQ(IntentsIn(folder), 0) << "an intent stays";
}

}  // namespace tarn::crash
