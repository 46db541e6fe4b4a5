#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "tarn/gq/compile.h"
#include "tarn/gq/diagnostics.h"
#include "tarn/gq/limits.h"
#include "tarn/gq/parameter_value.h"

namespace tarn::gq {
namespace {

using JsonValue = simdjson::ondemand::value;

Status Bad(std::string message) { return Status(ErrorId::kParameterInvalid, std::move(message)); }

/// Takes the members of the object one by one.
class Binder {
 public:
  explicit Binder(const std::vector<ir::Parameter>& declared)
      : declared_(declared), given_(declared.size()) {
    bound_.values.resize(declared.size());
    for (size_t i = 0; i < declared.size(); ++i) index_.emplace(declared[i].name, i);
  }

  Status Take(std::string key, JsonValue& value) {
    const auto found = index_.find(key);
    Status status;
    if (found == index_.end()) {
      status = SkipUndeclaredValue(value, 0);
    } else {
      Result<ir::Value> held = TakeParameterValue(value, declared_[found->second].type);
      if (held.ok()) bound_.values[found->second] = std::move(held).value();
      status = std::move(held).status();
    }
    if (!status.ok()) return Named(key, status);
    if (found == index_.end() ? !undeclared_.insert(key).second : given_[found->second]) {
      return Bad(fmt::format("param '{}': the key is written twice", key));
    }
    if (found == index_.end()) {
      bound_.undeclared.push_back(std::move(key));
    } else {
      given_[found->second] = true;
    }
    return Status::Ok();
  }

  Result<BoundParameters> Finish() {
    for (size_t i = 0; i < declared_.size(); ++i) {
      if (given_[i] || declared_[i].type.nullable) continue;
      Status missing = Bad(fmt::format("parameter '{}' not provided", declared_[i].name));
      std::string hint =
          bound_.undeclared.empty() ? "" : SuggestName(declared_[i].name, bound_.undeclared);
      return hint.empty() ? std::move(missing)
                          : std::move(missing).WithHint("of the keys given, " + hint);
    }
    return std::move(bound_);
  }

 private:
  /// Broken JSON is the fault of the whole text, anything else of this key.
  static Status Named(const std::string& key, const Status& status) {
    if (status.id() == ErrorId::kParametersMalformed) return status;
    return Bad(fmt::format("param '{}': {}", key, status.message()));
  }

  const std::vector<ir::Parameter>& declared_;
  std::vector<bool> given_;
  std::unordered_map<std::string, size_t> index_;
  std::unordered_set<std::string> undeclared_;
  BoundParameters bound_;
};

Status TakeMembers(simdjson::ondemand::document& document, Binder& binder) {
  simdjson::ondemand::object object;
  if (const auto error = document.get_object().get(object)) {
    if (error != simdjson::INCORRECT_TYPE) return BadParameterJson(error);
    return Error(ErrorId::kParametersMalformed, "params must be a JSON object");
  }
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(member).get(field)) return BadParameterJson(error);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return BadParameterJson(error);
    JsonValue value = field.value();
    TARN_RETURN_IF_ERROR(binder.Take(std::string(key), value));
  }
  if (!document.at_end()) return BadParameterJson(simdjson::TRAILING_CONTENT);
  return Status::Ok();
}

bool IsNothing(std::string_view json) {
  const size_t begin = json.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return true;
  return json.substr(begin, json.find_last_not_of(" \t\r\n") + 1 - begin) == "null";
}

}  // namespace

Result<BoundParameters> BindParametersReporting(const std::vector<ir::Parameter>& declared,
                                                std::string_view params_json) {
  if (params_json.size() > kParameterJsonBytesMax) {
    return Error(ErrorId::kParametersTooLarge, "params holds {} bytes, more than {}",
                 params_json.size(), kParameterJsonBytesMax);
  }
  Binder binder(declared);
  if (!IsNothing(params_json)) {
    const simdjson::padded_string padded(params_json);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    if (const auto error = parser.iterate(padded).get(document)) return BadParameterJson(error);
    TARN_RETURN_IF_ERROR(TakeMembers(document, binder));
  }
  return binder.Finish();
}

Result<ir::ParameterValues> BindParameters(const std::vector<ir::Parameter>& declared,
                                           std::string_view params_json) {
  TARN_ASSIGN_OR_RETURN(BoundParameters bound, BindParametersReporting(declared, params_json));
  return std::move(bound.values);
}

}  // namespace tarn::gq
