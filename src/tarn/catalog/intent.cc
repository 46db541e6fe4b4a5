#include "tarn/catalog/intent.h"

#include <set>

#include "tarn/base/clock.h"
#include "tarn/base/json_writer.h"
#include "tarn/catalog/digest.h"
#include "tarn/catalog/json_value.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/limits.h"
#include "tarn/catalog/manifest_codec.h"

namespace tarn::catalog {
namespace {

// The last member is the checksum of every byte before its comma, so that it can be checked before
// anything is parsed.
constexpr std::string_view kChecksumBegin = R"(,"checksum":")";
constexpr std::string_view kChecksumEnd = "\"}";
constexpr size_t kChecksumBytes = kChecksumBegin.size() + 64 + kChecksumEnd.size();

void WriteTransaction(JsonWriter& json, const IntentTransaction& transaction) {
  json.Key("location").String(transaction.location);
  json.Key("expected").Uint(transaction.expected);
  json.Key("pin").Uint(transaction.expected + 1);
  json.Key("uuid").String(transaction.uuid);
  json.Key("files").BeginArray();
  for (const auto& [path, size] : transaction.files) {
    json.BeginObject().Key("path").String(path).Key("size").Uint(size).EndObject();
  }
  json.EndArray();
  json.Key("transaction").String(Base64(transaction.encoded));
}

IntentTransaction ReadTransaction(JsonFields& fields) {
  IntentTransaction transaction;
  transaction.location = fields.String("location");
  transaction.expected = fields.Uint("expected");
  const uint64_t pin = fields.Uint("pin");
  fields.Require(pin == transaction.expected + 1, "member 'pin' does not follow 'expected'");
  transaction.uuid = fields.String("uuid");
  fields.Require(!transaction.uuid.empty(), "member 'uuid' is empty");
  for (const JsonValue& value : fields.Array("files")) {
    JsonFields file(value, fields.where());
    std::string path = file.String("path");
    file.Require(!path.empty(), "a staged file has no path");
    transaction.files.emplace_back(std::move(path), file.Uint("size"));
    fields.Adopt(file.Finish());
  }
  const std::optional<std::string> encoded = FromBase64(fields.String("transaction"));
  fields.Require(encoded && !encoded->empty(), "member 'transaction' is not base 64");
  transaction.encoded = encoded.value_or("");
  return transaction;
}

Intent::TableEffect ReadEffect(const JsonValue& value, JsonFields& intent) {
  JsonFields fields(value, intent.where());
  Intent::TableEffect effect;
  effect.table_id = fields.Ulid("table");
  effect.table_key = fields.String("key");
  effect.transaction = ReadTransaction(fields);
  const std::string& location = effect.transaction.location;
  fields.Require(
      IsLocationOf(location, effect.table_id) ||
          (location == ManifestLocation(effect.table_id) && effect.transaction.expected == 0),
      "member 'location' is not the folder of the table");
  intent.Adopt(fields.Finish());
  return effect;
}

/// What the members say about each other.
void CheckWhole(const Intent& intent, JsonFields& fields) {
  fields.Require(intent.slot >= 2, "no commit after the first can want this slot");
  fields.Require(intent.commit.parent_id.has_value(), "the commit has no parent");
  fields.Require((intent.commit.branch == kMainBranch) == (intent.line_id == kMainBranch),
                 "the commit is for another branch");
  fields.Require(intent.publish.location == ManifestLocation(intent.line_id),
                 "it publishes to something else than the manifest of its line");
  fields.Require(intent.publish.expected + 1 == intent.slot,
                 "it publishes at another version than its slot");
  std::set<std::string_view> tables;
  for (const Intent::TableEffect& effect : intent.effects) {
    fields.Require(tables.insert(effect.table_id).second, "two effects are on one table");
  }
  fields.Require(intent.commit.changes.size() == intent.effects.size(),
                 "it counts other changes than it makes");
  for (size_t i = 0; fields.ok() && i < intent.effects.size(); ++i) {
    const TableChange& change = intent.commit.changes[i];
    const Intent::TableEffect& effect = intent.effects[i];
    fields.Require(
        change.table_id == effect.table_id && change.version == effect.transaction.expected + 1,
        "a change is not that of its effect");
  }
}

Status TooLarge(std::string_view what, uint64_t bytes, uint64_t bytes_max) {
  return Error(ErrorId::kCommitTooLarge, "{} takes {} bytes in the intent, at most {} are allowed",
               what, bytes, bytes_max)
      .WithHint("Split the write into smaller commits.")
      .WithDetail(
          "resource_limit",
          fmt::format(R"({{"resource":"intent_bytes","limit":{},"actual":{}}})", bytes_max, bytes));
}

Status CheckSize(std::string_view what, const IntentTransaction& transaction) {
  if (transaction.encoded.size() <= kTransactionBytesMax) return Status::Ok();
  return TooLarge(what, transaction.encoded.size(), kTransactionBytesMax);
}

}  // namespace

