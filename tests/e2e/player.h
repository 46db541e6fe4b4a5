#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "mode.h"
#include "tarn/engine/database.h"
#include "tarn_file.h"

namespace tarn::e2e {

/// What a step answered, in the terms of the expected lines.
struct Reply {
  Status status;
  std::vector<std::string>
      lines;  ///< a header and one line a row, fields joined by " | "; or plain lines
};

/// One way into the program: the engine's verbs, or the command line.
class Door {
 public:
  virtual ~Door() = default;
  virtual Status Init(const std::string& schema_path) = 0;
  virtual Reply Load(const std::string& mode, const std::string& data_path,
                     const std::string& branch) = 0;
  virtual Reply Apply(const std::string& schema_path, const std::string& branch) = 0;
  virtual Reply Query(const std::string& text, const std::string& name, const std::string& params,
                      const engine::ReadTarget& target) = 0;
  /// Answers "N nodes, M edges", and "no commit" behind it when none was made.
  virtual Reply Mutate(const std::string& text, const std::string& name, const std::string& params,
                       const std::string& branch) = 0;
  virtual Reply Explain(const std::string& text, const std::string& name,
                        const std::string& params) = 0;
  virtual Reply Export(const engine::ReadTarget& target) = 0;
  /// Of a branch, oldest first.
  virtual Result<std::vector<std::string>> CommitIds(const std::string& branch) = 0;
  /// `kind` is "branch" or "tag".
  virtual Status MakeName(const std::string& kind, const std::string& name,
                          const std::string& from) = 0;
  virtual Status DeleteName(const std::string& kind, const std::string& name) = 0;
  /// `keep` as the flag takes it. Answers what the program prints.
  virtual Reply Merge(const std::string& source, const std::string& target,
                      const std::vector<std::string>& keep) = 0;
  virtual Result<std::vector<std::string>> BranchNames() = 0;  ///< main among them, sorted
  virtual Status Reopen() = 0;
};

std::unique_ptr<Door> OpenEngineDoor(const Mode& mode, const std::filesystem::path& folder);
std::unique_ptr<Door> OpenCliDoor(const Mode& mode, const std::filesystem::path& folder);

/// Plays a file through a door; returns one line per mismatch, empty if all is as expected.
std::vector<std::string> Play(const TarnFile& file, const Mode& mode,
                              const std::filesystem::path& data_folder,
                              const std::filesystem::path& work_folder);

}  // namespace tarn::e2e
