#include "tarn/lance/bridge_spec.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include "tarn/base/check.h"
#include "tarn/base/json_writer.h"
#include "tarn/lance/checks.h"

namespace tarn::lance {
namespace {

using Op = Filter::Op;

std::string_view OpName(Op op) {
  switch (op) {
    case Op::kAnd: return "and";
    case Op::kOr: return "or";
    case Op::kNot: return "not";
    case Op::kEqual: return "=";
    case Op::kNotEqual: return "!=";
    case Op::kLess: return "<";
    case Op::kLessEqual: return "<=";
    case Op::kGreater: return ">";
    case Op::kGreaterEqual: return ">=";
    case Op::kIn: return "in";
    case Op::kIsNull: return "is_null";
    case Op::kIsNotNull: return "is_not_null";
    case Op::kStartsWith: return "starts_with";
    case Op::kContains: return "contains";
    case Op::kListContains: return "list_contains";
  }
  TARN_UNREACHABLE("a Filter::Op outside its enum");
}

/// The bridge takes integers in their widest form and gives the literal the type of its column.
std::string_view BridgeTypeName(Value::Type type) {
  if (type == Value::Type::kInt32) return TypeName(Value::Type::kInt64);
  if (type == Value::Type::kUint32) return TypeName(Value::Type::kUint64);
  return TypeName(type);
}

struct ValueWriter {
  JsonWriter& json;
  void operator()(bool value) const { json.Bool(value); }
  void operator()(int64_t value) const { json.Int(value); }
  void operator()(uint64_t value) const { json.Uint(value); }
  void operator()(double value) const { json.Double(value); }
  void operator()(const std::string& value) const { json.String(value); }
};

void WriteLeaf(const Filter& filter, const std::vector<Value>& values, JsonWriter& json) {
  json.BeginObject().Key("op").String(OpName(filter.op)).Key("column").String(filter.column);
  if (filter.op == Op::kIn) {
    json.Key("values").BeginArray();
    for (const Value& value : values) std::visit(ValueWriter{json}, value.value);
    json.EndArray();
  } else if (!values.empty()) {
    json.Key("value");
    std::visit(ValueWriter{json}, values[0].value);
  }
  const bool is_text_op = filter.op == Op::kStartsWith || filter.op == Op::kContains;
  if (!values.empty() && !is_text_op) json.Key("type").String(BridgeTypeName(values[0].type));
  json.EndObject();
}

bool IsZero(const Value& value) {
  const double* number = std::get_if<double>(&value.value);
  return number != nullptr && *number == 0.0;
}

void WriteFilter(const Filter& filter, JsonWriter& json) {
  if (filter.op == Op::kAnd || filter.op == Op::kOr || filter.op == Op::kNot) {
    json.BeginObject().Key("op").String(OpName(filter.op)).Key("args").BeginArray();
    for (const Filter& arg : filter.args) WriteFilter(arg, json);
    json.EndArray().EndObject();
  } else if (filter.op == Op::kListContains && IsZero(filter.values[0])) {
    // The list search alone tells the two zeros apart; comparisons do not.
    const Value::Type type = filter.values[0].type;
    json.BeginObject().Key("op").String("or").Key("args").BeginArray();
    WriteLeaf(filter, {{type, 0.0}}, json);
    WriteLeaf(filter, {{type, -0.0}}, json);
    json.EndArray().EndObject();
  } else {
    WriteLeaf(filter, filter.values, json);
  }
}

}  // namespace

std::string ScanJson(const ScanSpec& spec) {
  JsonWriter json;
  json.BeginObject().Key("columns").Raw(ColumnsJson(spec.columns));
  if (spec.filter) {
    json.Key("filter");
    WriteFilter(*spec.filter, json);
  }
  if (spec.fragments) {
    json.Key("fragments").BeginArray();
    for (const uint64_t id : *spec.fragments) json.Uint(id);
    json.EndArray();
  }
  json.Key("row_id").Bool(spec.row_id).Key("row_addr").Bool(spec.row_addr);
  if (spec.limit) json.Key("limit").Uint(*spec.limit);
  json.Key("batch_rows").Uint(spec.batch_rows).Key("in_order").Bool(spec.in_order);
  return json.EndObject().Take();
}

std::string ColumnsJson(const std::vector<std::string>& columns) {
  JsonWriter json;
  json.BeginArray();
  for (const std::string& column : columns) json.String(column);
  return json.EndArray().Take();
}

std::string StageJson(const StageOptions& options) {
  JsonWriter json;
  json.BeginObject().Key("max_rows_per_file").Uint(options.rows_per_file_max);
  json.Key("properties").BeginObject();
  for (const auto& [name, value] : options.properties) json.Key(name).String(value);
  return json.EndObject().EndObject().Take();
}

std::string TableColumnsJson(const std::vector<TableColumn>& columns, const StageOptions& options) {
  JsonWriter json;
  json.BeginObject().Key("columns").BeginArray();
  for (const TableColumn& column : columns) {
    json.BeginObject().Key("name").String(column.field->name()).Key("from");
    if (column.from.empty()) {
      json.Null();
    } else {
      json.String(column.from);
    }
    json.Key("nullable").Bool(column.field->nullable()).Key("metadata").BeginObject();
    if (const auto& metadata = column.field->metadata()) {
      for (int64_t i = 0; i < metadata->size(); ++i) {
        json.Key(metadata->key(i)).String(metadata->value(i));
      }
    }
    json.EndObject().EndObject();
  }
  json.EndArray().Key("properties").BeginObject();
  for (const auto& [name, value] : options.properties) json.Key(name).String(value);
  return json.EndObject().EndObject().Take();
}

std::string CommitJson(const CommitOptions& options) {
  JsonWriter json;
  json.BeginObject()
      .Key("trust_expected")
      .Bool(options.trust_expected)
      .Key("sync")
      .Bool(options.durable);
  return json.EndObject().Take();
}

std::string RefJson(std::string_view fork, std::optional<uint64_t> version) {
  JsonWriter json;
  json.BeginObject();
  if (!fork.empty()) json.Key("branch").String(fork);
  if (version) json.Key("version").Uint(*version);
  return json.EndObject().Take();
}

}  // namespace tarn::lance
