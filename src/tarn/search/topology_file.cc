// Layout, all numbers little endian
//
//   "TARNCSR1"                        what this is, and in which form
//   u64  checksum                     XXH3 of everything behind it
//   u32  out                          1 for the neighbours of sources, 0 for those of targets
//   u32  simple                       1 if no two edges are parallel
//   3 ×  table                        edge, source, target
//   u64  vertices, u64 edges, u64 edge rows: as many as edges, or none
//        zeroes up to a multiple of 8 from the start of the file
//   u32  offsets[vertices + 1], neighbours[edges], edge_rows[edge rows]
//
//   table:  text location, u64 version,
//           u64 parts × { text data, text deletions, u32 rows, u64 runs × { u32 begin, u32 count }
//           }, u64 runs × { u64 first row id, u32 count }
//   text:   u64 size, bytes

#include "tarn/search/topology_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tarn/search/id_map.h"

namespace tarn::search {
namespace {

static_assert(std::endian::native == std::endian::little, "files are written as memory has them");

constexpr std::string_view kMagic = "TARNCSR1";
constexpr size_t kChecksumEnd = kMagic.size() + sizeof(uint64_t);
constexpr size_t kAlignment = 8;

class Writer {
 public:
  explicit Writer(size_t size) { bytes_.reserve(size); }

  template <typename Number>
  void Put(Number number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  void Text(std::string_view text) {
    Put<uint64_t>(text.size());
    bytes_.append(text);
  }
  template <typename Number>
  void Array(std::span<const Number> numbers) {
    bytes_.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
  }
  void Table(const SeenTable& table) {
    Text(table.location);
    Put(table.version);
    Put<uint64_t>(table.places.parts.size());
    for (const StoredPart& part : table.places.parts) {
      Text(part.data);
      Text(part.deletions);
      Put(part.rows);
      Put<uint64_t>(part.live.size());
      for (const PlaceRun& run : part.live) {
        Put(run.begin);
        Put(run.count);
      }
    }
    Put<uint64_t>(table.row_ids.size());
    for (const RowIdRun& run : table.row_ids) {
      Put(run.first);
      Put(run.count);
    }
  }
  void Align() { bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment); }
  std::string Finish() {
    const uint64_t checksum =
        XXH3_64bits(bytes_.data() + kChecksumEnd, bytes_.size() - kChecksumEnd);
    std::memcpy(bytes_.data() + kMagic.size(), &checksum, sizeof(checksum));
    return std::move(bytes_);
  }
  void Magic() {
    bytes_.append(kMagic);
    Put<uint64_t>(0);  // the checksum's place
  }

 private:
  std::string bytes_;
};

/// Reads what Writer wrote. After a read beyond the end it gives zeroes and says that it failed.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && place_ == bytes_.size(); }

  template <typename Number>
  Number Get() {
    Number number{};
    const std::string_view raw = Take(sizeof(number));
    if (!failed_) std::memcpy(&number, raw.data(), sizeof(number));
    return number;
  }
  std::string Text() { return std::string(Take(Get<uint64_t>())); }
  /// A number of items that take at least `item_bytes` each, so that it cannot ask for much memory.
  uint64_t Count(size_t item_bytes) {
    const auto count = Get<uint64_t>();
    if (count > (bytes_.size() - place_) / item_bytes) failed_ = true;
    return failed_ ? 0 : count;
  }
  template <typename Number>
  std::span<const Number> Array(uint64_t count) {
    if (count > bytes_.size() / sizeof(Number)) failed_ = true;
    const std::string_view raw = failed_ ? std::string_view() : Take(count * sizeof(Number));
    if (failed_) return {};
    return {reinterpret_cast<const Number*>(raw.data()), count};
  }
  SeenTable Table() {
    SeenTable table{.location = Text(), .version = Get<uint64_t>()};
    table.places.parts.resize(Count(2 * sizeof(uint64_t)));
    for (StoredPart& part : table.places.parts) {
      part.data = Text();
      part.deletions = Text();
      part.rows = Get<Dense>();
      part.live.resize(Count(2 * sizeof(uint32_t)));
      for (PlaceRun& run : part.live) run = {Get<uint32_t>(), Get<uint32_t>()};
    }
    table.row_ids.resize(Count(sizeof(uint64_t) + sizeof(Dense)));
    for (RowIdRun& run : table.row_ids) run = {Get<uint64_t>(), Get<Dense>()};
    return table;
  }
  void Align() { Take((kAlignment - place_ % kAlignment) % kAlignment); }

