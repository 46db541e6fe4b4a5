#include "tarn/cli/inputs.h"

#include <cerrno>
#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <istream>
#include <sstream>

#include <sys/stat.h>

namespace tarn::cli {

namespace {

Result<std::string> ReadFile(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) {
    return Error(ErrorId::kFileUnreadable, "cannot read '{}': {}", path, std::strerror(errno));
  }
  if (S_ISDIR(info.st_mode))
    return Error(ErrorId::kFileUnreadable, "cannot read '{}': it is a folder", path);
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return Error(ErrorId::kFileUnreadable, "cannot read '{}': {}", path, std::strerror(errno));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return Error(ErrorId::kFileUnreadable, "reading '{}' failed midway", path);
  return text.str();
}

}  // namespace

Result<SourceText> ReadInput(const Invocation& invocation, const std::string& path) {
  if (path != "-") {
    TARN_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
    return SourceText(path, std::move(text));
  }
  std::ostringstream text;
  text << invocation.streams.in.rdbuf();
  return SourceText("<stdin>", std::move(text).str());
}

Result<uint64_t> ParseCount(const std::string& flag, const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Error(ErrorId::kUsage, "{} takes a whole number, not '{}'", flag, text);
  }
  return value;
}

Result<std::chrono::milliseconds> ParseDuration(const std::string& text) {
  struct Unit {
    std::string_view suffix;
    int64_t ms;
  };
  // Longer suffixes first: "ms" ends in "s" too.
  constexpr Unit kUnits[] = {{"ms", 1},        {"s", 1000},       {"m", 60'000},
                             {"h", 3'600'000}, {"d", 86'400'000}, {"w", 604'800'000}};
  constexpr int64_t kMsMax = int64_t{604'800'000} * 520;  // ten years keep every sum in range
  for (const Unit& unit : kUnits) {
    if (text.size() <= unit.suffix.size() || !text.ends_with(unit.suffix)) continue;
    const std::string digits = text.substr(0, text.size() - unit.suffix.size());
    int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size() || count < 0) continue;
    if (count > kMsMax / unit.ms)
      return Error(ErrorId::kUsage, "'{}' is longer than ten years", text);
    return std::chrono::milliseconds(count * unit.ms);
  }
  return Error(ErrorId::kUsage, "'{}' is not a duration", text)
      .WithHint("write 500ms, 30s, 90m, 24h, 7d or 2w");
}

Result<std::unique_ptr<engine::Database>> OpenDatabase(const Invocation& invocation,
                                                       catalog::Access access) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  engine::OpenOptions options{
      .access = access,
      .count_local_calls = invocation.args.Has("--cost") || invocation.args.Has("--analyze")};
  if (MemoryBudget* const memory = invocation.request.budget; memory != nullptr) {
    options.memory = memory;
    options.resident_bytes_max = std::min(options.resident_bytes_max, memory->bytes_max() / 2);
  }
  return engine::Database::Open(invocation.request, uri, options);
}

namespace {

/// "v12" and "@2026-05-01" mean something else on each branch.
bool IsOfOneBranch(std::string_view ref) {
  const bool is_version = ref.size() > 1 && ref[0] == 'v' &&
                          ref.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return is_version || ref.starts_with("@");
}

}  // namespace

Result<engine::ReadTarget> TargetOf(const Invocation& invocation) {
  engine::ReadTarget target;
  const auto branch = invocation.args.Get("--branch");
  target.as_of = invocation.args.Get("--snapshot");
  if (branch && target.as_of && !IsOfOneBranch(*target.as_of)) {
    return Error(ErrorId::kUsage, "--branch and --snapshot exclude each other")
        .WithHint("A commit or a tag is of one branch; only a version or a time needs --branch.");
  }
  if (branch) target.branch = *branch;
  return target;
}

Result<int64_t> MemoryOf(const Invocation& invocation, int64_t fallback) {
  const auto text = invocation.args.Get("--memory-mib");
  if (!text) return fallback;
  TARN_ASSIGN_OR_RETURN(const uint64_t mib, ParseCount("--memory-mib", *text));
  constexpr uint64_t kMibMax = uint64_t{1} << 32;
  if (mib == 0 || mib > kMibMax)
    return Error(ErrorId::kUsage, "--memory-mib must lie between 1 and {}", kMibMax);
  return static_cast<int64_t>(mib << 20);
}

}  // namespace tarn::cli
