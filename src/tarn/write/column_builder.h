#pragma once

#include <memory>
#include <string>

#include <arrow/type_fwd.h>

#include "tarn/schema/schema.h"
#include "tarn/write/record.h"
#include "tarn/write/value_checks.h"

namespace tarn::write {

/// Turns the JSON values of one property into the cells of its Arrow column, strictly: a value of
/// the wrong kind or out of range is refused with the reason, never bent or dropped.
///
/// Source  docs/spec/graph-language.md §11.2 to §11.4
class ColumnBuilder {
 public:
  virtual ~ColumnBuilder() = default;

  /// Appends a cell that is not null. After a refusal the column's length means nothing until
  /// Reset.
  virtual Refusal Append(const Record& record, const JsonCell& cell) = 0;
  virtual Refusal AppendNull() = 0;
  /// The canonical key text of the newest cell, for scalar types that can be a key.
  virtual void AppendKeyText(std::string& out) const = 0;

  Result<std::shared_ptr<arrow::Array>> Finish();
  void Reset();

 protected:
  explicit ColumnBuilder(arrow::ArrayBuilder& builder) : builder_(builder) {}

 private:
  arrow::ArrayBuilder& builder_;  // outlives this
};

/// A column builder and the Arrow builder it fills.
struct OwnedColumn {
  std::unique_ptr<arrow::ArrayBuilder> arrow;
  std::unique_ptr<ColumnBuilder> column;
};

/// `property` outlives the result.
Result<OwnedColumn> MakeColumn(const schema::Property& property, ValueChecks checks);

}  // namespace tarn::write
