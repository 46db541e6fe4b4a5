#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>
#include <sstream>

#include <unistd.h>

#include "tarn/cli/command.h"
#include "tarn/cli/inputs.h"
#include "tarn/wire/reports.h"

namespace tarn::cli {
namespace {

Result<write::LoadMode> ModeOf(const std::string& word) {
  if (word == "append") return write::LoadMode::kAppend;
  if (word == "merge") return write::LoadMode::kMerge;
  if (word == "overwrite") return write::LoadMode::kOverwrite;
  return Error(ErrorId::kUsage, "'{}' is not a load mode", word)
      .WithHint("--mode append, merge or overwrite");
}

/// Standard input or a pipe can be read once, so it is copied to a file that a second attempt can
/// open again.
class StreamCopy {
 public:
  static Result<StreamCopy> Make(std::istream& in) {
    StreamCopy copy;
    std::string pattern = (std::filesystem::temp_directory_path() / "tarn-stdin-XXXXXX").string();
    const int fd = mkstemp(pattern.data());
    if (fd < 0) return Error(ErrorId::kFileUnreadable, "cannot keep the input below {}", pattern);
    close(fd);
    copy.path_ = pattern;
    std::ofstream file(pattern, std::ios::binary);
    if (in.peek() != std::istream::traits_type::eof()) file << in.rdbuf();
    file.close();
    if (!file)
      return Error(ErrorId::kFileUnreadable, "cannot keep the input in {}: is the disk full?",
                   pattern);
    return copy;
  }
  StreamCopy(StreamCopy&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  StreamCopy& operator=(StreamCopy&&) = delete;
  ~StreamCopy() {
    if (!path_.empty()) std::filesystem::remove(path_);
  }
  const std::string& path() const { return path_; }

 private:
  StreamCopy() = default;
  std::string path_;
};

std::function<void(const write::LoadProgress&)> ProgressLine(const Invocation& invocation) {
  if (invocation.quiet || !invocation.streams.err_is_terminal) return nullptr;
  std::ostream& err = invocation.streams.err;
  return [&err](const write::LoadProgress& progress) {
    std::string share;
    if (progress.bytes_total > 0)
      share = fmt::format(" {:3.0f} %",
                          100.0 * double(progress.bytes_read) / double(progress.bytes_total));
    err << fmt::format("\r\033[K{}{}, {} records", progress.step, share, progress.records)
        << std::flush;
  };
}

/// Whether the branch is new.
Result<bool> MakeBranch(const Invocation& invocation, engine::Database& database,
                        const wire::LoadReport& report) {
  const Status made =
      database.CreateBranch(invocation.request, report.branch, *report.base_branch).status();
  if (!made.ok() && made.id() == ErrorId::kBranchExists) return false;
  TARN_RETURN_IF_ERROR(made);
  return true;
}

}  // namespace

Result<int> RunLoad(Invocation& invocation) {
  TARN_ASSIGN_OR_RETURN(const std::string uri, StoreUri(invocation));
  wire::LoadReport report{.uri = uri, .result = {}};
  TARN_ASSIGN_OR_RETURN(report.mode, ModeOf(*invocation.args.Get("--mode")));
  report.branch = invocation.args.Get("--branch").value_or("main");
  report.base_branch = invocation.args.Get("--from");
  if (report.base_branch && report.branch == "main")
    return Error(ErrorId::kUsage,
                 "--from makes a branch, and main is there: name one with --branch");
  invocation.request.request_id = invocation.args.Get("--request-id").value_or("");

  std::string path = *invocation.args.Get("--data");
  write::LoadOptions options{
      .mode = report.mode, .branch = report.branch, .source_name = path == "-" ? "<stdin>" : path};
  std::optional<StreamCopy> copy;
  std::error_code failed;
  const std::filesystem::file_status kind = std::filesystem::status(path, failed);
  if (path == "-" || (std::filesystem::exists(kind) && !std::filesystem::is_regular_file(kind) &&
                      !std::filesystem::is_directory(kind))) {
    std::ifstream pipe;
    if (path != "-") pipe.open(path, std::ios::binary);
    std::istream& in = path == "-" ? invocation.streams.in : pipe;
    TARN_ASSIGN_OR_RETURN(StreamCopy made, StreamCopy::Make(in));
    path = copy.emplace(std::move(made)).path();
  }
  options.bytes_total = std::filesystem::file_size(path, failed);
  if (failed)
    return Error(ErrorId::kFileUnreadable, "cannot read '{}': {}", path, failed.message());
  options.spill_folder = std::filesystem::temp_directory_path().string();
  options.progress = ProgressLine(invocation);
  TARN_ASSIGN_OR_RETURN(options.memory_bytes_max, MemoryOf(invocation, options.memory_bytes_max));

  TARN_ASSIGN_OR_RETURN(const auto database, OpenDatabase(invocation, catalog::Access::kReadWrite));
  if (!invocation.quiet) invocation.streams.err << "tarn load → " << uri << " (direct, local)\n";
  if (report.base_branch) {
    TARN_ASSIGN_OR_RETURN(report.branch_created, MakeBranch(invocation, *database, report));
  }
  const std::unique_ptr<Meter> meter = database->MakeMeter();
  invocation.request.meter = meter.get();
  const write::OpenInput open = [&path]() -> Result<std::unique_ptr<std::istream>> {
    auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
    if (!*file)
      return Error(ErrorId::kFileUnreadable, "cannot read '{}': {}", path, std::strerror(errno));
    return std::unique_ptr<std::istream>(std::move(file));
  };
  Result<write::LoadResult> loaded = database->Load(invocation.request, open, options);
  if (options.progress) invocation.streams.err << "\r\033[K" << std::flush;
  if (!loaded.ok()) return std::move(loaded).status();
  report.result = std::move(loaded).value();
  invocation.streams.out << (invocation.args.Has("--json") ? wire::LoadJson(report)
                                                           : wire::LoadText(report));
  if (invocation.args.Has("--cost"))
    invocation.streams.err << "cost: " << wire::CostText(meter->Read()) << "\n";
  return 0;
}

}  // namespace tarn::cli
