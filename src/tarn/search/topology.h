#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/search/adjacency.h"
#include "tarn/search/row_places.h"

namespace tarn::search {

/// Row ids `first`, `first + 1`, … of `count` rows one after the other.
struct RowIdRun {
  uint64_t first = 0;
  Dense count = 0;

  bool operator==(const RowIdRun&) const = default;
};
std::vector<RowIdRun> RunsOf(std::span<const uint64_t> row_ids);

/// One version of a table as an adjacency saw it.
struct SeenTable {
  std::string location;  ///< TableEntry::location
  uint64_t version = 0;
  RowPlaces places;
  std::vector<RowIdRun> row_ids;  ///< of a node table; they tell rows that moved

  bool operator==(const SeenTable&) const = default;
  int64_t bytes() const;
};

/// An adjacency and the versions of the three tables that it belongs to: what it takes to know
/// whether it is still true, and to make the next one of it.
struct Topology {
  SeenTable edge;
  SeenTable source;
  SeenTable target;
  bool out = true;  ///< neighbours of the source
  Adjacency lists;
  uint64_t unsaved = 0;  ///< edges that differ from what is stored of it

  int64_t bytes() const;
};

}  // namespace tarn::search
