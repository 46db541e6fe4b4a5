#include "tarn/cli/selection.h"

#include <chrono>

#include "tarn/cli/inputs.h"

namespace tarn::cli {
namespace {

Result<SourceText> SourceOf(const Invocation& invocation) {
  const auto file = invocation.args.Get("--query");
  const auto text = invocation.args.Get("--expression");
  if (file && text) return Error(ErrorId::kUsage, "--query and -e exclude each other");
  if (text) return SourceText("<expression>", *text);
  if (!file) {
    return Error(ErrorId::kUsage, "no query is given")
        .WithHint("--query FILE, or -e 'query q() { ... }'");
  }
  TARN_ASSIGN_OR_RETURN(std::string read, ReadFile(*file));
  return SourceText(*file, std::move(read));
}

}  // namespace

Result<Selection> Select(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(SourceText source, SourceOf(invocation));
  Selection selection{.source = std::move(source)};
  selection.name = invocation.args.Get("NAME").value_or("");
  selection.params = invocation.args.Get("--params").value_or("");
  if (const auto file = invocation.args.Get("--params-file")) {
    if (!selection.params.empty())
      return Error(ErrorId::kUsage, "--params and --params-file exclude each other");
    TARN_ASSIGN_OR_RETURN(selection.params, ReadFile(*file));
  }
  if (const auto timeout = invocation.args.Get("--timeout")) {
    TARN_ASSIGN_OR_RETURN(const std::chrono::milliseconds limit, ParseDuration(*timeout));
    invocation.request.deadline = std::chrono::steady_clock::now() + limit;
  }
  return selection;
}

}  // namespace tarn::cli
