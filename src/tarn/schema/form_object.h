#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "tarn/base/status.h"

namespace tarn::schema {

/// What went wrong first while a typed form is read, and where.
class FormFailure {
 public:
  bool is_set() const { return !status_.ok(); }
  /// Keeps the first.
  void Set(const std::string& where, std::string_view why);
  Status status() const { return status_; }

 private:
  Status status_;
};

/// Reads the members of one JSON object of a closed shape. After a failure every answer is empty.
/// The document and `failure` outlive this.
class FormObject {
 public:
  FormObject(std::optional<simdjson::dom::element> element, std::string where,
             FormFailure& failure);

  std::string Text(std::string_view name);
  std::optional<std::string> OptionalText(std::string_view name);
  std::vector<std::string> Texts(std::string_view name);
  uint64_t Number(std::string_view name, uint64_t most = UINT64_MAX);
  /// Null is nullopt; absent is a failure.
  std::optional<uint64_t> NumberOrNull(std::string_view name, uint64_t most);
  bool Flag(std::string_view name);
  std::vector<simdjson::dom::element> Items(std::string_view name);
  /// None when it is absent.
  std::vector<simdjson::dom::element> OptionalItems(std::string_view name);
  bool Has(std::string_view name) const;
  bool IsNull(std::string_view name) const;
  bool IsText(std::string_view name) const;
  FormObject Object(std::string_view name);

  /// Fails on members that nobody asked for, or that are there twice.
  void Finish();
  void Fail(std::string_view why) { failure_.Set(where_, why); }
  FormFailure& failure() { return failure_; }
  const std::string& where() const { return where_; }
  void Locate(std::string where) { where_ = std::move(where); }

 private:
  std::optional<simdjson::dom::element> Find(std::string_view name) const;
  std::optional<simdjson::dom::element> Ask(std::string_view name);

  std::optional<simdjson::dom::object> object_;
  std::string where_;
  FormFailure& failure_;
  std::set<std::string_view> asked_;
};

}  // namespace tarn::schema
