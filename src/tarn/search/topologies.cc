#include "tarn/search/topologies.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace tarn::search {
namespace {

using Versions = Topologies::Versions;

const char* SideName(bool out) { return out ? "out" : "in"; }

/// Dense numbers belong to the versions of the node tables too, so those are part of the key.
std::string KeyOf(const Versions& of, bool out) {
  return fmt::format("{}@{}/{}/{}@{}/{}@{}", of.edge->location, of.edge->version, SideName(out),
                     of.source->location, of.source->version, of.target->location,
                     of.target->version);
}

/// What versions of one topology have in common.
std::string LineOf(const Versions& of, bool out) {
  return fmt::format("{}/{}/{}/{}", of.edge->location, SideName(out), of.source->location,
                     of.target->location);
}

std::string MadeOf(std::string_view what, const Topology& before, const Topology& now) {
  return fmt::format("{} of version {}, {} edges changed since", what, before.edge.version,
                     now.unsaved - before.unsaved);
}

}  // namespace

Result<std::shared_ptr<const Topology>> Topologies::Get(const Request& request,
                                                        const Versions& versions, bool out,
                                                        const OpenTables& open) {
  const std::string key = KeyOf(versions, out);
  return cache_.Get<Topology>(request, key, [&]() -> Result<ResidentCache::Built<Topology>> {
    TARN_ASSIGN_OR_RETURN(const TopologyTables tables, open());
    TARN_ASSIGN_OR_RETURN(Topology made, Make(request, versions, tables));
    if (made.unsaved * kTopologyUnsavedPart >= made.lists.neighbours.size() &&
        shelf_.Save(
            request,
            catalog::TopologyNameOf(*versions.edge, *versions.source, *versions.target, out),
            made)) {
      made.unsaved = 0;
    }
    const int64_t bytes = made.bytes();
    RememberNewest(LineOf(versions, out), key);
    return ResidentCache::Built<Topology>{std::make_shared<const Topology>(std::move(made)), bytes};
  });
}

Result<Topology> Topologies::Make(const Request& request, const Versions& versions,
                                  const TopologyTables& tables) {
  if (const auto other = cache_.Find<Topology>(KeyOf(versions, !tables.out))) {
    TARN_ASSIGN_OR_RETURN(Topology turned, TurnTopology(request, *other));
    turned.lists.origin = "turned round from the other direction";
    return turned;
  }
  TARN_ASSIGN_OR_RETURN(std::optional<Topology> made, FromMemory(request, versions, tables));
  if (made) return std::move(*made);
  std::string trouble;
  TARN_ASSIGN_OR_RETURN(made, FromShelf(request, versions, tables, trouble));
  if (made) return std::move(*made);
  TARN_ASSIGN_OR_RETURN(Topology read, ReadTopology(request, tables));
  read.lists.origin = trouble.empty() ? "read from its table"
                                      : fmt::format("read from its table, because {}", trouble);
  return read;
}

Result<std::optional<Topology>> Topologies::FromMemory(const Request& request,
                                                       const Versions& versions,
                                                       const TopologyTables& tables) {
  const std::string newest = NewestInMemory(LineOf(versions, tables.out));
  const auto before = newest.empty() ? nullptr : cache_.Find<Topology>(newest);
  if (before == nullptr) return std::nullopt;
  TARN_ASSIGN_OR_RETURN(std::optional<Topology> made, AdvanceTopology(request, *before, tables));
  if (made) made->lists.origin = MadeOf("made of that", *before, *made);
  return made;
}

Result<std::optional<Topology>> Topologies::FromShelf(const Request& request,
                                                      const Versions& versions,
                                                      const TopologyTables& tables,
                                                      std::string& trouble) {
  if (!shelf_.Holds(versions.edge->rows)) return std::nullopt;
  TARN_ASSIGN_OR_RETURN(
      TopologyShelf::Found found,
      shelf_.Load(request, catalog::TopologyNameOf(*versions.edge, *versions.source,
                                                   *versions.target, tables.out)));
  trouble = std::move(found.trouble);
  if (!found.topology) return std::nullopt;
  TARN_ASSIGN_OR_RETURN(const bool same, IsTopologyOf(*found.topology, tables));
  if (same) {
    found.topology->lists.origin = "stored";
    return std::move(found.topology);
  }
  TARN_ASSIGN_OR_RETURN(std::optional<Topology> made,
                        AdvanceTopology(request, *found.topology, tables));
  if (made) {
    made->lists.origin = MadeOf("made of the stored one", *found.topology, *made);
  } else {
    trouble = fmt::format("too much has changed since the stored topology of version {}",
                          found.topology->edge.version);
  }
  return made;
}

std::string Topologies::NewestInMemory(const std::string& line) {
  std::lock_guard lock(mutex_);
  const auto found = key_by_line_.find(line);
  return found == key_by_line_.end() ? std::string() : found->second;
}

void Topologies::RememberNewest(const std::string& line, const std::string& key) {
  std::lock_guard lock(mutex_);
  if (key_by_line_.size() >= kTopologyLinesMax) key_by_line_.clear();
  key_by_line_[line] = key;
}

}  // namespace tarn::search