 private:
  std::string_view Take(uint64_t size) {
    if (failed_ || size > bytes_.size() - place_) {
      failed_ = true;
      return {};
    }
    const std::string_view raw = bytes_.substr(place_, size);
    place_ += size;
    return raw;
  }

  const std::string_view bytes_;
  size_t place_ = 0;
  bool failed_ = false;
};

Status Broken(std::string_view what) {
  return Error(ErrorId::kCorruptData, "a stored topology {}", what);
}

bool AllBelow(std::span<const Dense> numbers, uint64_t limit) {
  Dense greatest = 0;
  for (const Dense number : numbers) greatest = std::max(greatest, number);
  return numbers.empty() || greatest < limit;
}

bool CountsItsRows(const SeenTable& table) {
  return std::all_of(table.places.parts.begin(), table.places.parts.end(), [](const auto& part) {
    uint64_t rows = 0;
    uint64_t end = 0;
    for (const PlaceRun& run : part.live) {
      if (run.begin < end || run.count == 0) return false;
      end = uint64_t{run.begin} + run.count;
      rows += run.count;
    }
    return rows == part.rows && end <= kNoRow;
  });
}

/// What memory safety and the right answer lean on, beside the checksum.
Status CheckLists(const Topology& topology) {
  const Adjacency& lists = topology.lists;
  const SeenTable& near = topology.out ? topology.source : topology.target;
  const SeenTable& far = topology.out ? topology.target : topology.source;
  for (const SeenTable* table : {&topology.edge, &topology.source, &topology.target}) {
    if (!CountsItsRows(*table)) return Broken("counts its rows wrong");
  }
  const size_t edges = lists.neighbours.size();
  if (lists.vertices() != near.places.rows() || edges != topology.edge.places.rows() ||
      (!lists.edge_rows.empty() && lists.edge_rows.size() != edges)) {
    return Broken("does not fit its tables");
  }
  if (lists.offsets.front() != 0 || lists.offsets.back() != edges ||
      !std::is_sorted(lists.offsets.begin(), lists.offsets.end()) ||
      !AllBelow(lists.neighbours, far.places.rows()) || !AllBelow(lists.edge_rows, edges)) {
    return Broken("names vertices or edges that there are not");
  }
  return Status::Ok();
}

}  // namespace

std::string EncodeTopology(const Topology& topology) {
  Writer writer(static_cast<size_t>(topology.bytes()) + 4096);
  writer.Magic();
  writer.Put<uint32_t>(topology.out ? 1 : 0);
  writer.Put<uint32_t>(topology.lists.simple ? 1 : 0);
  for (const SeenTable* table : {&topology.edge, &topology.source, &topology.target}) {
    writer.Table(*table);
  }
  writer.Put<uint64_t>(topology.lists.vertices());
  writer.Put<uint64_t>(topology.lists.neighbours.size());
  writer.Put<uint64_t>(topology.lists.edge_rows.size());
  writer.Align();
  writer.Array(topology.lists.offsets);
  writer.Array(topology.lists.neighbours);
  writer.Array(topology.lists.edge_rows);
  return writer.Finish();
}

Result<Topology> DecodeTopology(std::string bytes) {
  if (bytes.size() < kChecksumEnd || std::string_view(bytes).substr(0, kMagic.size()) != kMagic) {
    return Broken("is not one, or of another form");
  }
  const auto held = std::make_shared<const std::string>(std::move(bytes));
  Reader reader(*held);
  reader.Array<char>(kMagic.size());
  if (reader.Get<uint64_t>() !=
      XXH3_64bits(held->data() + kChecksumEnd, held->size() - kChecksumEnd))
    return Broken("is damaged: its checksum does not fit");
  Topology topology;
  topology.out = reader.Get<uint32_t>() != 0;
  topology.lists.simple = reader.Get<uint32_t>() != 0;
  for (SeenTable* table : {&topology.edge, &topology.source, &topology.target}) {
    *table = reader.Table();
  }
  const auto vertices = reader.Get<uint64_t>();
  const auto edges = reader.Get<uint64_t>();
  const auto edge_rows = reader.Get<uint64_t>();
  reader.Align();
  topology.lists.offsets = reader.Array<uint32_t>(vertices + 1);
  topology.lists.neighbours = reader.Array<Dense>(edges);
  topology.lists.edge_rows = reader.Array<Dense>(edge_rows);
  topology.lists.memory = held;
  if (!reader.at_end() || topology.lists.offsets.empty())
    return Broken("is cut short, or too long");
  TARN_RETURN_IF_ERROR(CheckLists(topology));
  return topology;
}

}  // namespace tarn::search
