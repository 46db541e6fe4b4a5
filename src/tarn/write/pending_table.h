#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/lance/filter.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {

/// So that maps and sets of texts can be asked with a view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

/// What a mutation did to the rows of one type: the last image of each row that it inserted or
/// updated, and the rows it deleted. An id that is here hides the stored row of that id.
///
/// Row numbers count the images in the order they came; only the last image of an id is live.
class PendingTable {
 public:
  /// Is there a stored row of this id, and where? An upsert does not know until it is judged.
  enum class Origin : uint8_t { kUnknown, kNew, kStored };
  struct Row {
    Origin origin = Origin::kUnknown;
    uint64_t row_id = 0;    ///< of the stored row
    uint64_t row_addr = 0;  ///< of the stored row
    bool live = false;
    uint64_t image = 0;  ///< number of the last image
  };

  explicit PendingTable(TypeLayout layout) : layout_(std::move(layout)) {}

  const TypeLayout& layout() const { return layout_; }
  bool empty() const { return rows_.empty(); }
  int64_t bytes() const { return bytes_; }

  /// Adds the images of new rows, or of upserts (kUnknown). An id that is here keeps its origin.
  void Insert(std::shared_ptr<arrow::RecordBatch> images, Origin origin);
  /// Adds images of rows that are here, or of stored rows: then with their places.
  void Update(std::shared_ptr<arrow::RecordBatch> images, const uint64_t* row_ids,
              const uint64_t* row_addrs, const std::vector<std::string>& columns);
  void RemoveStored(std::string_view id, uint64_t row_id, uint64_t row_addr);
  /// Remembers that a stored edge of this source was removed.
  void TouchSource(std::string_view source) { touched_sources_.emplace(source); }
  const TextSet& touched_sources() const { return touched_sources_; }
  /// Removes a live row.
  void Remove(std::string_view id);
  /// Settles an upsert.
  void Settle(std::string_view id, Origin origin, uint64_t row_id, uint64_t row_addr);

  /// Takes over what a later mutation did on top of this. All its upserts are settled.
  Status Absorb(const PendingTable& later);

  bool Has(std::string_view id) const { return rows_.find(id) != rows_.end(); }
  /// Null when the id is not here.
  const Row* Find(std::string_view id) const;
  bool IsLive(std::string_view id) const;
  std::vector<std::string> Unsettled() const;

  /// Images, with the number of the first row of each batch.
  struct Images {
    std::shared_ptr<arrow::RecordBatch> rows;
    uint64_t first = 0;
    std::vector<bool> live;
  };
  const std::vector<Images>& images() const { return images_; }
  const std::unordered_map<std::string, Row, TextHash, std::equal_to<>>& rows() const {
    return rows_;
  }

  /// Did an insert or an update write to one of these columns?
  bool Wrote(const std::vector<std::string>& columns) const;

 private:
  Row& Supersede(std::string_view id);
  void Add(std::shared_ptr<arrow::RecordBatch> images);

  TypeLayout layout_;
  std::vector<Images> images_;
  std::unordered_map<std::string, Row, TextHash, std::equal_to<>> rows_;
  uint64_t image_count_ = 0;
  int64_t bytes_ = 0;
  bool inserted_ = false;
  TextSet updated_columns_;
  TextSet touched_sources_;
};

/// The ids of a batch of a type's table.
const arrow::StringArray& IdsOf(const arrow::RecordBatch& batch);

}  // namespace tarn::write
