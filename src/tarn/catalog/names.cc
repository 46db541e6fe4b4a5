#include "tarn/catalog/names.h"

#include <charconv>

#include "tarn/base/clock.h"
#include "tarn/base/utf8.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

bool IsNameByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '.' || c == '_' || c == '-';
}

/// What is wrong with a segment, nothing when it is fine.
std::string_view FaultOf(std::string_view segment) {
  if (segment.empty()) return "a part between slashes is empty";
  if (segment == "." || segment == "..") return "'.' and '..' are no parts of a name";
  for (char c : segment) {
    if (!IsNameByte(c)) return "only letters, digits, '.', '_', '-' and '/' are allowed";
  }
  return "";
}

std::string_view FaultOfName(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > kNameBytesMax) return "it is longer than 200 bytes";
  if (FindInvalidUtf8(name) != std::string_view::npos) return "it is not UTF-8";
  if (name.starts_with("__")) return "names that begin with '__' are Tarn's own";
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find('/', begin), name.size());
    if (std::string_view fault = FaultOf(name.substr(begin, end - begin)); !fault.empty())
      return fault;
    begin = end + 1;
  }
  return "";
}

Status Invalid(std::string_view what, std::string_view name, std::string_view why) {
  return Error(ErrorId::kNameInvalid, "'{}' cannot name a {}: {}", name, what, why);
}

/// Does one of two names lie on the path of the other?
bool Overlap(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.starts_with(a) && (b.size() == a.size() || b[a.size()] == '/');
}

}  // namespace

std::optional<uint64_t> VersionOf(std::string_view text) {
  if (text.size() < 2 || text[0] != 'v') return std::nullopt;
  uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return version;
}

Result<std::string> CheckedBranchName(std::string_view name) {
  const std::string_view trimmed = Trimmed(name);
  if (trimmed == kMainBranch) return Invalid("branch", trimmed, "main is there from the start");
  if (std::string_view fault = FaultOfName(trimmed); !fault.empty())
    return Invalid("branch", trimmed, fault);
  return std::string(trimmed);
}

Result<std::string> CheckedTagName(std::string_view name) {
  const std::string_view trimmed = Trimmed(name);
  if (std::string_view fault = FaultOfName(trimmed); !fault.empty())
    return Invalid("tag", trimmed, fault);
  if (VersionOf(trimmed)) return Invalid("tag", trimmed, "it reads as a version");
  if (IsUlid(std::string(trimmed))) return Invalid("tag", trimmed, "it reads as a commit id");
  return std::string(trimmed);
}

Status CheckFree(const std::vector<BranchEntry>& branches, const std::string& name) {
  for (const BranchEntry& branch : branches) {
    if (branch.name == name)
      return Error(ErrorId::kBranchExists, "there is a branch '{}' already", name);
    if (Overlap(branch.name, name)) {
      return Error(ErrorId::kBranchExists,
                   "there is a branch '{}', and no branch lies on the path of another: '{}'",
                   branch.name, name);
    }
  }
  return Status::Ok();
}

}  // namespace tarn::catalog
