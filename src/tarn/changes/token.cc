#include "tarn/changes/token.h"

#include <charconv>
#include <set>
#include <vector>

#include "tarn/catalog/digest.h"

namespace tarn::changes {
namespace {

constexpr std::string_view kFeedPrefix = "f1";
constexpr std::string_view kDiffPrefix = "d1";
constexpr size_t kCheckDigits = 16;

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

std::string PositionText(const std::optional<Position>& position) {
  if (!position) return "";
  return fmt::format("{}~{}~{}", position->is_edge ? "e" : "n", position->type_id,
                     Hex(position->id));
}

std::vector<std::string_view> Split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// Empty text is no position; nullopt is a text that is none.
std::optional<std::optional<Position>> PositionOf(std::string_view text) {
  if (text.empty()) return std::optional<Position>();
  const std::vector<std::string_view> parts = Split(text, '~');
  if (parts.size() != 3 || (parts[0] != "e" && parts[0] != "n")) return std::nullopt;
  Position position{.is_edge = parts[0] == "e", .type_id = 0, .id = ""};
  const auto [end, error] =
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), position.type_id);
  const std::optional<std::string> id = FromHex(parts[2]);
  if (error != std::errc() || end != parts[1].data() + parts[1].size() || !id) return std::nullopt;
  position.id = *id;
  return std::optional(std::move(position));
}

std::string CheckOf(std::string_view text) {
  return catalog::Sha256Hex(text).substr(0, kCheckDigits);
}

Result<std::string> Sealed(std::string text) {
  text += "." + CheckOf(text);
  if (text.size() <= kTokenBytesMax) return text;
  return Rejected("the id it stands at is too long for a token");
}

/// The parts of a token of this kind, the check sum apart.
Result<std::vector<std::string_view>> Opened(std::string_view text, std::string_view prefix,
                                             size_t count) {
  if (text.size() > kTokenBytesMax) return Rejected("it is longer than a token can be");
  const size_t end = text.rfind('.');
  if (end == std::string_view::npos || text.substr(end + 1) != CheckOf(text.substr(0, end)))
    return Rejected("it is not one, or was altered");
  std::vector<std::string_view> parts = Split(text.substr(0, end), '.');
  if (parts.size() != count || parts[0] != prefix) return Rejected("it is of another kind");
  return parts;
}

}  // namespace

Status Rejected(std::string_view why) {
  return Error(ErrorId::kCursorRejected, "change cursor rejected: {}", why)
      .WithHint("Take a new baseline.");
}

Result<std::string> EncodeFeedToken(const FeedToken& token) {
  return Sealed(fmt::format("{}.{}.{}.{}.{}.{}.{}", kFeedPrefix, token.warehouse, token.line,
                            token.filter, token.commit, token.head, PositionText(token.position)));
}

Result<FeedToken> DecodeFeedToken(std::string_view text) {
  TARN_ASSIGN_OR_RETURN(const auto parts, Opened(text, kFeedPrefix, 7));
  const auto position = PositionOf(parts[6]);
  if (!position) return Rejected("its position is none");
  return FeedToken{.warehouse = std::string(parts[1]),
                   .line = std::string(parts[2]),
                   .filter = std::string(parts[3]),
                   .commit = std::string(parts[4]),
                   .head = std::string(parts[5]),
                   .position = *position};
}

Result<std::string> EncodeDiffToken(const DiffToken& token) {
  return Sealed(fmt::format("{}.{}.{}.{}.{}", kDiffPrefix, token.before, token.after, token.filter,
                            PositionText(token.position)));
}

Result<DiffToken> DecodeDiffToken(std::string_view text) {
  TARN_ASSIGN_OR_RETURN(const auto parts, Opened(text, kDiffPrefix, 5));
  const auto position = PositionOf(parts[4]);
  if (!position || !*position) return Rejected("its position is none");
  return DiffToken{.before = std::string(parts[1]),
                   .after = std::string(parts[2]),
                   .filter = std::string(parts[3]),
                   .position = **position};
}

std::string FilterDigest(const Filter& filter) {
  std::set<std::string> words;
  for (catalog::TableKind kind : filter.kinds)
    words.insert(fmt::format("k{}", catalog::TableKindName(kind)));
  for (const std::string& type : filter.types) words.insert("t" + type);
  for (Op op : filter.ops) words.insert(fmt::format("o{}", OpName(op)));
  std::string text;
  for (const std::string& word : words) text += word + "\n";
  return text.empty() ? "all" : CheckOf(text);
}

}  // namespace tarn::changes