std::string Intent::Key() const { return IntentKey(slot, line_id); }

Result<std::string> EncodeIntent(const Intent& intent) {
  JsonWriter json;
  json.BeginObject();
  json.Key("format").Uint(kFormatVersion);
  json.Key("slot").Uint(intent.slot);
  json.Key("id").String(intent.commit.id);
  json.Key("commit").Raw(EncodeCommit(intent.commit));
  json.Key("effects").BeginArray();
  for (const Intent::TableEffect& effect : intent.effects) {
    TARN_RETURN_IF_ERROR(CheckSize(effect.table_key, effect.transaction));
    json.BeginObject().Key("table").String(effect.table_id).Key("key").String(effect.table_key);
    WriteTransaction(json, effect.transaction);
    json.EndObject();
  }
  json.EndArray();
  TARN_RETURN_IF_ERROR(CheckSize(ManifestLocation(intent.line_id), intent.publish));
  json.Key("publish").BeginObject();
  WriteTransaction(json, intent.publish);
  json.EndObject().EndObject();
  std::string text = json.Take();
  text.pop_back();  // the closing brace comes after the checksum
  text += fmt::format("{}{}{}", kChecksumBegin, Sha256Hex(text), kChecksumEnd);
  if (text.size() > kIntentBytesMax) return TooLarge("the commit", text.size(), kIntentBytesMax);
  return text;
}

Result<Intent> DecodeIntent(std::string_view key, std::string_view text) {
  const std::string where(key);
  const auto broken = [&where](std::string_view why) {
    return Error(ErrorId::kCorruptData, "{}: {}", where, why);
  };
  if (text.size() > kIntentBytesMax) return broken("it is larger than an intent can be");
  if (text.size() < kChecksumBytes) return broken("it is cut off");
  const std::string_view covered = text.substr(0, text.size() - kChecksumBytes);
  const std::string wanted =
      fmt::format("{}{}{}", kChecksumBegin, Sha256Hex(covered), kChecksumEnd);
  if (text.substr(covered.size()) != wanted) return broken("its checksum does not fit its bytes");

  TARN_ASSIGN_OR_RETURN(const JsonValue value, ParseJson(text, where));
  JsonFields fields(value, where);
  const uint64_t format = fields.Uint("format");
  if (fields.ok() && format > kFormatVersion) {
    return Error(ErrorId::kFormatUnsupported, "{}: format {}, this program reads up to {}", where,
                 format, kFormatVersion);
  }
  fields.Require(format > 0, "the format number was never in use");
  fields.Value("checksum");
  Intent intent;
  intent.slot = fields.Uint("slot");
  const std::optional<IntentName> name = IntentNameOf(key);
  fields.Require(name && name->slot == intent.slot, "its slot is not that of its name");
  if (name) intent.line_id = name->line_id;
  const std::string id = fields.Ulid("id");
  TARN_ASSIGN_OR_RETURN(intent.commit, DecodeCommit(fields.Value("commit"), where + " commit"));
  intent.commit.id = id;
  intent.commit.manifest_version = intent.slot;
  for (const JsonValue& effect : fields.Array("effects"))
    intent.effects.push_back(ReadEffect(effect, fields));
  JsonFields publish(fields.Value("publish"), where + " publish");
  intent.publish = ReadTransaction(publish);
  fields.Adopt(publish.Finish());
  CheckWhole(intent, fields);
  TARN_RETURN_IF_ERROR(fields.Finish());
  return intent;
}

}  // namespace tarn::catalog
