#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "trace.h"

/// A disk that keeps after a power cut only what was made durable, and of the rest whatever it
/// likes.

namespace tarn::crash {

/// The weakest file system that POSIX allows, but for two kindnesses that all have: a rename within
/// one folder happens or does not, and a byte that was not written is not read. So fsync of a file
/// keeps its bytes, not its name; fsync of a folder keeps the names in it; nothing else keeps
/// anything.
class WeakDisk {
 public:
  /// All that is in `folder` now is durable.
  explicit WeakDisk(const std::filesystem::path& folder);

  /// kInternal for a change that does not fit what is there: the trace is not understood.
  Status Apply(const DiskOp& op);

  /// How much of what is not durable survives a power cut.
  enum class Luck : uint8_t { kNone, kSome, kNames, kAll };
  /// Writes into the empty `folder` what is there after a power cut.
  void CutPower(Luck luck, std::mt19937& random, const std::filesystem::path& folder) const;

 private:
  struct Node {
    bool is_folder = false;
    std::string bytes;
    std::string durable;
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;
  /// Names of one folder that change together; null = the name goes.
  struct Change {
    std::string folder;
    std::vector<std::pair<std::string, std::shared_ptr<Node>>> names;
  };

  Result<std::shared_ptr<Node>> Find(const std::string& path) const;
  void Rename(std::vector<std::pair<std::string, std::shared_ptr<Node>>> names);
  Status Sync(const std::string& path);
  static void Set(Names& names, const Change& change);

  Names now_;  // by path
  Names durable_;
  std::vector<Change> pending_;
};

}  // namespace tarn::crash
