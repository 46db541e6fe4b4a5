#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

/// Where a fork of a table is: below the table, in the folder that Lance gives a branch.

namespace tarn::lance {

inline constexpr std::string_view kForkFolder = "/tree/";

/// "{root}/tree/{name}". `name` is one segment of letters, digits, '_' and '-'.
inline std::string ForkUri(std::string_view root, std::string_view name) {
  return fmt::format("{}{}{}", root, kForkFolder, name);
}

struct ForkAddress {
  std::string_view root;  ///< of the table itself
  std::string_view fork;  ///< empty = the table itself
};
/// The parts of an address, which outlives them.
inline ForkAddress SplitForkUri(std::string_view uri) {
  const size_t at = uri.rfind(kForkFolder);
  if (at == std::string_view::npos || uri.find('/', at + kForkFolder.size()) != uri.npos) {
    return {.root = uri, .fork = ""};
  }
  return {.root = uri.substr(0, at), .fork = uri.substr(at + kForkFolder.size())};
}

}  // namespace tarn::lance
