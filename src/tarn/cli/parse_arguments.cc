#include "tarn/cli/parse_arguments.h"

#include <algorithm>
#include <list>

// The one translation unit that includes CLI11: it costs two seconds each.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tarn/base/source.h"

namespace tarn::cli {
namespace {

std::string SpelledName(const Flag& flag) {
  if (flag.name == "--expression") return "-e,--expression";
  if (flag.name == "--quiet") return "-q,--quiet";
  return flag.name;
}

struct Binding {
  std::string name;
  CLI::Option* option = nullptr;
  std::vector<std::string> values;
};

std::string UsageHint(const Command& command, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const Flag& flag : command.flags) known.push_back(flag.name);
  for (const Flag& flag : GlobalFlags()) known.push_back(flag.name);
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (name.rfind("--", 0) != 0 || std::find(known.begin(), known.end(), name) != known.end())
      continue;
    if (const std::string near = NearestName(name, known); !near.empty()) {
      return fmt::format("did you mean {}? `tarn {} --help` lists the flags", near, command.path);
    }
  }
  return fmt::format("`tarn {} --help` shows flags and examples", command.path);
}

void Bind(CLI::App& app, const Command& command, std::list<Binding>& bindings) {
  std::vector<Flag> flags = command.flags;
  if (command.addressing != Addressing::kNone) {
    flags.push_back({"--store", "URI", "the warehouse"});
  }
  flags.insert(flags.end(), GlobalFlags().begin(), GlobalFlags().end());
  for (const Flag& flag : flags) {
    Binding& binding = bindings.emplace_back(Binding{.name = flag.name});
    if (flag.value.empty()) {
      binding.option = app.add_flag(SpelledName(flag));
    } else {
      binding.option = app.add_option(SpelledName(flag), binding.values)->required(flag.required);
      // One value behind the flag; what follows is a positional, not a second value.
      binding.option->expected(1)->allow_extra_args(false);
      binding.option->multi_option_policy(flag.repeated ? CLI::MultiOptionPolicy::TakeAll
                                                        : CLI::MultiOptionPolicy::Throw);
    }
  }
  for (const Positional& positional : command.positionals) {
    Binding& binding = bindings.emplace_back(Binding{.name = positional.name});
    binding.option =
        app.add_option(positional.name, binding.values)->required(positional.required)->expected(1);
    binding.option->allow_extra_args(false);  // what follows is the next positional
  }
}

}  // namespace

const std::vector<Flag>& GlobalFlags() {
  static const std::vector<Flag> flags = {
      {"--as", "ACTOR", "who is recorded as the author of a commit (local)"},
      {"--quiet", "", "no notes and no progress on the error stream (also -q)"},
      {"--yes", "", "answer yes where a destructive verb would ask"},
  };
  return flags;
}

Result<Arguments> ParseArguments(const Command& command, const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  std::list<Binding> bindings;  // stable addresses: CLI11 writes into them
  Bind(app, command, bindings);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // what CLI11 wants
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::Error& error) {
    return Error(ErrorId::kUsage, "{}", error.what()).WithHint(UsageHint(command, words));
  }
  Arguments arguments;
  for (Binding& binding : bindings) {
    if (binding.option->count() > 0) arguments.Set(binding.name, std::move(binding.values));
  }
  return arguments;
}

}  // namespace tarn::cli
