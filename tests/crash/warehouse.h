#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tarn/engine/database.h"

/// A small warehouse on real storage, the kinds of writers there are, and what "whole" means.

namespace tarn::crash {

/// How local files are reached: as a user does, or through the object store, where fault scripts
/// see every call.
enum class Path : uint8_t { kFile, kThroughStore };

Result<std::unique_ptr<engine::Database>> OpenAt(
    const std::filesystem::path& folder, Path path, catalog::Access access,
    catalog::Durability durability = catalog::Durability::kProcess);

/// One way of changing a warehouse. `run` does it once.
struct Writer {
  std::string name;
  std::function<Status(const Request& request, engine::Database& database)> run;
  /// A program that does not know Tarn was here first: a version stands where Note must go.
  bool meets_stranger = false;
};
const std::vector<Writer>& Writers();
const Writer& WriterOf(const std::string& name);

/// Adds one node of this name to main.
Status AddNote(const Request& request, engine::Database& database, const std::string& name);

/// The same without anything that a new schema took away.
Status AddLater(const Request& request, engine::Database& database, const std::string& name);

/// Makes a warehouse without rows.
Status MakeWarehouse(const std::filesystem::path& folder, catalog::Durability durability);
/// Makes the warehouse that every writer can work on: rows, an edge, a branch, a tag, and files
/// that nothing names.
void MakeTemplate(const std::filesystem::path& folder);
/// A Lance client appends to the table of notes, beside Tarn.
void AppendBeside(const std::filesystem::path& folder);

/// Removes all that nothing names, however young; then nothing is left to remove.
Status SweepUp(engine::Database& database);

/// Everything a user can see, as one text: schemas and exports of all branches, their names, the
/// tags.
Result<std::string> SeenIn(engine::Database& database);
/// The names of the notes on main, sorted.
Result<std::vector<std::string>> NotesIn(engine::Database& database);

/// Every file below `folder` with its size and time of change: equal when nothing was written.
std::string FilesOf(const std::filesystem::path& folder);

/// A new folder that goes with this object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tarn::crash
