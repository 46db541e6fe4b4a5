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

std::vector<Flag> FlagsOf(const Command& command) {
  std::vector<Flag> flags = command.flags;
  if (command.addressing != Addressing::kNone) {
    flags.push_back({"--store", "URI", "the warehouse"});
  }
  flags.insert(flags.end(), GlobalFlags().begin(), GlobalFlags().end());
  return flags;
}

std::string HelpHint(const Command& command) {
  return fmt::format("`tarn {} --help` shows flags and examples", command.path);
}

Status UnknownFlag(const Command& command, const std::string& name) {
  std::vector<std::string> known;
  for (const Flag& flag : FlagsOf(command)) known.push_back(flag.name);
  const std::string near = NearestName(name, known);
  return Error(ErrorId::kUsage, "`tarn {}` has no flag {}", command.path, name)
      .WithHint(near.empty() ? HelpHint(command)
                             : fmt::format("did you mean {}? `tarn {} --help` lists the flags",
                                           near, command.path));
}

Status TooManyWords(const Command& command, const std::string& word) {
  if (command.addressing == Addressing::kStoreFlag) {
    return Error(ErrorId::kUsage, "one word too many: '{}'", word)
        .WithHint(fmt::format("`tarn {}` takes the warehouse as --store URI", command.path));
  }
  std::string files;
  for (const Flag& flag : command.flags) {
    if (flag.value == "FILE")
      files += fmt::format("{}{} FILE", files.empty() ? "" : ", ", flag.name);
  }
  return Error(ErrorId::kUsage, "one word too many: '{}'", word)
      .WithHint(files.empty() ? HelpHint(command) : "a file goes behind its flag: " + files);
}

/// The slips that CLI11 would name in its own words: a flag the verb does not have, a flag without
/// its value or given twice, a word too many, standard input promised twice.
Status CheckWords(const Command& command, const std::vector<std::string>& words) {
  const std::vector<Flag> flags = FlagsOf(command);
  std::vector<std::string> given;
  size_t positionals = 0;
  size_t from_input = 0;
  for (size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word.size() < 2 || word[0] != '-') {
      if (++positionals > command.positionals.size()) return TooManyWords(command, word);
      continue;
    }
    const bool is_long = word[1] == '-';
    const std::string name = is_long ? word.substr(0, word.find('=')) : word.substr(0, 2);
    const auto flag = std::find_if(flags.begin(), flags.end(), [&](const Flag& known) {
      return known.name == name || SpelledName(known).rfind(name + ",", 0) == 0;
    });
    if (flag == flags.end()) return UnknownFlag(command, name);
    if (flag->value.empty()) continue;
    if (!flag->repeated && std::find(given.begin(), given.end(), flag->name) != given.end())
      return Error(ErrorId::kUsage, "{} is given twice", flag->name);
    given.push_back(flag->name);
    if (name.size() < word.size()) continue;  // --name=value
    if (++at == words.size()) {
      return Error(ErrorId::kUsage, "{} needs a value: {} {}", flag->name, flag->name, flag->value)
          .WithHint(HelpHint(command));
    }
    if (words[at] == "-" && ++from_input > 1)
      return Error(ErrorId::kUsage, "standard input can be read once, not for {} too", flag->name);
  }
  return Status::Ok();
}

void Bind(CLI::App& app, const Command& command, std::list<Binding>& bindings) {
  for (const Flag& flag : FlagsOf(command)) {
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
  TARN_RETURN_IF_ERROR(CheckWords(command, words));
  CLI::App app;
  app.set_help_flag();
  std::list<Binding> bindings;  // stable addresses: CLI11 writes into them
  Bind(app, command, bindings);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // what CLI11 wants
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::Error& error) {
    return Error(ErrorId::kUsage, "{}", error.what()).WithHint(HelpHint(command));
  }
  Arguments arguments;
  for (Binding& binding : bindings) {
    if (binding.option->count() > 0) arguments.Set(binding.name, std::move(binding.values));
  }
  return arguments;
}

}  // namespace tarn::cli
