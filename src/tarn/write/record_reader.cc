#include "tarn/write/record_reader.h"

#include <optional>

#include <simdjson.h>

#include "tarn/write/json_text.h"
#include "tarn/write/limits.h"

namespace tarn::write {
namespace {

namespace od = simdjson::ondemand;

static_assert(LineReader::kPadding >= simdjson::SIMDJSON_PADDING);

/// What stopped the reading of one line.
struct Fault {
  std::string field;
  std::string reason;
  bool is_grammar = false;  // the line is not JSON, as opposed to JSON that is no record
  std::string hint = {};
};
/// Null: nothing did. A pointer, because this is returned for every value.
using Stop = std::unique_ptr<Fault>;

constexpr std::string_view kLineHint =
    "each line is one JSON object; `jq -c '.[]' FILE` turns a JSON array into such lines";

Stop BrokenJson(std::string why, std::string hint = std::string(kLineHint)) {
  return std::make_unique<Fault>(Fault{"", std::move(why), true, std::move(hint)});
}
constexpr std::string_view kEnvelopeHint =
    R"(a record is {"type":T,"data":{...}} or {"edge":E,"from":ID,"to":ID,"data":{...}})";
constexpr std::string_view kEdgeHint = R"(an edge has "edge" where a node has "type")";

/// What the parser says, without its code name and its remarks to programmers.
Stop BrokenJson(simdjson::error_code code) {
  std::string_view text = simdjson::error_message(code);
  const size_t name_end = text.find(": ");
  if (name_end != std::string_view::npos) text.remove_prefix(name_end + 2);
  return BrokenJson(std::string(text.substr(0, text.find(". "))));
}
Stop NoRecord(std::string field, std::string why, std::string hint = "") {
  return std::make_unique<Fault>(Fault{std::move(field), std::move(why), false, std::move(hint)});
}

#define TARN_JSON_TRY(expression)                                                          \
  do {                                                                                     \
    if (const simdjson::error_code tarn_code = (expression)) return BrokenJson(tarn_code); \
  } while (false)

simdjson::error_code NameOf(od::field& field, std::string_view& name) {
  name = field.escaped_key();
  if (name.find('\\') == std::string_view::npos) return simdjson::SUCCESS;
  return field.unescaped_key().get(name);
}

std::string_view WithoutTrailingSpace(std::string_view token) {
  const size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last + 1);
}

Stop ReadNumber(od::value& value, JsonCell& cell) {
  cell.kind = JsonCell::Kind::kNumber;
  cell.text = WithoutTrailingSpace(value.raw_json_token());
  const NumberForm form = FormOfNumber(cell.text);
  cell.is_integer = form == NumberForm::kInteger;
  if (form != NumberForm::kNone) return nullptr;
  return BrokenJson(fmt::format("'{}' is not a JSON number", Shown(cell.text)));
}

/// Reads a value that is neither array nor object.
Stop ReadScalar(od::value& value, od::json_type type, JsonCell& cell) {
  switch (type) {
    case od::json_type::string:
      cell.kind = JsonCell::Kind::kString;
      TARN_JSON_TRY(value.get_string().get(cell.text));
      return nullptr;
    case od::json_type::number: return ReadNumber(value, cell);
    case od::json_type::boolean: {
      bool truth = false;
      TARN_JSON_TRY(value.get_bool().get(truth));
      cell.kind = truth ? JsonCell::Kind::kTrue : JsonCell::Kind::kFalse;
      return nullptr;
    }
    case od::json_type::null: {
      bool is_null = false;
      TARN_JSON_TRY(value.is_null().get(is_null));
      cell.kind = JsonCell::Kind::kNull;
      return is_null ? nullptr : BrokenJson("a word that is not true, false or null");
    }
    default: return BrokenJson("a value was expected");
  }
}

Stop DuplicateName(std::string_view name) {
  return BrokenJson(fmt::format("duplicate key '{}'", Shown(name)), "");
}

Stop Walk(od::value& value, size_t depth);

Stop WalkObject(od::value& value, size_t depth) {
  od::object object;
  TARN_JSON_TRY(value.get_object().get(object));
  NameSet names;
  for (auto found : object) {
    od::field field;
    TARN_JSON_TRY(std::move(found).get(field));
    std::string_view name;
    TARN_JSON_TRY(NameOf(field, name));
    if (!names.Insert(name)) return DuplicateName(name);
    if (Stop stop = Walk(field.value(), depth + 1)) return stop;
  }
  return nullptr;
}

Stop WalkArray(od::value& value, size_t depth) {
  od::array array;
  TARN_JSON_TRY(value.get_array().get(array));
  for (auto found : array) {
    od::value item;
    TARN_JSON_TRY(std::move(found).get(item));
    if (Stop stop = Walk(item, depth + 1)) return stop;
  }
  return nullptr;
}

/// Reads a value that no property can hold, so that what is broken inside it is still found.
Stop Walk(od::value& value, size_t depth) {
  if (depth > kNestingMax)
    return BrokenJson(fmt::format("nested deeper than {} levels", kNestingMax));
  od::json_type type;
  TARN_JSON_TRY(value.type().get(type));
  if (type == od::json_type::object) return WalkObject(value, depth);
  if (type == od::json_type::array) return WalkArray(value, depth);
  JsonCell unused;
  return ReadScalar(value, type, unused);
}

}  // namespace

