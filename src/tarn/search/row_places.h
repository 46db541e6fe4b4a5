#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/lance/table.h"
#include "tarn/search/vertices.h"

namespace tarn::search {

/// Rows `begin` .. `begin + count - 1` of a stored part, as they were written.
struct PlaceRun {
  uint32_t begin = 0;
  uint32_t count = 0;

  bool operator==(const PlaceRun&) const = default;
};

/// A stored part of a table and which of its rows are live. A part is told by the names of its
/// files, which are never given twice: whatever else has happened to a table or a fork of it, the
/// same name and place is the same row with the same values.
struct StoredPart {
  std::string data;            ///< names its files
  std::string deletions;       ///< names what says which rows are gone
  Dense rows = 0;              ///< live ones
  std::vector<PlaceRun> live;  ///< ascending

  bool operator==(const StoredPart&) const = default;
};

/// Where the rows of one version of a table are stored: dense numbers count the live rows of its
/// parts, one part after the other.
struct RowPlaces {
  std::vector<StoredPart> parts;

  bool operator==(const RowPlaces&) const = default;
  uint64_t rows() const;
  int64_t bytes() const;
};

/// Asks the table's metadata, and reads the places of live rows in parts that have lost some: no
/// column is read. `known` answers for parts that it shares with `table`.
Result<RowPlaces> ReadPlaces(const Request& request, const lance::Table& table,
                             const RowPlaces& known);

/// Does the metadata of `table` say that its rows are at `places`? No I/O.
Result<bool> IsAt(const lance::Table& table, const RowPlaces& places);

/// What became of the rows of an earlier version of a table.
struct RowMap {
  std::vector<Dense> to_of_from;  ///< by dense number before: the one now, kNoRow for a gone row
  std::vector<size_t> added;      ///< parts that are new: positions in the parts of now
  Dense gone = 0;                 ///< rows before that are gone; those in `added` parts may be back
  bool moves = false;             ///< some row has another number than before, or is gone
  bool in_order = true;           ///< rows that stay are in the order they were in

  /// Rows of the added parts.
  uint64_t RowsAdded(const RowPlaces& now) const;
};

/// A part that has got rows back is taken as gone and added.
RowMap MapRows(const RowPlaces& before, const RowPlaces& now);

}  // namespace tarn::search
