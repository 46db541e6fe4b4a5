#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/clock.h"
#include "tarn/catalog/catalog.h"
#include "tarn/lance/table.h"

namespace tarn::write {

/// Which rule a row breaks.
enum class RowRule : uint8_t { kValue, kEnd, kUnique, kCardinality };

struct BrokenRule {
  RowRule rule = RowRule::kValue;
  catalog::TableKind kind = catalog::TableKind::kNode;
  std::string type;
  std::string id;  ///< empty when it is not the fault of one row
  std::string reason;
};

/// Where a stored row is.
struct RowPlace {
  uint64_t row_id = 0;
  uint64_t row_addr = 0;
  std::string source = {};  ///< of an edge: where it starts
};

/// Changes of rows that were worked out elsewhere, on top of one commit: collected, judged by every
/// rule of the schema and landed as one commit, or thrown away. Types are named as the schema of
/// that commit names them, and rows have the columns of their tables, in the form that staging
/// takes (lance/stored_form.h).
class RowCommit {
 public:
  /// `request`, `catalog` and `clock` outlive this; what is collected draws on the request's
  /// budget.
  RowCommit(const Request& request, catalog::Catalog& catalog, Clock& clock,
            catalog::Snapshot base);
  ~RowCommit();

  const catalog::Snapshot& base() const;

  /// Is a change of this row collected?
  bool Has(catalog::TableKind kind, const std::string& type, std::string_view id) const;

  /// New rows. Errors  kMemoryBudget, as the next two.
  Status Insert(catalog::TableKind kind, const std::string& type,
                std::shared_ptr<arrow::RecordBatch> rows);
  /// New rows of which it is known that they break no rule, and what their number is. They are read
  /// when the commit lands, and are not held. Nothing else of this type is collected.
  void Append(catalog::TableKind kind, const std::string& type,
              std::unique_ptr<lance::BatchStream> rows, uint64_t count);
  /// New images of stored rows, each with the place of the old one.
  Status Update(catalog::TableKind kind, const std::string& type,
                std::shared_ptr<arrow::RecordBatch> rows, const std::vector<RowPlace>& places);
  Status Delete(catalog::TableKind kind, const std::string& type, std::string_view id,
                const RowPlace& place);

  /// What the rows would break, at most kProblemsMax + 1.
  Result<std::vector<BrokenRule>> Judge();

  /// Lands all of it as one commit on the base. Precondition: Judge found nothing.
  /// Errors  those of Catalog::Commit; then nothing was written.
  Result<catalog::CommitRecord> Land(const std::string& operation,
                                     std::optional<std::string> merged_parent);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::write
