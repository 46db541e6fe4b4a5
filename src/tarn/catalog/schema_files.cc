#include "tarn/catalog/schema_files.h"

#include <utility>

#include "tarn/catalog/digest.h"
#include "tarn/catalog/layout.h"
#include "tarn/schema/typed_form.h"

namespace tarn::catalog {
namespace {

Status PutNew(const Request& request, const Location& location, const std::string& key,
              const std::string& bytes) {
  return location.objects->Put(request, key, bytes, store::PutMode::kCreate, location.sync());
}

Result<std::string> ReadChecked(const Request& request, const Location& location,
                                const std::string& key, const std::string& digest) {
  Result<std::string> text = location.objects->Get(request, key);
  if (!text.ok() && text.status().id() == ErrorId::kObjectNotFound) {
    return Error(ErrorId::kCorruptData, "{}: the file is missing; the manifest names it", key);
  }
  TARN_RETURN_IF_ERROR(text.status());
  if (Sha256Hex(*text) != digest) {
    return Error(ErrorId::kCorruptData, "{}: its bytes are not those that were accepted", key);
  }
  return text;
}

}  // namespace

Result<SchemaEntry> WriteSchema(const Request& request, const Location& location, std::string id,
                                const std::string& source, const schema::Schema& schema) {
  const std::string form = schema::ToTypedJson(schema);
  TARN_RETURN_IF_ERROR(PutNew(request, location, SchemaSourceKey(id), source));
  TARN_RETURN_IF_ERROR(PutNew(request, location, SchemaFormKey(id), form));
  return SchemaEntry{.id = std::move(id),
                     .digest = schema::SchemaDigest(schema),
                     .source_digest = Sha256Hex(source),
                     .form_digest = Sha256Hex(form)};
}

void DiscardSchema(const Request& request, const Location& location, const SchemaEntry& entry) {
  (void)location.objects->Delete(request, SchemaSourceKey(entry.id));
  (void)location.objects->Delete(request, SchemaFormKey(entry.id));
}

Result<std::shared_ptr<const schema::Schema>> ReadSchema(const Request& request,
                                                         const Location& location,
                                                         const SchemaEntry& entry) {
  const std::string key = SchemaFormKey(entry.id);
  TARN_ASSIGN_OR_RETURN(const std::string form,
                        ReadChecked(request, location, key, entry.form_digest));
  Result<schema::Schema> schema = schema::FromTypedJson(form);
  if (!schema.ok()) {
    const bool is_newer = schema.status().id() == ErrorId::kSchemaFormUnsupported;
    return Error(is_newer ? ErrorId::kFormatUnsupported : ErrorId::kCorruptData, "{}: {}", key,
                 schema.status().message());
  }
  return std::make_shared<const schema::Schema>(std::move(schema).value());
}

Result<std::string> ReadSchemaSource(const Request& request, const Location& location,
                                     const SchemaEntry& entry) {
  return ReadChecked(request, location, SchemaSourceKey(entry.id), entry.source_digest);
}

}  // namespace tarn::catalog
