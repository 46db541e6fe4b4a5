#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tarn/catalog/manifest.h"

namespace tarn::catalog {

/// Adjacency that is kept between processes: derived files that anybody may remove at any time. The
/// name says which versions of an edge table and its node tables one is of; whether it still is,
/// only its content tells.
inline constexpr std::string_view kTopologyFolder = "_topology";

struct TopologyName {
  std::string edge_table;     ///< id of the edge table
  std::string forks;          ///< which forks of the three tables: "main.main.main"
  bool out = true;            ///< neighbours of the sources
  uint64_t edge_version = 0;  ///< as Lance counts, within those forks
  uint64_t source_version = 0;
  uint64_t target_version = 0;

  bool operator==(const TopologyName&) const = default;
  /// Of the same tables, forks and direction?
  bool IsSameLine(const TopologyName& other) const;
};

TopologyName TopologyNameOf(const TableEntry& edge, const TableEntry& source,
                            const TableEntry& target, bool out);
/// "_topology/{edge table}": the files of one edge table.
std::string TopologyFolderOf(std::string_view edge_table);
/// "_topology/{edge table}/out-main.main.main-7-2-2.csr".
std::string TopologyKey(const TopologyName& name);
/// The parts of such a key; nothing else has any.
std::optional<TopologyName> ParseTopologyKey(std::string_view key);

}  // namespace tarn::catalog
