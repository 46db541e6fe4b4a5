#include "tarn/write/problems.h"

#include <algorithm>

#include "tarn/base/json_writer.h"
#include "tarn/base/utf8.h"
#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

std::string Line(const Problem& problem) {
  const bool bare = problem.line == 0 || problem.reason_names_line;
  return bare ? problem.reason : fmt::format("line {}: {}", problem.line, problem.reason);
}

std::string Message(const std::string& source, const std::vector<Problem>& shown, bool more) {
  if (shown.size() == 1 && !more) return fmt::format("{}: {}", source, Line(shown.front()));
  std::string text = fmt::format("{}{} problems in {}; nothing was loaded",
                                 more ? "more than " : "", shown.size(), source);
  for (const Problem& problem : shown) {
    text += "\n  ";
    text += Line(problem);
  }
  return text;
}

std::string ListJson(const std::string& source, const std::vector<Problem>& shown, bool more) {
  JsonWriter json;
  json.BeginObject().Key("problems").BeginArray();
  for (const Problem& problem : shown) {
    json.BeginObject().Key("file").String(source);
    json.Key("line");
    problem.line == 0 ? json.Null() : json.Uint(problem.line);
    json.Key("type").String(problem.type).Key("field").String(problem.field);
    json.Key("reason").String(problem.reason).EndObject();
  }
  json.EndArray().Key("more").Bool(more).EndObject();
  return json.Take();
}

std::string ConflictJson(const Problem& problem) {
  const size_t colon = problem.type.find(':');
  JsonWriter json;
  json.BeginObject().Key("entity_kind").String(problem.type.substr(0, colon));
  json.Key("type_name").String(problem.type.substr(colon + 1));
  json.Key("entity_id").String(problem.entity_id).EndObject();
  return json.Take();
}

/// One sentence for the whole list: what the first problem that knows a way out says.
std::string HintOf(const std::vector<Problem>& shown) {
  for (const Problem& problem : shown) {
    if (problem.id == ErrorId::kKeyConflict)
      return "append never replaces a row; --mode merge replaces the rows of these ids";
    if (!problem.hint.empty()) return problem.hint;
  }
  return "";
}

}  // namespace

void ProblemList::Add(Problem problem) { problems_.push_back(std::move(problem)); }

bool ProblemList::full() const { return problems_.size() > kProblemsMax; }

Status ProblemList::ToStatus() const {
  if (problems_.empty()) return Status::Ok();
  std::vector<Problem> shown = problems_;
  const auto is_conflict = [](const Problem& problem) {
    return problem.id == ErrorId::kKeyConflict;
  };
  const bool conflict = std::ranges::any_of(shown, is_conflict);
  if (conflict) std::erase_if(shown, [&](const Problem& problem) { return !is_conflict(problem); });
  std::ranges::stable_sort(shown, {}, [](const Problem& problem) { return problem.line; });
  const bool more = shown.size() > kProblemsMax;
  if (more) shown.resize(kProblemsMax);
  const ErrorId first = shown.front().id;
  const bool alike =
      std::ranges::all_of(shown, [&](const Problem& problem) { return problem.id == first; });
  const ErrorId id = alike ? first : ErrorId::kDataInvalid;
  Status status = Status(id, Message(source_name_, shown, more)).WithHint(HintOf(shown));
  if (conflict) return std::move(status).WithDetail("key_conflict", ConflictJson(shown.front()));
  const bool constraint = id == ErrorId::kConstraintViolation;
  return std::move(status).WithDetail(constraint ? "constraint_violation" : "data_invalid",
                                      ListJson(source_name_, shown, more));
}

std::string Shown(std::string_view value) {
  const bool cut = value.size() > kShownValueBytes;
  if (cut) {
    size_t end = kShownValueBytes;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
    value = value.substr(0, end);
  }
  std::string text;
  text.reserve(value.size() + 3);
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  if (cut) text += "…";
  return text;
}

Status TooLarge(std::string_view resource, uint64_t limit, uint64_t actual, std::string message) {
  JsonWriter json;
  json.BeginObject()
      .Key("resource")
      .String(resource)
      .Key("limit")
      .Uint(limit)
      .Key("actual")
      .Uint(actual)
      .EndObject();
  return Status(ErrorId::kInputTooLarge, std::move(message))
      .WithDetail("resource_limit", json.Take());
}

}  // namespace tarn::write
