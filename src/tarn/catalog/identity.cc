#include "tarn/catalog/identity.h"

#include "tarn/base/json_writer.h"
#include "tarn/catalog/json_value.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"

namespace tarn::catalog {

std::string EncodeIdentity(const Identity& identity) {
  JsonWriter json(JsonWriter::Layout::kPretty);
  json.BeginObject();
  json.Key("format").Uint(kFormatVersion);
  json.Key("id").String(identity.id);
  json.Key("created_at").Int(identity.created_at_micros);
  json.Key("product").String(identity.product);
  json.Key("capabilities")
      .BeginObject()
      .Key("put_if_absent")
      .Bool(identity.put_if_absent)
      .EndObject();
  json.EndObject();
  return json.Take() + "\n";
}

Result<Identity> DecodeIdentity(std::string_view text) {
  const std::string where(kIdentityKey);
  if (text.size() > kIdentityBytesMax) {
    return Error(ErrorId::kCorruptData, "{}: {} bytes, at most {} are allowed", where, text.size(),
                 kIdentityBytesMax);
  }
  TARN_ASSIGN_OR_RETURN(const JsonValue value, ParseJson(text, where));
  JsonFields fields(value, where);
  const uint64_t format = fields.Uint("format");
  if (fields.ok() && format > kFormatVersion) {
    return Error(ErrorId::kFormatUnsupported,
                 "the warehouse has format {}, this program reads up to {}", format, kFormatVersion)
        .WithHint("Use a newer version of Tarn.");
  }
  fields.Require(format > 0, "the format number was never in use");
  Identity identity;
  identity.id = fields.Ulid("id");
  identity.created_at_micros = fields.Int("created_at");
  identity.product = fields.String("product");
  JsonFields capabilities(fields.Value("capabilities"), where + " capabilities");
  identity.put_if_absent = capabilities.Bool("put_if_absent");
  fields.Adopt(capabilities.Finish());
  TARN_RETURN_IF_ERROR(fields.Finish());
  return identity;
}

}  // namespace tarn::catalog
