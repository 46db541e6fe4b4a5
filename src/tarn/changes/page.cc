#include "tarn/changes/page.h"

#include <utility>

#include <arrow/record_batch.h>

namespace tarn::changes {

Result<ChangePage> ReadPage(const Request& request, std::optional<catalog::Snapshot> before,
                            catalog::Snapshot after, const Filter& filter,
                            const std::optional<Position>& from, size_t limit) {
  ChangePage page{
      .before = std::move(before), .after = std::move(after), .changes = {}, .last = {}};
  const auto take = [&](const TypeChanges& changes) -> Result<bool> {
    for (const Change& change : changes.batch.changes) {
      if (page.changes.size() == limit) {
        const RowChange& last = page.changes.back();
        page.last = Position{.is_edge = last.type.kind == catalog::TableKind::kEdge,
                             .type_id = last.type.id,
                             .id = last.id};
        return false;
      }
      RowChange& row = page.changes.emplace_back();
      row.type = changes.type;
      row.op = change.op;
      row.id = change.id;
      row.properties = &changes.properties;
      if (change.before >= 0) row.before = changes.batch.before->Slice(change.before, 1);
      if (change.after >= 0) row.after = changes.batch.after->Slice(change.after, 1);
    }
    return true;
  };
  TARN_RETURN_IF_ERROR(ForEachChange(request, page.before, page.after, filter, from, take));
  return page;
}

}  // namespace tarn::changes
