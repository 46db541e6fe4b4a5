#include "warehouse.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tarn/lance/bridge_table.h"
#include "tarn/store/bridge_session.h"

namespace tarn::crash {
namespace {

constexpr std::string_view kSchema =
    "node Note { name: String @key  text: String? }\n"
    "node Topic { name: String @key }\n"
    "edge About: Note -> Topic\n";

std::string Note(const std::string& name, const std::string& text) {
  return fmt::format(R"({{"type":"Note","data":{{"name":"{}","text":"{}"}}}})"
                     "\n",
                     name, text);
}
std::string Topic(const std::string& name) {
  return fmt::format(R"({{"type":"Topic","data":{{"name":"{}"}}}})"
                     "\n",
                     name);
}
std::string About(const std::string& note, const std::string& topic) {
  // An id of its own: what is seen is compared with another run.
  return fmt::format(R"({{"edge":"About","from":"{}","to":"{}","data":{{"id":"about-{}"}}}})"
                     "\n",
                     note, topic, note);
}

Status Load(const Request& request, engine::Database& database, const std::string& lines,
            write::LoadMode mode, const std::string& branch = "main") {
  const write::OpenInput input = [&lines]() -> Result<std::unique_ptr<std::istream>> {
    return std::unique_ptr<std::istream>(std::make_unique<std::istringstream>(lines));
  };
  return database.Load(request, input, {.mode = mode, .branch = branch}).status();
}

Status Mutate(const Request& request, engine::Database& database, const std::string& statements) {
  const SourceText source("crash.gq", fmt::format("query q() {{ {} }}", statements));
  return database.Mutate(request, {.source = &source}).status();
}

/// A column that rows get a value for, a renamed one, a type that goes and one that comes.
constexpr std::string_view kNextSchema =
    "node Note { name: String @key  body: String? @rename_from(text)  stars: I32 @default(3) }\n"
    "node Topic { name: String @key }\n"
    "node Author { name: String @key }\n";

/// Nothing is given up: only what nothing names goes.
constexpr catalog::CleanupOptions kSweep = {
    .keep = 1000, .confirm = true, .strays_older_than_micros = 0};

/// Two tables in one commit, so that half of one could be seen.
std::string Rows(const std::string& name) {
  return Note(name, "new") + Topic(name) + About(name, name);
}

}  // namespace

Result<std::unique_ptr<engine::Database>> OpenAt(const std::filesystem::path& folder, Path path,
                                                 catalog::Access access,
                                                 catalog::Durability durability) {
  engine::OpenOptions options;
  options.access = access;
  options.durability = durability;
  options.count_local_calls = path == Path::kThroughStore;
  return engine::Database::Open({}, folder.string(), options);
}

const std::vector<Writer>& Writers() {
  using engine::Database;
  static const std::vector<Writer> writers = {
      {"append",
       [](const Request& request, Database& database) {
         return Load(request, database, Rows("appended"), write::LoadMode::kAppend);
       }},
      {"merge",
       [](const Request& request, Database& database) {
         return Load(request, database, Note("first", "merged") + Rows("merged"),
                     write::LoadMode::kMerge);
       }},
      {"overwrite",
       [](const Request& request, Database& database) {
         return Load(request, database, Rows("only"), write::LoadMode::kOverwrite);
       }},
      {"branch-write",
       [](const Request& request, Database& database) {
         return Load(request, database, Rows("on-side"), write::LoadMode::kAppend, "side");
       }},
      {"branch-create",
       [](const Request& request, Database& database) {
         return database.CreateBranch(request, "another", "main").status();
       }},
      {"branch-delete",
       [](const Request& request, Database& database) {
         return database.DeleteBranch(request, "spare").status();
       }},
      {"branch-merge",
       [](const Request& request, Database& database) {
         return database.MergeBranch(request, "ready", "main", {}).status();
       }},
      {"tag-create",
       [](const Request& request, Database& database) {
         return database.CreateTag(request, "now", "main").status();
       }},
      {"optimize", [](const Request& request,
                      Database& database) { return database.Optimize(request, {}).status(); }},
      {"mutate",
       [](const Request& request, Database& database) {
         return Mutate(request, database,
                       R"(insert Topic { name: "fresh" }
                          update Note set { text: "changed" } where name = "first"
                          delete Note where name = "second")");
       }},
      {"schema-apply",
       [](const Request& request, Database& database) {
         return database.ApplySchema(request, SourceText("next.pg", std::string(kNextSchema)), {})
             .status();
       }},
      {"cleanup", [](const Request& request,
                     Database& database) { return database.Cleanup(request, kSweep).status(); }},
      {"undo",
       [](const Request& request, Database& database) {
         return Load(request, database, Rows("over-a-stranger"), write::LoadMode::kAppend);
       },
       /*meets_stranger=*/true},
      {"repair",
       [](const Request& request, Database& database) {
         return database.Repair(request, "main").status();
       },
       /*meets_stranger=*/true},
  };
  return writers;
}

const Writer& WriterOf(const std::string& name) {
  const auto& writers = Writers();
  const auto found = std::find_if(writers.begin(), writers.end(),
                                  [&](const Writer& writer) { return writer.name == name; });
  TARN_CHECK(found != writers.end(), "no such writer");
  return *found;
}

Status AddNote(const Request& request, engine::Database& database, const std::string& name) {
  return Load(request, database, Rows(name), write::LoadMode::kAppend);
}

Status AddLater(const Request& request, engine::Database& database, const std::string& name) {
  const std::string line = fmt::format(R"({{"type":"Note","data":{{"name":"{}"}}}})", name);
  return Load(request, database, line + "\n", write::LoadMode::kAppend);
}

Status MakeWarehouse(const std::filesystem::path& folder, catalog::Durability durability) {
  const SourceText schema("crash.pg", std::string(kSchema));
  engine::OpenOptions options;
  options.durability = durability;
  return engine::Database::Init({}, folder.string(), schema, false, options);
}

void MakeTemplate(const std::filesystem::path& folder) {
  ASSERT_TRUE(MakeWarehouse(folder, catalog::Durability::kProcess).ok());
  auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite).value();
  for (const char* name : {"first", "second", "third"}) {
    ASSERT_TRUE(AddNote({}, *database, name).ok());
  }
  for (const char* branch : {"side", "spare", "ready"}) {
    ASSERT_TRUE(database->CreateBranch({}, branch, "main").ok());
  }
  ASSERT_TRUE(
      Load({}, *database, Note("first", "ready") + Rows("ready"), write::LoadMode::kMerge, "ready")
          .ok());
  ASSERT_TRUE(AddNote({}, *database, "fourth").ok());
  ASSERT_TRUE(database->CreateTag({}, "begin", "main").ok());
  const auto topic = database->Pin({}, {})
                         .value()
                         .manifest()
                         .FindTable(catalog::TableKind::kNode, "Topic")
                         ->location;
  for (const std::string& left :
       {topic + "/data/left.lance", topic + "/data/.tmpAbCdEf", topic + "/_deletions/0-1-7.arrow",
        std::string("tables/01ARZ3NDEKTSV4RRFFQ69G5FAV.lance/data/a.lance"),
        std::string("_schema/01ARZ3NDEKTSV4RRFFQ69G5FAV.pg")}) {
    std::filesystem::create_directories((folder / left).parent_path());
    std::ofstream(folder / left) << "left";
  }
}

