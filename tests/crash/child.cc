#include "child.h"

#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "tarn/store/bridge_session.h"
#include "warehouse.h"

namespace tarn::crash {
namespace {

int CodeOf(const Status& status) {
  if (status.ok()) return kDone;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.id() == ErrorId::kUnknownOutcome ? kUnknown : kRefused;
}

int Write(const std::string& folder, const std::string& writer, const std::string& script) {
  const auto environment = store::Environment::Open({});
  auto database = OpenAt(folder, Path::kThroughStore, catalog::Access::kReadWrite);
  if (!database.ok()) return CodeOf(database.status());
  if (const Status armed = (*environment)->ScriptFaults(script); !armed.ok()) return CodeOf(armed);
  return CodeOf(WriterOf(writer).run({}, **database));
}

/// On plain files, undisturbed by scripts: for signals.
int Run(const std::string& folder, const std::string& writer, catalog::Durability durability) {
  auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite, durability);
  if (!database.ok()) return CodeOf(database.status());
  return CodeOf(WriterOf(writer).run({}, **database));
}

int Acknowledged(int code) {
  if (code == kDone && ::write(STDOUT_FILENO, kAcknowledged.data(), kAcknowledged.size()) < 0)
    return kUnknown;
  return code;
}

int Recover(const std::string& folder, const std::string& script) {
  const auto environment = store::Environment::Open({});
  if (const Status armed = (*environment)->ScriptFaults(script); !armed.ok()) return CodeOf(armed);
  return CodeOf(OpenAt(folder, Path::kThroughStore, catalog::Access::kReadWrite).status());
}

/// A conflict with another appender is tried again; the log has a line only for what was answered.
int Append(const std::string& folder, const std::string& log, const std::string& prefix) {
  auto database = OpenAt(folder, Path::kFile, catalog::Access::kReadWrite);
  if (!database.ok()) return CodeOf(database.status());
  std::FILE* out = std::fopen(log.c_str(), "a");
  for (int i = 0;; ++i) {
    const std::string name = fmt::format("{}-{}", prefix, i);
    const Status added = AddNote({}, **database, name);
    if (!added.ok() && added.id() != ErrorId::kCommitConflict) return CodeOf(added);
    if (added.ok()) {
      std::fprintf(out, "%s\n", name.c_str());
      std::fflush(out);
    }
  }
}

}  // namespace

int RunChild(const std::vector<std::string>& words) {
  if (words[0] == "write") return Write(words[1], words[2], words[3]);
  using catalog::Durability;
  if (words[0] == "run") return Run(words[1], words[2], Durability::kProcess);
  if (words[0] == "durable") return Acknowledged(Run(words[1], words[2], Durability::kFull));
  if (words[0] == "init") return Acknowledged(CodeOf(MakeWarehouse(words[1], Durability::kFull)));
  if (words[0] == "recover") return Recover(words[1], words[2]);
  if (words[0] == "append") return Append(words[1], words[2], words[3]);
  return 127;
}

pid_t Start(const std::vector<std::string>& words, const std::vector<std::string>& under) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<std::string> all = under;
  all.insert(all.end(), {self, "--child"});
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[0], argv.data());
    _exit(127);
  }
  return child;
}

int WaitFor(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int RunAndWait(const std::vector<std::string>& words) { return WaitFor(Start(words)); }

}  // namespace tarn::crash
