#include "tarn/search/topology_shelf.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "tarn/search/topology_file.h"

namespace tarn::search {
namespace {

using catalog::TopologyName;

auto Versions(const TopologyName& name) {
  return std::tuple(name.edge_version, name.source_version, name.target_version);
}

bool IsNotAfter(const TopologyName& name, const TopologyName& wanted) {
  return name.edge_version <= wanted.edge_version && name.source_version <= wanted.source_version &&
         name.target_version <= wanted.target_version;
}

/// Does this end the query, whatever it can do without?
bool EndsRequest(const Status& status) {
  return status.id() == ErrorId::kCancelled || status.id() == ErrorId::kDeadlineExceeded ||
         status.id() == ErrorId::kMemoryBudget;
}

}  // namespace

Result<std::string> TopologyShelf::Read(const Request& request, const TopologyName& name) const {
  Result<std::string> bytes = store_.objects->Get(request.In(Phase::kRead), TopologyKey(name));
  if (bytes.ok() || bytes.status().id() != ErrorId::kObjectNotFound) return bytes;
  TARN_ASSIGN_OR_RETURN(const std::vector<TopologyName> stored, List(request, name));
  const auto before = std::find_if(stored.begin(), stored.end(),
                                   [&name](const auto& other) { return IsNotAfter(other, name); });
  if (before == stored.end()) return bytes;
  return store_.objects->Get(request.In(Phase::kRead), TopologyKey(*before));
}

Result<TopologyShelf::Found> TopologyShelf::Load(const Request& request,
                                                 const TopologyName& name) const {
  Found found;
  Result<std::string> bytes = Read(request, name);
  if (!bytes.ok()) {
    if (EndsRequest(bytes.status())) return bytes.status();
    if (bytes.status().id() != ErrorId::kObjectNotFound) found.trouble = bytes.status().message();
    return found;
  }
  BudgetHold hold = request.Hold("a stored topology");
  TARN_RETURN_IF_ERROR(hold.Resize(static_cast<int64_t>(bytes->size())));
  Result<Topology> topology = DecodeTopology(std::move(bytes).value());
  if (topology.ok()) {
    found.topology = std::move(topology).value();
  } else {
    found.trouble = topology.status().message();
  }
  return found;
}

bool TopologyShelf::Save(const Request& request, const TopologyName& name,
                         const Topology& topology) const {
  if (!store_.may_write || !Holds(topology.lists.neighbours.size()) ||
      topology.bytes() > kStoredTopologyBytesMax) {
    return false;
  }
  BudgetHold hold = request.Hold("a topology on its way to storage");
  if (!hold.Resize(topology.bytes()).ok()) return false;
  const Result<std::vector<TopologyName>> stored = List(request, name);
  if (!stored.ok()) return false;
  // One of the past, asked for by time travel, would go right away.
  if (stored->size() >= kStoredTopologiesKept &&
      Versions((*stored)[kStoredTopologiesKept - 1]) > Versions(name)) {
    return false;
  }
  const Request writing = request.In(Phase::kStage);
  const Status put = store_.objects->Put(writing, TopologyKey(name), EncodeTopology(topology),
                                         store::PutMode::kOverwrite, store::Sync::kProcess);
  if (!put.ok()) return false;
  size_t others = 0;
  for (const TopologyName& other : *stored) {
    if (other == name || ++others < kStoredTopologiesKept) continue;
    // What stays behind is removed by the next one, or by a cleanup.
    if (!store_.objects->Delete(writing, TopologyKey(other)).ok()) break;
  }
  return true;
}

/// Those of the same line, newest first.
Result<std::vector<TopologyName>> TopologyShelf::List(const Request& request,
                                                      const TopologyName& line) const {
  TARN_ASSIGN_OR_RETURN(
      const std::vector<store::ObjectInfo> objects,
      store_.objects->List(request.In(Phase::kRead), catalog::TopologyFolderOf(line.edge_table), "",
                           kStoredTopologiesListed));
  std::vector<TopologyName> names;
  for (const store::ObjectInfo& object : objects) {
    std::optional<TopologyName> name = catalog::ParseTopologyKey(object.key);
    if (name && name->IsSameLine(line)) names.push_back(std::move(*name));
  }
  std::sort(names.begin(), names.end(),
            [](const auto& a, const auto& b) { return Versions(a) > Versions(b); });
  return names;
}

}  // namespace tarn::search
