#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/status.h"

namespace tarn::write {

/// One thing that is wrong with the input.
struct Problem {
  ErrorId id = ErrorId::kDataInvalid;
  uint64_t line = 0;  ///< 0: not the fault of one line
  std::string type;   ///< "node:Port"; empty when the record did not get that far
  std::string field;  ///< property, "id", "from", ...; empty: the whole record
  std::string reason;
  std::string entity_id = {};  ///< of a key conflict
  bool reason_names_line = false;
  std::string hint = {};  ///< what to write instead; the first one of an input is shown
};

/// What is wrong with an input, each with file, line, field and reason, up to kProblemsMax.
class ProblemList {
 public:
  explicit ProblemList(std::string source_name) : source_name_(std::move(source_name)) {}

  void Add(Problem problem);
  bool empty() const { return problems_.empty(); }
  bool full() const;
  const std::vector<Problem>& problems() const { return problems_; }

  /// OK when empty. Key conflicts hide everything else, because the rest may follow from them.
  /// Several kinds of problem in one input are kDataInvalid. The detail is `key_conflict` for the
  /// first conflict, else `constraint_violation` or `data_invalid` with all of them.
  Status ToStatus() const;

 private:
  std::string source_name_;
  std::vector<Problem> problems_;
  bool more_ = false;
};

/// A value of the input as a message shows it: cut to kShownValueBytes, control characters escaped.
std::string Shown(std::string_view value);

/// kInputTooLarge with the detail `resource_limit`.
Status TooLarge(std::string_view resource, uint64_t limit, uint64_t actual, std::string message);

}  // namespace tarn::write
