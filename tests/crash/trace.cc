#include "trace.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace tarn::crash {
namespace {

constexpr const char* kCalls =
    "open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,rename,renameat,renameat2,link,"
    "linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,sync_file_range,"
    "truncate,ftruncate,fallocate,lseek,copy_file_range,sendfile,dup,dup2,dup3,close,mmap";

/// "\x61\x62" between quotes or angle brackets.
std::string Unhexed(std::string_view text) {
  std::string bytes;
  for (size_t at = 0; at + 4 <= text.size(); at += 4) {
    unsigned byte = 0;
    std::from_chars(text.data() + at + 2, text.data() + at + 4, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

struct Call {
  std::string name;
  std::vector<std::string> arguments;
  std::string result;
};

/// Splits at commas that are outside of quotes and brackets. Strings are in hex, so nothing in them
/// looks like either.
std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != ',' || (depth > 0 && at < text.size())) continue;
    std::string_view part = text.substr(begin, at - begin);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (!part.empty()) parts.emplace_back(part);
    begin = at + 1;
  }
  return parts;
}

std::optional<Call> ParseCall(std::string_view text) {
  const size_t open = text.find('(');
  const size_t equals = text.rfind(" = ");
  if (open == text.npos || equals == text.npos) return std::nullopt;
  const size_t close = text.rfind(')', equals);
  if (close == text.npos || close < open) return std::nullopt;
  return Call{.name = std::string(text.substr(0, open)),
              .arguments = Split(text.substr(open + 1, close - open - 1)),
              .result = std::string(text.substr(equals + 3))};
}

std::string StringOf(std::string_view argument) {
  const size_t begin = argument.find('"');
  const size_t end = argument.rfind('"');
  if (begin == argument.npos || end <= begin) return "";
  return Unhexed(argument.substr(begin + 1, end - begin - 1));
}

/// The path of "3</a/b>", and of AT_FDCWD.
std::string PathOfDescriptor(std::string_view argument) {
  const size_t begin = argument.find('<');
  const size_t end = argument.rfind('>');
  if (begin == argument.npos || end <= begin) return "";
  return Unhexed(argument.substr(begin + 1, end - begin - 1));
}

int64_t NumberOf(std::string_view text) {
  int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& folder) : prefix_(folder.string() + "/") {}

