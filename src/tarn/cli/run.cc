#include "tarn/cli/run.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <sstream>

#include "tarn/base/source.h"
#include "tarn/cli/command.h"
#include "tarn/cli/help.h"
#include "tarn/cli/parse_arguments.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
constexpr int kExitPrecondition = 4;

std::vector<std::string> SplitPath(const std::string& path) {
  std::istringstream words(path);
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

/// The verb whose words begin the line; the longest match wins.
const Command* FindCommand(const std::vector<std::string>& arguments) {
  const Command* best = nullptr;
  size_t best_words = 0;
  for (const Command& command : Commands()) {
    const std::vector<std::string> path = SplitPath(command.path);
    if (path.size() <= arguments.size() && path.size() > best_words &&
        std::equal(path.begin(), path.end(), arguments.begin())) {
      best = &command;
      best_words = path.size();
    }
  }
  return best;
}

int UnknownVerb(const std::vector<std::string>& arguments, const Streams& streams) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) verbs.push_back(command.path);
  const std::string tried = arguments.size() > 1 && arguments[1].rfind("-", 0) != 0
                                ? arguments[0] + " " + arguments[1]
                                : arguments[0];
  std::string near = NearestName(tried, verbs);
  if (near.empty()) near = NearestName(arguments[0], verbs);
  streams.err << "error: no verb '" << arguments[0] << "'\n";
  if (!near.empty()) streams.err << "hint: did you mean `tarn " << near << "`?\n";
  streams.err << "`tarn help` lists the verbs\n";
  return kExitUsage;
}

int ExitCode(const Status& status) {
  if (status.id() == ErrorId::kUsage) return kExitUsage;
  return status.id() == ErrorId::kPreconditionFailed ? kExitPrecondition : kExitFailure;
}

int Fail(const Status& status, bool json, const Streams& streams) {
  if (json) streams.out << wire::ErrorJson(status);
  streams.err << "error TARN-" << status.number() << ": " << status.message();
  for (const std::string& doing : status.trail()) streams.err << " (while " << doing << ")";
  streams.err << "\n";
  if (!status.hint().empty()) streams.err << "hint: " << status.hint() << "\n";
  return ExitCode(status);
}

bool Wants(const std::vector<std::string>& words, std::initializer_list<std::string_view> any) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(any.begin(), any.end(), word) != any.end();
  });
}

}  // namespace

int Run(const std::vector<std::string>& arguments, const Streams& streams) {
  if (arguments.empty() || arguments[0] == "help" || arguments[0] == "--help" ||
      arguments[0] == "-h") {
    streams.out << (Wants(arguments, {"--markdown"}) ? ReferencePage() : ProgramHelp());
    return arguments.empty() ? kExitUsage : 0;
  }
  if (arguments[0] == "--version" || arguments[0] == "-v") return Run({"version"}, streams);
  const Command* command = FindCommand(arguments);
  if (command == nullptr) return UnknownVerb(arguments, streams);
  const std::vector<std::string> words(
      arguments.begin() + static_cast<ptrdiff_t>(SplitPath(command->path).size()), arguments.end());
  if (Wants(words, {"--help", "-h"})) {
    streams.out << CommandHelp(*command);
    return 0;
  }
  const bool json = Wants(words, {"--json"});
  Result<Arguments> parsed = ParseArguments(*command, words);
  if (!parsed.ok()) return Fail(parsed.status(), json, streams);
  Invocation invocation{
      .args = *parsed, .streams = streams, .request = {}, .quiet = parsed->Has("--quiet")};
  invocation.request.actor = parsed->Get("--as").value_or("local");
  const Result<int> code = command->run(invocation);
  streams.out.flush();
  if (!code.ok()) return Fail(code.status(), json, streams);
  return *code;
}

Result<std::string> StoreUri(const Invocation& invocation) {
  const std::optional<std::string> flag = invocation.args.Get("--store");
  const std::optional<std::string> positional = invocation.args.Get("URI");
  if (flag && positional)
    return Error(ErrorId::kUsage, "the warehouse is named twice: '{}' and --store '{}'",
                 *positional, *flag);
  if (!flag && !positional) {
    return Error(ErrorId::kUsage, "no warehouse is named")
        .WithHint("give its folder: --store ./harbour");
  }
  const std::string uri = flag ? *flag : *positional;
  if (uri.rfind("http://", 0) == 0 || uri.rfind("https://", 0) == 0) {
    return Error(ErrorId::kUsage, "'{}' is a server, not a warehouse", uri)
        .WithHint("this version opens warehouses directly: give a folder or a file:// address");
  }
  if (uri.rfind("s3://", 0) == 0) {
    return Error(ErrorId::kUnsupported,
                 "this build opens local folders only; '{}' needs the bridge's aws feature", uri);
  }
  return uri;
}

}  // namespace tarn::cli
