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

Result<std::unique_ptr<engine::Database>> OpenAt(const std::filesystem::path& folder, Path path,
                                                 catalog::Access access);

/// One way of changing a warehouse. `run` does it once.
struct Writer {
  std::string name;
  std::function<Status(const Request& request, engine::Database& database)> run;
};
const std::vector<Writer>& Writers();
const Writer& WriterOf(const std::string& name);

/// Adds one node of this name to main.
Status AddNote(const Request& request, engine::Database& database, const std::string& name);

/// Makes the warehouse that every writer can work on: rows, an edge, a branch and a tag.
void MakeTemplate(const std::filesystem::path& folder);

/// Everything a user can see, as one text: exports of all branches, their names, the tags.
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