std::string_view KindName(JsonCell::Kind kind) {
  switch (kind) {
    case JsonCell::Kind::kNull: return "null";
    case JsonCell::Kind::kTrue: return "true";
    case JsonCell::Kind::kFalse: return "false";
    case JsonCell::Kind::kNumber: return "a number";
    case JsonCell::Kind::kString: return "a string";
    case JsonCell::Kind::kArray: return "an array";
    case JsonCell::Kind::kObject: return "an object";
  }
  TARN_UNREACHABLE("a JSON kind without a name");
}

class RecordReader::Parser {
 public:
  /// Fills `record` from one line, behind whose end kPadding bytes can be read.
  Stop Parse(std::string_view line, Record& record) {
    // The last record's strings live in the parser, so a parser that grew for a long line goes only
    // now.
    if (parser_.capacity() > kParserKeepBytes) parser_ = od::parser();
    record_ = &record;
    record.data.clear();
    record.items.clear();
    node_.reset();
    edge_.reset();
    from_.reset();
    to_.reset();
    has_data_ = false;
    if (line.starts_with("\xEF\xBB\xBF"))
      return BrokenJson("a byte order mark; save the file without one", "");
    if (line.starts_with("\x1F\x8B"))
      return BrokenJson("the bytes of a gzip file",
                        "unpack it: zcat FILE | tarn load --data - ...");
    if (Stop stop = ParseDocument(line)) return stop;
    return JudgeEnvelope();
  }

 private:
  Stop ParseDocument(std::string_view line) {
    od::document document;
    TARN_JSON_TRY(parser_
                      .iterate(simdjson::padded_string_view(line.data(), line.size(),
                                                            line.size() + LineReader::kPadding))
                      .get(document));
    od::json_type type;
    TARN_JSON_TRY(document.type().get(type));
    if (type != od::json_type::object)
      return NoRecord("", "a record is a JSON object", std::string(kLineHint));
    od::object object;
    TARN_JSON_TRY(document.get_object().get(object));
    for (auto found : object) {
      od::field field;
      TARN_JSON_TRY(std::move(found).get(field));
      if (Stop stop = ReadEnvelopeField(field)) return stop;
    }
    return document.at_end() ? nullptr : BrokenJson("more than one JSON value on the line");
  }

  Stop ReadEnvelopeField(od::field& field) {
    std::string_view name;
    TARN_JSON_TRY(NameOf(field, name));
    if (name == "data") return ReadData(field.value());
    std::optional<std::string_view>* slot = name == "type"   ? &node_
                                            : name == "edge" ? &edge_
                                            : name == "from" ? &from_
                                            : name == "to"   ? &to_
                                                             : nullptr;
    if (slot == nullptr) {
      return NoRecord(std::string(name),
                      fmt::format("unknown top-level graph batch field '{}'", Shown(name)),
                      std::string(kEnvelopeHint));
    }
    if (slot->has_value()) return DuplicateName(name);
    od::json_type type;
    TARN_JSON_TRY(field.value().type().get(type));
    if (type != od::json_type::string) {
      return NoRecord(std::string(name), fmt::format("'{}' must be a string", name));
    }
    TARN_JSON_TRY(field.value().get_string().get(slot->emplace()));
    return nullptr;
  }

