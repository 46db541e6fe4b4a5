#include "tarn/search/row_places.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include "tarn/search/each_batch.h"
#include "tarn/search/id_map.h"
#include "tarn/search/limits.h"

namespace tarn::search {
namespace {

std::unordered_map<std::string_view, size_t> PartByData(const RowPlaces& places) {
  std::unordered_map<std::string_view, size_t> index;
  for (size_t i = 0; i < places.parts.size(); ++i) index.emplace(places.parts[i].data, i);
  return index;
}

/// Takes the addresses of the live rows of some parts, in order, as runs of places.
class PlaceReader {
 public:
  PlaceReader(RowPlaces& places, const std::vector<size_t>& parts)
      : places_(places), parts_(parts) {}

  Status Take(std::span<const uint64_t> addresses) {
    for (const uint64_t address : addresses) {
      if (next_ < parts_.size() && seen_ == places_.parts[parts_[next_]].rows) {
        ++next_;
        seen_ = 0;
      }
      if (next_ == parts_.size()) return Disagree();
      // The high half names the part in a way that means nothing outside of its version.
      if (!Add(places_.parts[parts_[next_]].live, static_cast<uint32_t>(address))) {
        return Disagree();
      }
      ++seen_;
    }
    return Status::Ok();
  }
  Status Finish() const {
    if (parts_.empty()) return Status::Ok();
    const bool whole = next_ + 1 == parts_.size() && seen_ == places_.parts[parts_[next_]].rows;
    return whole ? Status::Ok() : Disagree();
  }

 private:
  static bool Add(std::vector<PlaceRun>& live, uint32_t place) {
    if (live.empty() || place > live.back().begin + live.back().count) {
      live.push_back({place, 1});
      return true;
    }
    if (place < live.back().begin + live.back().count) return false;
    ++live.back().count;
    return true;
  }
  static Status Disagree() {
    return Error(ErrorId::kCorruptData, "the places of live rows do not fit their counts");
  }

  RowPlaces& places_;
  const std::vector<size_t>& parts_;
  size_t next_ = 0;
  Dense seen_ = 0;
};

/// Reads the live places of these parts of the table, whose fragments have these ids.
Status ReadLive(const Request& request, const lance::Table& table, const std::vector<size_t>& parts,
                std::vector<uint64_t> fragments, RowPlaces& places) {
  PlaceReader reader(places, parts);
  TARN_RETURN_IF_ERROR(ForEachBatch(
      request, table, {.fragments = std::move(fragments), .row_addr = true},
      [&reader](const arrow::RecordBatch& batch) {
        const auto& addresses = static_cast<const arrow::UInt64Array&>(*batch.column(0));
        return reader.Take({addresses.raw_values(), static_cast<size_t>(addresses.length())});
      }));
  return reader.Finish();
}

/// Live rows of a part before -> their numbers now; false when some row now was not live before.
bool MapPart(const StoredPart& before, Dense before_begin, const StoredPart& now, Dense now_begin,
             std::vector<Dense>& to_of_from) {
  Dense from = before_begin;
  Dense to = now_begin;  // of the first row of run `next`
  size_t next = 0;
  Dense mapped = 0;
  for (const PlaceRun& run : before.live) {
    for (uint32_t place = run.begin; place < run.begin + run.count; ++place, ++from) {
      while (next < now.live.size() && now.live[next].begin + now.live[next].count <= place) {
        to += now.live[next].count;
        ++next;
      }
      if (next == now.live.size() || place < now.live[next].begin) continue;
      to_of_from[from] = to + (place - now.live[next].begin);
      ++mapped;
    }
  }
  if (mapped == now.rows) return true;
  std::fill_n(to_of_from.begin() + before_begin, before.rows, kNoRow);
  return false;
}

}  // namespace

uint64_t RowPlaces::rows() const {
  return std::accumulate(parts.begin(), parts.end(), uint64_t{0},
                         [](uint64_t sum, const StoredPart& part) { return sum + part.rows; });
}

int64_t RowPlaces::bytes() const {
  int64_t bytes = 0;
  for (const StoredPart& part : parts) {
    bytes += static_cast<int64_t>(sizeof(part) + part.data.size() + part.deletions.size() +
                                  part.live.size() * sizeof(PlaceRun));
  }
  return bytes;
}

Result<RowPlaces> ReadPlaces(const Request& request, const lance::Table& table,
                             const RowPlaces& known) {
  TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> fragments, table.Fragments());
  const auto index = PartByData(known);
  RowPlaces places;
  std::vector<size_t> unread;
  std::vector<uint64_t> unread_ids;
  for (const lance::Fragment& fragment : fragments) {
    if (fragment.rows + fragment.gone > kRowsMax) return TooManyRows("a fragment", kRowsMax);
    StoredPart part{.data = fragment.data,
                    .deletions = fragment.deletions,
                    .rows = static_cast<Dense>(fragment.rows)};
    const auto same = index.find(part.data);
    if (fragment.gone == 0) {
      if (part.rows > 0) part.live = {{0, part.rows}};
    } else if (same != index.end() && known.parts[same->second].deletions == part.deletions) {
      part.live = known.parts[same->second].live;
    } else if (part.rows > 0) {
      unread.push_back(places.parts.size());
      unread_ids.push_back(fragment.id);
    }
    places.parts.push_back(std::move(part));
  }
  if (!unread.empty()) {
    TARN_RETURN_IF_ERROR(ReadLive(request, table, unread, std::move(unread_ids), places));
  }
  return places;
}

Result<bool> IsAt(const lance::Table& table, const RowPlaces& places) {
  TARN_ASSIGN_OR_RETURN(const std::vector<lance::Fragment> fragments, table.Fragments());
  return std::equal(fragments.begin(), fragments.end(), places.parts.begin(), places.parts.end(),
                    [](const lance::Fragment& fragment, const StoredPart& part) {
                      return fragment.data == part.data && fragment.deletions == part.deletions &&
                             fragment.rows == part.rows;
                    });
}

uint64_t RowMap::RowsAdded(const RowPlaces& now) const {
  uint64_t rows = 0;
  for (const size_t part : added) rows += now.parts[part].rows;
  return rows;
}

RowMap MapRows(const RowPlaces& before, const RowPlaces& now) {
  RowMap map;
  map.to_of_from.assign(before.rows(), kNoRow);
  std::vector<Dense> begins;
  Dense begin = 0;
  for (const StoredPart& part : before.parts) {
    begins.push_back(begin);
    begin += part.rows;
  }
  const auto index = PartByData(before);
  Dense now_begin = 0;
  for (size_t i = 0; i < now.parts.size(); ++i) {
    const StoredPart& part = now.parts[i];
    const auto same = index.find(part.data);
    if (part.rows > 0 &&
        (same == index.end() || !MapPart(before.parts[same->second], begins[same->second], part,
                                         now_begin, map.to_of_from))) {
      map.added.push_back(i);
    }
    now_begin += part.rows;
  }
  uint64_t next = 0;  // the least number that the next row that stays may have
  for (size_t from = 0; from < map.to_of_from.size(); ++from) {
    const Dense to = map.to_of_from[from];
    map.moves = map.moves || to != from;
    if (to == kNoRow) {
      ++map.gone;
      continue;
    }
    map.in_order = map.in_order && to >= next;
    next = uint64_t{to} + 1;
  }
  return map;
}

}  // namespace tarn::search
