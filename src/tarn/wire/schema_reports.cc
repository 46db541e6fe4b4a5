#include "tarn/wire/schema_reports.h"

#include <fmt/format.h>

#include "tarn/base/json_writer.h"
#include "tarn/wire/reports.h"

namespace tarn::wire {
namespace {

using schema::MigrationStep;
using schema::StepKind;

void WriteType(JsonWriter& json, const schema::PropertyType& type) {
  json.BeginObject().Key("scalar");
  if (type.scalar == schema::Scalar::kVector) {
    json.BeginObject().Key("Vector").Uint(type.dimension).EndObject();
  } else {
    json.String(schema::ScalarName(type.scalar));
  }
  json.Key("nullable").Bool(type.nullable).Key("list").Bool(type.list).Key("enum_values");
  if (!type.is_enum()) {
    json.Null().EndObject();
    return;
  }
  json.BeginArray();
  for (const std::string& value : type.enum_values) json.String(value);
  json.EndArray().EndObject();
}

void WriteNames(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.Key(key).BeginArray();
  for (const std::string& name : names) json.String(name);
  json.EndArray();
}

/// `name` for steps on a whole type, `type_name` and `property_name` for those inside one.
void WriteTarget(JsonWriter& json, const MigrationStep& step) {
  json.Key("type_kind").String(schema::DeclarationWord(step.type_kind));
  switch (step.kind) {
    case StepKind::kAddType:
    case StepKind::kDropType:
    case StepKind::kUpdateTypeMetadata: json.Key("name").String(step.type_name); return;
    case StepKind::kRenameType:
      json.Key("from").String(step.from).Key("to").String(step.type_name);
      return;
    case StepKind::kRenameProperty:
      json.Key("type_name").String(step.type_name);
      json.Key("from").String(step.from).Key("to").String(step.property_name);
      return;
    default: break;
  }
  json.Key("type_name").String(step.type_name);
  if (!step.property_name.empty()) json.Key("property_name").String(step.property_name);
}

void WriteContent(JsonWriter& json, const MigrationStep& step) {
  if (step.type_before) {
    json.Key("from_type");
    WriteType(json, *step.type_before);
  }
  if (step.type_after) {
    json.Key("property_type");
    WriteType(json, *step.type_after);
  }
  if (step.kind == StepKind::kExtendEnum) WriteNames(json, "added_values", step.added_values);
  if (step.kind == StepKind::kChangeImplements) WriteNames(json, "interfaces", step.interfaces);
  if (!step.constraint.empty()) json.Key("constraint").String(step.constraint);
  const bool drops = step.kind == StepKind::kDropType || step.kind == StepKind::kDropProperty;
  if (drops) json.Key("mode").String("soft");
  if (step.annotations.empty()) return;
  json.Key("annotations").BeginArray();
  for (const auto& [name, text] : step.annotations) {
    json.BeginObject().Key("name").String(name).Key("value");
    text ? json.String(*text) : json.Null();
    json.EndObject();
  }
  json.EndArray();
}

void WriteStep(JsonWriter& json, const MigrationStep& step) {
  json.BeginObject().Key("kind").String(schema::StepKindName(step.kind));
  if (step.kind == StepKind::kUnsupported) {
    json.Key("entity").String(schema::StepEntity(step)).Key("reason").String(step.reason);
    if (!step.code.empty()) json.Key("code").String(step.code);
    json.EndObject();
    return;
  }
  json.Key("tier").String(schema::StepTierName(step.tier));
  if (step.kind != StepKind::kRespell) WriteTarget(json, step);
  WriteContent(json, step);
  json.EndObject();
}

void WritePlan(JsonWriter& json, const std::string& uri, const schema::Migration& migration) {
  json.Key("uri").String(uri).Key("supported").Bool(migration.is_supported());
  json.Key("step_count").Uint(migration.steps.size()).Key("steps").BeginArray();
  for (const MigrationStep& step : migration.steps) WriteStep(json, step);
  json.EndArray();
}

std::string StepLines(const schema::Migration& migration) {
  std::string out;
  for (const MigrationStep& step : migration.steps) {
    const bool is_unsupported = step.kind == StepKind::kUnsupported;
    out += fmt::format("  {:<11}  {}\n",
                       is_unsupported ? "unsupported" : schema::StepTierName(step.tier),
                       schema::StepText(step));
  }
  return out;
}

}  // namespace

std::string SchemaPlanJson(const std::string& uri, const schema::Migration& migration) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject();
  WritePlan(json, uri, migration);
  json.EndObject();
  return json.Take() + "\n";
}

std::string SchemaPlanText(const schema::Migration& migration) {
  if (migration.steps.empty()) return "nothing to change: this schema is accepted already\n";
  std::string out = fmt::format("{} steps\n{}", migration.steps.size(), StepLines(migration));
  if (!migration.is_supported()) out += "not supported: apply would change nothing\n";
  return out;
}

std::string SchemaApplyJson(const std::string& uri, const write::ApplyResult& result) {
  const bool applied = !result.commit.id.empty();
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject();
  WritePlan(json, uri, result.migration);
  json.Key("applied").Bool(applied).Key("graph_manifest_version");
  applied ? json.Uint(result.commit.manifest_version) : json.Null();
  json.Key("commit");
  if (applied) {
    WriteCommit(json, result.commit);
  } else {
    json.Null();
  }
  json.EndObject();
  return json.Take() + "\n";
}

std::string SchemaApplyText(const write::ApplyResult& result) {
  if (result.commit.id.empty()) return "not applied: this schema is accepted already\n";
  return fmt::format("applied {} steps in commit {}\n{}", result.migration.steps.size(),
                     result.commit.id, StepLines(result.migration));
}

}  // namespace tarn::wire
