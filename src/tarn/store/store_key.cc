#include "tarn/store/store_key.h"

#include <algorithm>

namespace tarn::store {
namespace {

bool IsKeyByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '=';
}

Status CheckSegment(std::string_view segment, std::string_view key) {
  if (segment.empty())
    return Error(ErrorId::kInvalidArgument, "the key '{}' has an empty segment", key);
  if (segment == "." || segment == "..") {
    return Error(ErrorId::kInvalidArgument, "the key '{}' has the segment '{}'", key, segment);
  }
  if (segment.size() > kKeySegmentMax) {
    return Error(ErrorId::kInvalidArgument, "a segment of the key '{}' is longer than {} bytes",
                 key, kKeySegmentMax);
  }
  for (char c : segment) {
    if (!IsKeyByte(c)) {
      return Error(ErrorId::kInvalidArgument,
                   "the key '{}' has a byte (0x{:02x}) other than letters, digits and ._-=", key,
                   static_cast<unsigned char>(c));
    }
  }
  return Status::Ok();
}

/// The class that a folder or file of this name gives to what is at or below it; "" = none of its
/// own.
std::string_view ClassOfSegment(std::string_view segment) {
  struct Marker {
    std::string_view segment;
    std::string_view class_name;
  };
  static constexpr Marker kMarkers[] = {
      {"__recovery", "intent"},
      {"_versions", "table-manifest"},
      {"latest_version_hint.json", "hint"},
      {"_transactions", "txn"},
      {"_deletions", "deletion"},
      {"_indices", "index"},
      {"_schema", "schema"},
      {"_tarn", "identity"},
      {"_topology", "topology"},
      {"_vectors", "vectors"},
      {"_journal", "journal"},
      {"_refs", "ref"},
  };
  for (const Marker& marker : kMarkers) {
    if (marker.segment == segment) return marker.class_name;
  }
  return "";
}

}  // namespace

Status CheckKey(std::string_view key) {
  if (key.size() > kKeyBytesMax) {
    return Error(ErrorId::kInvalidArgument, "a key of {} bytes is longer than {}", key.size(),
                 kKeyBytesMax);
  }
  for (size_t begin = 0; begin <= key.size();) {
    size_t end = key.find('/', begin);
    if (end == std::string_view::npos) end = key.size();
    TARN_RETURN_IF_ERROR(CheckSegment(key.substr(begin, end - begin), key));
    begin = end + 1;
  }
  return Status::Ok();
}

Status CheckPrefix(std::string_view prefix) {
  if (prefix.empty()) return Status::Ok();
  if (prefix.back() == '/') prefix.remove_suffix(1);
  return CheckKey(prefix);
}

Status CheckListing(std::string_view prefix, std::string_view after) {
  TARN_RETURN_IF_ERROR(CheckPrefix(prefix));
  return after.empty() ? Status::Ok() : CheckKey(after);
}

Status CheckAddress(std::string_view address) {
  const size_t scheme_end = address.find("://");
  if (!address.starts_with('/') && (scheme_end == std::string_view::npos || scheme_end == 0)) {
    return Error(ErrorId::kInvalidArgument, "'{}' is neither an absolute folder nor a URI",
                 address);
  }
  for (size_t begin = 0; begin <= address.size();) {
    const size_t end = std::min(address.find('/', begin), address.size());
    if (address.substr(begin, end - begin) == "..") {
      return Error(ErrorId::kInvalidArgument, "'{}' has the segment '..'", address);
    }
    begin = end + 1;
  }
  return Status::Ok();
}

std::string_view ClassOf(std::string_view path) {
  std::string_view class_name = "other";
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "__manifest") return "manifest";
    if (std::string_view own = ClassOfSegment(segment); !own.empty()) class_name = own;
    if (segment == "data" && class_name == "other") class_name = "data";
    begin = end + 1;
  }
  return class_name;
}

}  // namespace tarn::store