void AppendBeside(const std::filesystem::path& folder) {
  const auto location = OpenAt(folder, Path::kFile, catalog::Access::kReadOnly)
                            .value()
                            ->Pin({}, {})
                            .value()
                            .manifest()
                            .FindTable(catalog::TableKind::kNode, "Note")
                            ->location;
  const auto session = store::Session::Open(store::Environment::Open({}).value(), {}).value();
  const auto tables = lance::OpenBridgeTableStore(session);
  const auto table = tables->Open({}, (folder / location).string(), std::nullopt).value();
  auto staged = tables->StageAppend({}, *table, lance::StreamOf(table->schema(), {}), {}).value();
  ASSERT_TRUE(tables->CommitExact({}, *table, *staged, {}).ok());
}

Status SweepUp(engine::Database& database) {
  catalog::CleanedStrays strays;
  // A removal of versions may leave files that only they named to the next.
  for (int pass = 0; pass < 3; ++pass) {
    TARN_ASSIGN_OR_RETURN(const catalog::CleanupReport report, database.Cleanup({}, kSweep));
    strays = report.strays;
    if (strays.files == 0 && strays.error.empty()) return Status::Ok();
  }
  return Error(ErrorId::kInternal, "{} files stay: {} {}", strays.files,
               fmt::join(strays.paths, " "), strays.error);
}

Result<std::string> SeenIn(engine::Database& database) {
  TARN_ASSIGN_OR_RETURN(const auto branches, database.Branches({}));
  std::vector<std::string> lines;
  std::vector<std::string> names = {"main"};
  for (const catalog::BranchEntry& branch : branches) names.push_back(branch.name);
  for (const std::string& name : names) {
    lines.push_back("branch " + name);
    TARN_ASSIGN_OR_RETURN(const std::string schema,
                          database.SchemaSource({}, {.branch = name, .as_of = {}}));
    lines.push_back(fmt::format("{}: schema {}", name, schema));
    TARN_RETURN_IF_ERROR(
        database.Export({}, {.branch = name, .as_of = {}}, {}, [&](std::string_view line) {
          lines.push_back(fmt::format("{}: {}", name, line));
          return Status::Ok();
        }));
  }
  TARN_ASSIGN_OR_RETURN(const auto tags, database.Tags({}));
  for (const catalog::TagEntry& tag : tags) lines.push_back("tag " + tag.name);
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, "\n"));
}

Result<std::vector<std::string>> NotesIn(engine::Database& database) {
  std::vector<std::string> names;
  std::string text;
  TARN_RETURN_IF_ERROR(database.Export({}, {}, {"Note"}, [&](std::string_view piece) {
    text += piece;
    return Status::Ok();
  }));
  constexpr std::string_view kName = R"("name":")";
  for (size_t at = text.find(kName); at != text.npos; at = text.find(kName, at)) {
    at += kName.size();
    names.push_back(text.substr(at, text.find('"', at) - at));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string FilesOf(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files.push_back(fmt::format("{} {} {}", entry.path().string(), entry.file_size(),
                                entry.last_write_time().time_since_epoch().count()));
  }
  std::sort(files.begin(), files.end());
  return fmt::format("{}", fmt::join(files, "\n"));
}

Scratch::Scratch() {
  std::string name = (std::filesystem::temp_directory_path() / "tarn-crash-XXXXXX").string();
  TARN_CHECK(mkdtemp(name.data()) != nullptr, "no temporary folder");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace tarn::crash