  Stop ReadData(od::value& value) {
    if (has_data_) return DuplicateName("data");
    has_data_ = true;
    od::json_type type;
    TARN_JSON_TRY(value.type().get(type));
    if (type != od::json_type::object) return NoRecord("data", "'data' must be an object");
    od::object object;
    TARN_JSON_TRY(value.get_object().get(object));
    names_.Clear();
    for (auto found : object) {
      od::field field;
      TARN_JSON_TRY(std::move(found).get(field));
      Member& member = record_->data.emplace_back();
      TARN_JSON_TRY(NameOf(field, member.name));
      if (!names_.Insert(member.name)) return DuplicateName(member.name);
      if (Stop stop = ReadCell(field.value(), member.value)) return stop;
    }
    return nullptr;
  }

  Stop ReadCell(od::value& value, JsonCell& cell) {
    od::json_type type;
    TARN_JSON_TRY(value.type().get(type));
    if (type == od::json_type::array) return ReadArray(value, cell);
    if (type == od::json_type::object) {
      cell.kind = JsonCell::Kind::kObject;
      return WalkObject(value, 2);
    }
    return ReadScalar(value, type, cell);
  }

  Stop ReadArray(od::value& value, JsonCell& cell) {
    od::array array;
    TARN_JSON_TRY(value.get_array().get(array));
    std::vector<JsonCell>& items = record_->items;
    cell.kind = JsonCell::Kind::kArray;
    cell.first_item = static_cast<uint32_t>(items.size());
    for (auto found : array) {
      od::value item;
      TARN_JSON_TRY(std::move(found).get(item));
      if (Stop stop = ReadItem(item, items.emplace_back())) return stop;
    }
    cell.item_count = static_cast<uint32_t>(items.size()) - cell.first_item;
    return nullptr;
  }

  static Stop ReadItem(od::value& item, JsonCell& cell) {
    od::json_type type;
    TARN_JSON_TRY(item.type().get(type));
    if (type == od::json_type::array || type == od::json_type::object) {
      cell.kind = type == od::json_type::array ? JsonCell::Kind::kArray : JsonCell::Kind::kObject;
      return Walk(item, 3);
    }
    return ReadScalar(item, type, cell);
  }

  Stop JudgeEnvelope() {
    if (node_ && edge_)
      return NoRecord("", "a record must contain exactly one of 'type' or 'edge'");
    if (!node_ && !edge_)
      return NoRecord("", "expected 'type' or 'edge' field", std::string(kEnvelopeHint));
    record_->is_edge = edge_.has_value();
    record_->type = edge_ ? *edge_ : *node_;
    if (edge_) {
      if (!from_)
        return NoRecord("from", "edge missing 'from': an edge record requires field 'from'");
      if (!to_) return NoRecord("to", "edge missing 'to': an edge record requires field 'to'");
      record_->from = *from_;
      record_->to = *to_;
      return nullptr;
    }
    if (from_)
      return NoRecord("from", "unknown top-level graph batch field 'from' of a node record",
                      std::string(kEdgeHint));
    if (to_)
      return NoRecord("to", "unknown top-level graph batch field 'to' of a node record",
                      std::string(kEdgeHint));
    return nullptr;
  }

  od::parser parser_;
  NameSet names_;
  Record* record_ = nullptr;
  std::optional<std::string_view> node_, edge_, from_, to_;
  bool has_data_ = false;
};

RecordReader::RecordReader(std::istream& input, ProblemList& problems)
    : lines_(input), problems_(problems), parser_(std::make_unique<Parser>()) {}

RecordReader::~RecordReader() = default;

Result<bool> RecordReader::Next() {
  while (!problems_.full()) {
    TARN_ASSIGN_OR_RETURN(const bool found, lines_.Next());
    if (!found) return false;
    record_.line = lines_.number();
    const std::string_view line = lines_.text();
    record_.bytes = line.size();
    if (line.size() > kLineSlotsMax && CountSlots(line, kLineSlotsMax) > kLineSlotsMax) {
      return TooLarge(
          "graph_batch_json_structural_slots", kLineSlotsMax, CountSlots(line, line.size()),
          fmt::format("line {}: more than {} structural characters (commas, colons and brackets "
                      "outside strings)",
                      record_.line, kLineSlotsMax));
    }
    Stop stop = parser_->Parse(line, record_);
    if (!stop) return true;
    Problem problem{.line = record_.line,
                    .type = "",
                    .field = stop->field,
                    .reason = stop->reason,
                    .hint = stop->hint};
    if (stop->is_grammar) {
      problem.reason =
          fmt::format("invalid strict JSON at line {}: {}", record_.line, stop->reason);
      problem.reason_names_line = true;
    }
    problems_.Add(std::move(problem));
  }
  return false;
}

}  // namespace tarn::write