  Status Take(std::string_view line) {
    const size_t space = line.find(' ');
    const std::string process(line.substr(0, space));
    std::string_view text = line.substr(space);
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.starts_with("---") || text.starts_with("+++")) return Status::Ok();
    constexpr std::string_view kUnfinished = " <unfinished ...>";
    if (text.ends_with(kUnfinished)) {
      unfinished_[process] = text.substr(0, text.size() - kUnfinished.size());
      return Status::Ok();
    }
    std::string whole(text);
    if (text.starts_with("<... ")) {
      whole = unfinished_[process] + std::string(text.substr(text.find('>') + 1));
    }
    const std::optional<Call> call = ParseCall(whole);
    if (!call) return Error(ErrorId::kInternal, "a line of a trace: {}", line);
    const int64_t result = NumberOf(call->result);
    return result < 0 ? Status::Ok() : Note(*call, result);
  }

  std::vector<DiskOp> ops;

 private:
  using Kind = DiskOp::Kind;

  /// Nothing for a path outside of the folder.
  std::optional<std::string> Inside(const std::string& path) const {
    if (path.starts_with(prefix_)) return path.substr(prefix_.size());
    if (path + "/" == prefix_) return "";
    return std::nullopt;
  }
  static std::string At(std::string_view folder, const std::string& path) {
    return path.starts_with('/') ? path : fmt::format("{}/{}", PathOfDescriptor(folder), path);
  }
  void Add(DiskOp op) { ops.push_back(std::move(op)); }

  Status Note(const Call& call, int64_t result) {
    const auto& args = call.arguments;
    const std::string& name = call.name;
    if (name == "open" || name == "creat") return NoteOpen(StringOf(args[0]), call, result);
    if (name == "openat") return NoteOpen(At(args[0], StringOf(args[1])), call, result);
    if (name == "close") {
      offset_by_descriptor_.erase(NumberOf(args[0]));
      return Status::Ok();
    }
    if (name == "rename" || name == "link")
      return NoteTwo(name == "link" ? Kind::kLink : Kind::kRename, StringOf(args[0]),
                     StringOf(args[1]));
    if (name == "renameat" || name == "renameat2" || name == "linkat")
      return NoteTwo(name == "linkat" ? Kind::kLink : Kind::kRename, At(args[0], StringOf(args[1])),
                     At(args[2], StringOf(args[3])));
    if (name == "unlink") return NoteOne(Kind::kUnlink, StringOf(args[0]));
    if (name == "rmdir") return NoteOne(Kind::kRemoveFolder, StringOf(args[0]));
    if (name == "mkdir") return NoteOne(Kind::kMakeFolder, StringOf(args[0]));
    if (name == "mkdirat") return NoteOne(Kind::kMakeFolder, At(args[0], StringOf(args[1])));
    if (name == "unlinkat") {
      const bool is_folder = args[2].find("AT_REMOVEDIR") != std::string::npos;
      return NoteOne(is_folder ? Kind::kRemoveFolder : Kind::kUnlink,
                     At(args[0], StringOf(args[1])));
    }
    return NoteDescriptor(call, result);
  }

  Status NoteOpen(const std::string& path, const Call& call, int64_t result) {
    offset_by_descriptor_[result] = 0;
    const std::optional<std::string> inside = Inside(path);
    std::string flags;
    for (const std::string& argument : call.arguments)
      flags += argument.starts_with('O') ? argument : "";
    const bool makes = call.name == "creat" || flags.find("O_CREAT") != flags.npos;
    const bool empties = call.name == "creat" || flags.find("O_TRUNC") != flags.npos;
    if (inside && flags.find("O_TMPFILE") != flags.npos)
      return Error(ErrorId::kInternal, "a file without a name: {}", path);
    if (inside && (makes || empties))
      Add({.kind = Kind::kOpen, .path = *inside, .empties = empties});
    return Status::Ok();
  }

  Status NoteTwo(Kind kind, const std::string& from, const std::string& to) {
    const std::optional<std::string> source = Inside(from);
    const std::optional<std::string> target = Inside(to);
    if (!source && !target) return Status::Ok();
    if (!source || !target) return Error(ErrorId::kInternal, "{} leaves the folder", from);
    Add({.kind = kind, .path = *source, .to = *target});
    return Status::Ok();
  }

  Status NoteOne(Kind kind, const std::string& path) {
    if (const auto inside = Inside(path)) Add({.kind = kind, .path = *inside});
    return Status::Ok();
  }

  /// Calls on what is open.
  Status NoteDescriptor(const Call& call, int64_t result) {
    const auto& args = call.arguments;
    const std::string& name = call.name;
    const int64_t descriptor = NumberOf(args[name == "mmap" ? 4 : 0]);
    const std::string path = PathOfDescriptor(args[name == "mmap" ? 4 : 0]);
    const std::optional<std::string> inside = Inside(path);
    if (name == "write" && descriptor == 1) {
      Add({.kind = Kind::kMark, .data = StringOf(args[1])});
      return Status::Ok();
    }
    if (!inside) return Status::Ok();
    int64_t& offset = offset_by_descriptor_[descriptor];
    if (name == "write") {
      Add({.kind = Kind::kWrite,
           .path = *inside,
           .data = StringOf(args[1]).substr(0, result),
           .offset = static_cast<uint64_t>(offset)});
      offset += result;
    } else if (name == "pwrite64") {
      Add({.kind = Kind::kWrite,
           .path = *inside,
           .data = StringOf(args[1]).substr(0, result),
           .offset = static_cast<uint64_t>(NumberOf(args[3]))});
    } else if (name == "ftruncate") {
      Add({.kind = Kind::kResize,
           .path = *inside,
           .offset = static_cast<uint64_t>(NumberOf(args[1]))});
    } else if (name == "lseek") {
      offset = result;
    } else if (name == "fsync" || name == "fdatasync") {
      Add({.kind = Kind::kSync, .path = *inside});
    } else if (name == "mmap") {
      const bool writes = args[2].find("PROT_WRITE") != std::string::npos &&
                          args[3].find("MAP_SHARED") != std::string::npos;
      if (writes) return Error(ErrorId::kInternal, "{} is written through memory", path);
    } else {
      return Error(ErrorId::kInternal, "{} on {}", name, path);
    }
    return Status::Ok();
  }

  const std::string prefix_;
  std::map<std::string, std::string> unfinished_;  // by process
  std::map<int64_t, int64_t> offset_by_descriptor_;
};

}  // namespace

std::vector<std::string> TraceArguments(const std::filesystem::path& log) {
  return {"strace", "-f",         "-y",       "-xx",
          "-qq",    "-s",         "16777216", "--seccomp-bpf",
          "-o",     log.string(), "-e",       fmt::format("trace={}", kCalls)};
}

bool CanTrace() {
  return std::system("strace -f --seccomp-bpf -qq -o /dev/null -e trace=none true 2>/dev/null") ==
         0;
}

Result<std::vector<DiskOp>> ReadTrace(const std::filesystem::path& log,
                                      const std::filesystem::path& folder) {
  Reader reader(folder);
  std::ifstream lines(log);
  for (std::string line; std::getline(lines, line);) TARN_RETURN_IF_ERROR(reader.Take(line));
  return std::move(reader.ops);
}

}  // namespace tarn::crash
