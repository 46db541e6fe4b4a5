#include "tarn/cli/help.h"

#include <algorithm>

#include <fmt/format.h>

#include "tarn/cli/parse_arguments.h"

namespace tarn::cli {
namespace {

constexpr std::string_view kWhat =
    "Tarn keeps a typed property graph, vectors and full text on the Lance format,\n"
    "with one atomic commit over all of them.\n";

std::string Wrapped(const std::string& text, size_t width) {
  std::string out;
  size_t column = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (column > 0 && column + 1 + word.size() > width) {
      out += '\n';
      column = 0;
    }
    if (column > 0) out += ' ', ++column;
    out += word;
    column += word.size();
    begin = end + 1;
  }
  return out;
}

std::string UsageLine(const Command& command) {
  std::string line = "tarn " + command.path;
  for (const Positional& positional : command.positionals) {
    line += positional.required ? " " + positional.name : " [" + positional.name + "]";
  }
  if (command.addressing == Addressing::kStoreFlag) line += " --store URI";
  for (const Flag& flag : command.flags) {
    if (flag.required) line += fmt::format(" {} {}", flag.name, flag.value);
  }
  return line + " [FLAG...]";
}

std::vector<std::pair<std::string, std::string>> Rows(const Command& command) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Positional& positional : command.positionals)
    rows.emplace_back(positional.name, positional.help);
  std::vector<Flag> flags = command.flags;
  if (command.addressing != Addressing::kNone) flags.push_back({"--store", "URI", "the warehouse"});
  flags.insert(flags.end(), GlobalFlags().begin(), GlobalFlags().end());
  for (const Flag& flag : flags) {
    rows.emplace_back(flag.value.empty() ? flag.name : flag.name + " " + flag.value,
                      flag.help + (flag.required ? " (required)" : ""));
  }
  return rows;
}

}  // namespace

std::string ProgramHelp() {
  std::string out(kWhat);
  out += "\nusage: tarn VERB [FLAG...]\n\n";
  for (const Command& command : Commands())
    out += fmt::format("  {:<14} {}\n", command.path, command.summary);
  out += "\n`tarn VERB --help` shows the flags and examples of a verb.\n";
  return out;
}

std::string CommandHelp(const Command& command) {
  std::string out =
      fmt::format("tarn {}: {}\n\nusage: {}\n", command.path, command.summary, UsageLine(command));
  if (!command.details.empty()) out += "\n" + Wrapped(command.details, 90) + "\n";
  if (!command.alias.empty()) out += fmt::format("\nalso written: tarn {}\n", command.alias);
  const auto rows = Rows(command);
  size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  out += "\n";
  for (const auto& [left, right] : rows) out += fmt::format("  {:<{}}  {}\n", left, width, right);
  out += "\nexamples:\n";
  for (const std::string& example : command.examples) out += "  " + example + "\n";
  return out;
}

std::string ReferencePage() {
  std::string out =
      "# The command line\n\nMade from the table in `src/tarn/cli/commands.cc` by `tarn help "
      "--markdown`; a test holds the "
      "two together.\n\nExit codes: 0 success, 1 failure, 2 usage error, 4 a lost `--if-commit`.\n";
  for (const Command& command : Commands()) {
    out += fmt::format("\n## tarn {}\n\n```text\n{}```\n", command.path, CommandHelp(command));
  }
  return out;
}

}  // namespace tarn::cli
