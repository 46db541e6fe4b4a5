#include "child.h"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "bridge.h"

namespace tarn::guard {
namespace {

std::string FileBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Redoes an encoded transaction: args = uri, branch, expected version, file with the encoded form.
int Redo(const std::vector<std::string>& args) {
  const Session session = NewSession().value;
  const std::string ref = args[1].empty() ? "" : R"({"branch":")" + args[1] + R"("})";
  const Got<Dataset> base = Open(session.get(), args[0], ref);
  const Got<Tx> tx = Decode(FileBytes(args[3]));
  if (!base.value || !tx.value) return 10;
  Error error;
  if (tlb_tx_verify(nullptr, session.get(), Text(args[0]), tx.value.get(), error.out()) != TLB_OK)
    return 11;
  const Got<Dataset> done = Commit(base.value.get(), tx.value.get(), std::stoull(args[2]), "");
  return done.outcome.code == TLB_OK ? 0 : 20 + done.outcome.code;
}

/// Dies inside a commit: args = uri, fault script. The store must see the faults, so files go
/// through it.
int CrashInCommit(const std::vector<std::string>& args) {
  const Session session = NewSession(R"({"through_store":true})").value;
  const Got<Dataset> base = Open(session.get(), args[0]);
  if (!base.value) return 10;
  const Got<Tx> tx = StageAppend(base.value.get(), Numbered(100, 101));
  if (!tx.value) return 11;
  const Faults faults(args[1]);
  Commit(base.value.get(), tx.value.get(), tlb_ds_version(base.value.get()), "");
  return 12;
}

}  // namespace

int RunChild(std::string_view role, const std::vector<std::string>& args) {
  if (role == "redo") return Redo(args);
  if (role == "crash") return CrashInCommit(args);
  return 2;
}

int SpawnChild(std::string_view role, const std::vector<std::string>& args) {
  std::vector<std::string> words = {"guard_test", "--child", std::string(role)};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execv("/proc/self/exe", argv.data());
    _exit(127);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace tarn::guard
