#include "tarn/lance/checks.h"

#include <set>

#include <arrow/scalar.h>
#include <arrow/type.h>

#include "tarn/lance/fork_uri.h"

namespace tarn::lance {
namespace {

using Op = Filter::Op;

bool HoldsItsType(const Value& value) {
  switch (value.type) {
    case Value::Type::kBool: return std::holds_alternative<bool>(value.value);
    case Value::Type::kInt32:
    case Value::Type::kInt64:
    case Value::Type::kDate32:
    case Value::Type::kDate64: return std::holds_alternative<int64_t>(value.value);
    case Value::Type::kUint32:
    case Value::Type::kUint64: return std::holds_alternative<uint64_t>(value.value);
    case Value::Type::kFloat32:
    case Value::Type::kFloat64: return std::holds_alternative<double>(value.value);
    case Value::Type::kUtf8: return std::holds_alternative<std::string>(value.value);
  }
  TARN_UNREACHABLE("a Value::Type outside its enum");
}

Status CheckValues(const arrow::Field& field, const arrow::DataType& type, const Filter& filter) {
  for (const Value& value : filter.values) {
    if (!HoldsItsType(value)) {
      return Error(ErrorId::kInvalidArgument,
                   "a filter value for column {} does not hold the {} it claims to be",
                   field.name(), TypeName(value.type));
    }
    const bool fits = ArrowTypeOf(value.type)->Equals(type) ||
                      (value.type == Value::Type::kUtf8 && type.id() == arrow::Type::LARGE_STRING);
    if (!fits) {
      return Error(ErrorId::kInvalidArgument,
                   "a filter compares column {} of type {} with a value of type {}", field.name(),
                   type.ToString(), TypeName(value.type));
    }
  }
  return Status::Ok();
}

Status CheckCount(const Filter& filter, size_t values_min, size_t values_max) {
  if (!filter.args.empty() || filter.values.size() < values_min ||
      filter.values.size() > values_max) {
    return Error(ErrorId::kInvalidArgument, "a filter on column {} has {} values and {} arguments",
                 filter.column, filter.values.size(), filter.args.size());
  }
  return Status::Ok();
}

Status CheckLeaf(const arrow::Schema& schema, const Filter& filter) {
  const std::shared_ptr<arrow::Field> field = schema.GetFieldByName(filter.column);
  if (field == nullptr)
    return Error(ErrorId::kInvalidArgument, "a filter names the unknown column {}", filter.column);
  switch (filter.op) {
    case Op::kIsNull:
    case Op::kIsNotNull: return CheckCount(filter, 0, 0);
    case Op::kIn: TARN_RETURN_IF_ERROR(CheckCount(filter, 0, kFilterValuesMax)); break;
    default: TARN_RETURN_IF_ERROR(CheckCount(filter, 1, 1));
  }
  if (filter.op == Op::kListContains) {
    const arrow::Type::type id = field->type()->id();
    if (id != arrow::Type::LIST && id != arrow::Type::LARGE_LIST &&
        id != arrow::Type::FIXED_SIZE_LIST) {
      return Error(ErrorId::kInvalidArgument, "column {} of type {} is not a list", filter.column,
                   field->type()->ToString());
    }
    return CheckValues(*field, *field->type()->field(0)->type(), filter);
  }
  const bool is_text_op = filter.op == Op::kStartsWith || filter.op == Op::kContains;
  if (is_text_op && filter.values[0].type != Value::Type::kUtf8) {
    return Error(ErrorId::kInvalidArgument,
                 "a text filter on column {} has a value that is no text", filter.column);
  }
  return CheckValues(*field, *field->type(), filter);
}

Status CheckAt(const arrow::Schema& schema, const Filter& filter, int depth) {
  if (depth > kFilterDepthMax) {
    return Error(ErrorId::kInvalidArgument, "a filter is nested deeper than {} levels",
                 kFilterDepthMax);
  }
  if (filter.op != Op::kAnd && filter.op != Op::kOr && filter.op != Op::kNot)
    return CheckLeaf(schema, filter);
  if (filter.args.empty() || (filter.op == Op::kNot && filter.args.size() != 1)) {
    return Error(ErrorId::kInvalidArgument, "a filter's and, or, not has {} arguments",
                 filter.args.size());
  }
  for (const Filter& arg : filter.args) TARN_RETURN_IF_ERROR(CheckAt(schema, arg, depth + 1));
  return Status::Ok();
}

Status CheckContinued(const arrow::Field& old, const TableColumn& column) {
  const arrow::Field& field = *column.field;
  if (column.fill != nullptr) {
    return Error(ErrorId::kInvalidArgument, "column {} continues {} and has a fill", field.name(),
                 old.name());
  }
  if (!old.type()->Equals(field.type()) && !Widens(*old.type(), *field.type())) {
    return Error(ErrorId::kInvalidArgument, "column {} of type {} cannot become {}", old.name(),
                 old.type()->ToString(), field.type()->ToString());
  }
  if (old.nullable() && !field.nullable()) {
    return Error(ErrorId::kInvalidArgument, "column {} may hold null and has to go on so",
                 old.name());
  }
  return Status::Ok();
}

Status CheckNew(const TableColumn& column) {
  const arrow::Field& field = *column.field;
  if (column.fill != nullptr && !column.fill->type->Equals(field.type())) {
    return Error(ErrorId::kInvalidArgument, "the fill of column {} is {}, not {}", field.name(),
                 column.fill->type->ToString(), field.type()->ToString());
  }
  if (!field.nullable() && (column.fill == nullptr || !column.fill->is_valid)) {
    return Error(ErrorId::kInvalidArgument, "column {} must not be null and has no fill",
                 field.name());
  }
  return Status::Ok();
}

}  // namespace

std::shared_ptr<arrow::DataType> ArrowTypeOf(Value::Type type) {
  switch (type) {
    case Value::Type::kBool: return arrow::boolean();
    case Value::Type::kInt32: return arrow::int32();
    case Value::Type::kInt64: return arrow::int64();
    case Value::Type::kUint32: return arrow::uint32();
    case Value::Type::kUint64: return arrow::uint64();
    case Value::Type::kFloat32: return arrow::float32();
    case Value::Type::kFloat64: return arrow::float64();
    case Value::Type::kUtf8: return arrow::utf8();
    case Value::Type::kDate32: return arrow::date32();
    case Value::Type::kDate64: return arrow::date64();
  }
  TARN_UNREACHABLE("a Value::Type outside its enum");
}

std::string_view TypeName(Value::Type type) {
  switch (type) {
    case Value::Type::kBool: return "bool";
    case Value::Type::kInt32: return "int32";
    case Value::Type::kInt64: return "int64";
    case Value::Type::kUint32: return "uint32";
    case Value::Type::kUint64: return "uint64";
    case Value::Type::kFloat32: return "float32";
    case Value::Type::kFloat64: return "float64";
    case Value::Type::kUtf8: return "utf8";
    case Value::Type::kDate32: return "date32";
    case Value::Type::kDate64: return "date64";
  }
  TARN_UNREACHABLE("a Value::Type outside its enum");
}

Status CheckColumns(const arrow::Schema& schema, const std::vector<std::string>& columns) {
  std::set<std::string_view> seen;
  for (const std::string& column : columns) {
    if (schema.GetFieldByName(column) == nullptr) {
      return Error(ErrorId::kInvalidArgument, "there is no column {} in the table", column);
    }
    if (!seen.insert(column).second)
      return Error(ErrorId::kInvalidArgument, "column {} is named twice", column);
  }
  return Status::Ok();
}

Status CheckTakeColumns(const arrow::Schema& schema, std::vector<std::string> columns) {
  const auto addr = std::find(columns.begin(), columns.end(), kRowAddrColumn);
  if (addr != columns.end()) columns.erase(addr);
  return CheckColumns(schema, columns);
}

Status CheckFilter(const arrow::Schema& schema, const Filter& filter) {
  return CheckAt(schema, filter, 1);
}

Status CheckScan(const arrow::Schema& schema, const ScanSpec& spec) {
  TARN_RETURN_IF_ERROR(CheckColumns(schema, spec.columns));
  if (spec.batch_rows == 0)
    return Error(ErrorId::kInvalidArgument, "a scan asks for batches of 0 rows");
  return spec.filter ? CheckFilter(schema, *spec.filter) : Status::Ok();
}

Status CheckFollows(const Table& base, const Staged& staged, uint64_t read_version) {
  if (staged.uri() == base.uri() && read_version == base.version()) return Status::Ok();
  return Error(ErrorId::kInvalidArgument,
               "a transaction staged on version {} of {} cannot follow version {} of {}",
               read_version, staged.uri(), base.version(), base.uri());
}

Status CheckFork(std::string_view uri) {
  if (!SplitForkUri(uri).fork.empty()) return Status::Ok();
  return Error(ErrorId::kInvalidArgument, "{} is not the address of a fork", uri);
}

Status CheckRestore(const Table& head, uint64_t to) {
  if (to > 0 && to < head.version()) return Status::Ok();
  return Error(ErrorId::kInvalidArgument,
               "{} stands at version {}, so version {} is not an older one", head.uri(),
               head.version(), to);
}

std::shared_ptr<arrow::Schema> OutputSchema(const arrow::Schema& schema, const ScanSpec& spec) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const std::string& column : spec.columns) fields.push_back(schema.GetFieldByName(column));
  if (spec.row_id) fields.push_back(arrow::field(std::string(kRowIdColumn), arrow::uint64()));
  if (spec.row_addr) fields.push_back(arrow::field(std::string(kRowAddrColumn), arrow::uint64()));
  return arrow::schema(std::move(fields));
}

