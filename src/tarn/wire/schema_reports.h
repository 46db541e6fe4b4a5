#pragma once

#include <string>

#include "tarn/schema/migration.h"
#include "tarn/write/apply_schema.h"

namespace tarn::wire {

/// `{"uri","supported","step_count","steps":[{"kind","tier",...}]}`.
std::string SchemaPlanJson(const std::string& uri, const schema::Migration& migration);
/// One line a step with its tier, and what stands against it.
std::string SchemaPlanText(const schema::Migration& migration);

/// The plan's members and `"applied","graph_manifest_version","commit"`.
std::string SchemaApplyJson(const std::string& uri, const write::ApplyResult& result);
std::string SchemaApplyText(const write::ApplyResult& result);

}  // namespace tarn::wire
