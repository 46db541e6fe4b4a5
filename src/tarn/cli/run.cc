#include "tarn/cli/run.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <sstream>

#include <fmt/format.h>

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

/// A verb, and how many words of the line name it.
struct Named {
  const Command* command = nullptr;
  size_t words = 0;
};

/// The verb whose words, or whose alias's, begin the line; the longest match wins.
Named FindCommand(const std::vector<std::string>& arguments) {
  Named best;
  for (const Command& command : Commands()) {
    for (const std::string& spelling : {command.path, command.alias}) {
      const std::vector<std::string> path = SplitPath(spelling);
      if (path.size() <= arguments.size() && path.size() > best.words &&
          std::equal(path.begin(), path.end(), arguments.begin())) {
        best = {&command, path.size()};
      }
    }
  }
  return best;
}

/// "`tarn commit list` or `tarn commit show`": the verbs of two words that begin with `word`.
std::string VerbsOfGroup(const std::string& word) {
  std::string verbs;
  for (const Command& command : Commands()) {
    if (command.path.rfind(word + " ", 0) != 0) continue;
    verbs += fmt::format("{}`tarn {}`", verbs.empty() ? "" : " or ", command.path);
  }
  return verbs;
}

Status UnknownVerb(const std::vector<std::string>& arguments) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) verbs.push_back(command.path);
  const bool two = arguments.size() > 1 && arguments[1].rfind("-", 0) != 0;
  const std::string tried = two ? arguments[0] + " " + arguments[1] : arguments[0];
  const std::string group = VerbsOfGroup(arguments[0]);
  std::string near = NearestName(tried, verbs);
  if (near.empty()) near = NearestName(arguments[0], verbs);
  std::string hint = !group.empty() ? fmt::format("write {}", group)
                     : near.empty() ? ""
                                    : fmt::format("did you mean `tarn {}`?", near);
  return Error(ErrorId::kUsage, "no verb '{}'", group.empty() ? arguments[0] : tried)
      .WithHint(hint + (hint.empty() ? "" : "; ") + "`tarn help` lists the verbs");
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
  // A diagnostic with its place has said the hint already.
  const bool said = status.message().find("= help: " + status.hint()) != std::string::npos;
  if (!status.hint().empty() && !said) streams.err << "hint: " << status.hint() << "\n";
  return ExitCode(status);
}

bool Wants(const std::vector<std::string>& words, std::initializer_list<std::string_view> any) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(any.begin(), any.end(), word) != any.end();
  });
}

/// `tarn help`, `tarn help VERB`, `tarn help --markdown`; `words` stand behind the first.
int Help(const std::vector<std::string>& words, const Streams& streams) {
  if (words.empty() || words[0].rfind("-", 0) == 0) {
    streams.out << (Wants(words, {"--markdown"}) ? ReferencePage() : ProgramHelp());
    return 0;
  }
  const Named named = FindCommand(words);
  if (named.command == nullptr) return Fail(UnknownVerb(words), false, streams);
  streams.out << CommandHelp(*named.command);
  return 0;
}

/// An answer that did not arrive is no success, whatever the verb says.
Status Delivered(const Streams& streams) {
  streams.out.flush();
  return streams.out ? Status::Ok()
                     : Error(ErrorId::kFileUnreadable,
                             "standard output took no more: it was closed, or its disk is full");
}

/// Actors are shown in lists, so they must not break a line or drive the terminal.
Status CheckActor(const std::string& actor) {
  const bool clean = std::none_of(actor.begin(), actor.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (clean && !actor.empty()) return Status::Ok();
  return Error(ErrorId::kUsage, "--as takes a name: not empty, and without control characters");
}

/// The flag that lifts a limit the verb ran into.
Status Advised(Status status) {
  if (!status.hint().empty()) return status;
  if (status.id() == ErrorId::kDeadlineExceeded)
    return std::move(status).WithHint("raise --timeout, or narrow the request");
  if (status.id() == ErrorId::kMemoryBudget)
    return std::move(status).WithHint("raise --memory-mib, or narrow the request");
  return status;
}

Result<int> RunCommand(const Command& command, const std::vector<std::string>& words,
                       const Streams& streams) {
  TARN_ASSIGN_OR_RETURN(const Arguments parsed, ParseArguments(command, words));
  Invocation invocation{
      .args = parsed, .streams = streams, .request = {}, .quiet = parsed.Has("--quiet")};
  invocation.request.actor = parsed.Get("--as").value_or("local");
  TARN_RETURN_IF_ERROR(CheckActor(invocation.request.actor));
  Result<int> code = command.run(invocation);
  if (!code.ok()) return Advised(std::move(code).status());
  TARN_RETURN_IF_ERROR(Delivered(streams));
  return *code;
}

}  // namespace

int Run(const std::vector<std::string>& arguments, const Streams& streams) {
  if (arguments.empty()) {
    streams.out << ProgramHelp();
    return kExitUsage;
  }
  if (arguments[0] == "help" || arguments[0] == "--help" || arguments[0] == "-h")
    return Help({arguments.begin() + 1, arguments.end()}, streams);
  if (arguments[0] == "--version" || arguments[0] == "-v") return Run({"version"}, streams);
  const bool json = Wants(arguments, {"--json"});
  const Named named = FindCommand(arguments);
  if (named.command == nullptr) return Fail(UnknownVerb(arguments), json, streams);
  const std::vector<std::string> words(arguments.begin() + static_cast<ptrdiff_t>(named.words),
                                       arguments.end());
  if (Wants(words, {"--help", "-h"})) {
    streams.out << CommandHelp(*named.command);
    return 0;
  }
  const Result<int> code = RunCommand(*named.command, words, streams);
  return code.ok() ? *code : Fail(code.status(), json, streams);
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
