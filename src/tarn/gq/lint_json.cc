#include "tarn/gq/lint_json.h"

#include "tarn/base/check.h"

namespace tarn::gq {
namespace {

std::string_view SeverityWord(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "info";
  }
  TARN_UNREACHABLE("a Severity outside its enum");
}

void WriteStrings(std::string_view key, const std::vector<std::string>& strings, JsonWriter& json) {
  if (strings.empty()) return;
  json.Key(key).BeginArray();
  for (const std::string& text : strings) json.String(text);
  json.EndArray();
}

void WriteOptional(std::string_view key, const std::optional<std::string>& text, JsonWriter& json) {
  if (text) json.Key(key).String(*text);
}

void WriteTouched(std::string_view key, const std::vector<TouchedType>& touched, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const TouchedType& type : touched) {
    json.BeginObject()
        .Key("kind")
        .String(type.is_edge ? "edge" : "node")
        .Key("type_name")
        .String(type.type_name);
    json.EndObject();
  }
  json.EndArray();
}

void WriteOperation(const Operation& operation, JsonWriter& json) {
  json.Key("operation").BeginObject().Key("result").BeginArray();
  for (const ResultField& field : operation.result) {
    json.BeginObject().Key("name").String(field.name);
    WriteValueKind(field.kind, json);
    json.EndObject();
  }
  json.EndArray();
  WriteTouched("reads", operation.reads, json);
  WriteTouched("writes", operation.writes, json);
  json.EndObject();
}

void WriteResult(const LintResult& result, JsonWriter& json) {
  json.BeginObject().Key("name").String(result.name);
  json.Key("kind").String(result.is_mutation ? "mutation" : "read");
  json.Key("status").String(result.error ? "error" : "ok");
  WriteStrings("warnings", result.warnings, json);
  WriteOptional("error", result.error, json);
  if (result.operation) WriteOperation(*result.operation, json);
  json.EndObject();
}

void WriteFinding(const LintFinding& finding, JsonWriter& json) {
  json.BeginObject().Key("severity").String(SeverityWord(finding.severity));
  json.Key("code").String(finding.code).Key("message").String(finding.message);
  WriteOptional("type_name", finding.type_name, json);
  WriteOptional("property", finding.property, json);
  WriteStrings("query_names", finding.query_names, json);
  json.EndObject();
}

}  // namespace

void WriteValueKind(const ValueKind& kind, JsonWriter& json) {
  json.Key("kind").String(kind.kind).Key("nullable").Bool(kind.nullable);
  WriteOptional("item_kind", kind.item_kind, json);
  if (kind.vector_dim) json.Key("vector_dim").Uint(*kind.vector_dim);
}

std::string LintJson(const LintReport& report, JsonWriter::Layout layout) {
  const bool is_file = report.origin.schema_kind == LintOrigin::SchemaKind::kFile;
  JsonWriter json(layout);
  json.BeginObject().Key("status").String(report.ok() ? "ok" : "error");
  json.Key("schema_source").BeginObject().Key("kind").String(is_file ? "file" : "graph");
  json.Key(is_file ? "path" : "uri").String(report.origin.schema_location).EndObject();
  json.Key("query_path").String(report.origin.query_path);
  json.Key("queries_processed").Uint(report.results.size());
  json.Key("errors").Uint(report.Count(Severity::kError));
  json.Key("warnings").Uint(report.Count(Severity::kWarning));
  json.Key("infos").Uint(report.Count(Severity::kNote));
  json.Key("results").BeginArray();
  for (const LintResult& result : report.results) WriteResult(result, json);
  json.EndArray().Key("findings").BeginArray();
  for (const LintFinding& finding : report.findings) WriteFinding(finding, json);
  json.EndArray().EndObject();
  return json.Take();
}

}  // namespace tarn::gq
