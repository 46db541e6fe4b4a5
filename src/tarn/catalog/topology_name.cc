#include "tarn/catalog/topology_name.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "tarn/catalog/layout.h"
#include "tarn/lance/fork_uri.h"

namespace tarn::catalog {
namespace {

constexpr std::string_view kEnding = ".csr";

std::string ForkOf(const TableEntry& entry) {
  const std::string_view fork = lance::SplitForkUri(entry.location).fork;
  return fork.empty() ? std::string(kMainBranch) : std::string(fork);
}

/// Cuts `text` at the last `separator` before `end`, and answers what was behind it.
std::string_view CutLast(std::string_view& text, char separator) {
  const size_t place = text.rfind(separator);
  if (place == std::string_view::npos) return {};
  const std::string_view behind = text.substr(place + 1);
  text = text.substr(0, place);
  return behind;
}

}  // namespace

bool TopologyName::IsSameLine(const TopologyName& other) const {
  return edge_table == other.edge_table && forks == other.forks && out == other.out;
}

TopologyName TopologyNameOf(const TableEntry& edge, const TableEntry& source,
                            const TableEntry& target, bool out) {
  return {.edge_table = edge.id,
          .forks = fmt::format("{}.{}.{}", ForkOf(edge), ForkOf(source), ForkOf(target)),
          .out = out,
          .edge_version = edge.version,
          .source_version = source.version,
          .target_version = target.version};
}

std::string TopologyFolderOf(std::string_view edge_table) {
  return fmt::format("{}/{}", kTopologyFolder, edge_table);
}

std::string TopologyKey(const TopologyName& name) {
  return fmt::format("{}/{}-{}-{}-{}-{}{}", TopologyFolderOf(name.edge_table),
                     name.out ? "out" : "in", name.forks, name.edge_version, name.source_version,
                     name.target_version, kEnding);
}

std::optional<TopologyName> ParseTopologyKey(std::string_view key) {
  if (!key.ends_with(kEnding)) return std::nullopt;
  std::string_view left = key.substr(0, key.size() - kEnding.size());
  std::array<uint64_t, 3> versions{};
  for (size_t i = versions.size(); i-- > 0;) {
    const std::string_view digits = CutLast(left, '-');
    std::from_chars(digits.data(), digits.data() + digits.size(), versions[i]);
  }
  std::string_view file = CutLast(left, '/');
  TopologyName name{.edge_table = std::string(CutLast(left, '/')),
                    .forks = std::string(CutLast(file, '-')),
                    .out = file == "out",
                    .edge_version = versions[0],
                    .source_version = versions[1],
                    .target_version = versions[2]};
  if (key != TopologyKey(name)) return std::nullopt;
  return name;
}

}  // namespace tarn::catalog
