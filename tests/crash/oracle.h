#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "warehouse.h"

/// The old state or the new one, never anything between, and everybody can go on.

namespace tarn::crash {

/// What a process answered that stopped in the middle, or did not: an ExitCode, or minus a signal.
using Answer = int;

class Oracle {
 public:
  Oracle();

  /// A copy of the warehouse that all writers begin with, ready for this one.
  void Prepare(const Writer& writer, const std::filesystem::path& folder) const;
  /// Runs the writer undisturbed, on a copy, and keeps what can be seen afterwards.
  void Learn(const Writer& writer, const Request& request, engine::Database& database,
             const std::filesystem::path& folder);
  /// The same of a folder in which it ran already.
  void Accept(const Writer& writer, const std::filesystem::path& folder);

  /// A reader sees the old state or the new one, what was answered holds, and nothing is written.
  void ExpectEither(const std::filesystem::path& folder, const std::string& writer,
                    Answer answer) const;
  /// The second writer: it gets in, and then nothing is pending, no table has drifted, and nothing
  /// stays behind that nothing names.
  void ExpectWhole(const std::filesystem::path& folder, const std::string& writer,
                   Answer answer) const;

 private:
  Scratch template_;
  std::string before_;
  std::map<std::string, std::string> after_;
};

}  // namespace tarn::crash
