#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"
#include "tarn/lance/table.h"

/// What the fake and the bridge check alike before they start, so that both refuse the same
/// requests with the same words.

namespace tarn::lance {

/// The Arrow type that a value of `type` compares with.
std::shared_ptr<arrow::DataType> ArrowTypeOf(Value::Type type);
/// "int64", as Arrow and tarn_bridge.h spell it.
std::string_view TypeName(Value::Type type);

/// kInvalidArgument for a name that the schema does not have, or has been named before.
Status CheckColumns(const arrow::Schema& schema, const std::vector<std::string>& columns);
/// The same for a take, which may also ask for kRowAddrColumn.
Status CheckTakeColumns(const arrow::Schema& schema, std::vector<std::string> columns);

/// kInvalidArgument for an unknown column, a value of another type than its column, a wrong number
/// of values or arguments, nesting beyond kFilterDepthMax or too many values (kFilterValuesMax).
Status CheckFilter(const arrow::Schema& schema, const Filter& filter);

/// Both of the above and the batch size.
Status CheckScan(const arrow::Schema& schema, const ScanSpec& spec);

/// Does every value of `from` have an equal one of `to`? The conversions of StageColumns: wider
/// integers, F64 for what it holds exactly, and lists of these.
bool Widens(const arrow::DataType& from, const arrow::DataType& to);

/// kInvalidArgument for what StageColumns refuses: no column, a name or a source twice, an unknown
/// source, a type that is not wider, a column that is null in the base and must not be, a fill of
/// another type, or none where one is needed.
Status CheckTableColumns(const arrow::Schema& base, const std::vector<TableColumn>& columns);

/// The schema of a table of these columns.
std::shared_ptr<arrow::Schema> SchemaOf(const std::vector<TableColumn>& columns);

/// kInvalidArgument unless `staged`, which read `read_version`, was staged on exactly the version
/// that `base` is.
Status CheckFollows(const Table& base, const Staged& staged, uint64_t read_version);

/// kInvalidArgument unless `uri` is the address of a fork.
Status CheckFork(std::string_view uri);

/// kInvalidArgument unless `to` is a version before `head`.
Status CheckRestore(const Table& head, uint64_t to);

/// The schema a scan answers with: the columns, then the row id, then the row address.
std::shared_ptr<arrow::Schema> OutputSchema(const arrow::Schema& schema, const ScanSpec& spec);

}  // namespace tarn::lance