bool Widens(const arrow::DataType& from, const arrow::DataType& to) {
  using arrow::Type;
  if (from.id() == Type::LIST && to.id() == Type::LIST) {
    return Widens(*from.field(0)->type(), *to.field(0)->type());
  }
  switch (from.id()) {
    case Type::INT32: return to.id() == Type::INT64 || to.id() == Type::DOUBLE;
    case Type::UINT32:
      return to.id() == Type::UINT64 || to.id() == Type::INT64 || to.id() == Type::DOUBLE;
    case Type::FLOAT: return to.id() == Type::DOUBLE;
    default: return false;
  }
}

Status CheckTableColumns(const arrow::Schema& base, const std::vector<TableColumn>& columns) {
  if (columns.empty()) return Error(ErrorId::kInvalidArgument, "a table needs a column");
  std::set<std::string_view> names, sources;
  for (const TableColumn& column : columns) {
    const std::string& name = column.field->name();
    if (!names.insert(name).second) {
      return Error(ErrorId::kInvalidArgument, "column {} is named twice", name);
    }
    if (column.from.empty()) {
      TARN_RETURN_IF_ERROR(CheckNew(column));
      continue;
    }
    const std::shared_ptr<arrow::Field> old = base.GetFieldByName(column.from);
    if (old == nullptr) {
      return Error(ErrorId::kInvalidArgument, "there is no column {} to continue", column.from);
    }
    if (!sources.insert(column.from).second) {
      return Error(ErrorId::kInvalidArgument, "column {} is continued twice", column.from);
    }
    TARN_RETURN_IF_ERROR(CheckContinued(*old, column));
  }
  return Status::Ok();
}

std::shared_ptr<arrow::Schema> SchemaOf(const std::vector<TableColumn>& columns) {
  arrow::FieldVector fields;
  for (const TableColumn& column : columns) fields.push_back(column.field);
  return arrow::schema(std::move(fields));
}

}  // namespace tarn::lance
