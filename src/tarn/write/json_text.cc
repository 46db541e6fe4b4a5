#include "tarn/write/json_text.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tarn::write {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t SkipDigits(std::string_view token, size_t at) {
  while (at < token.size() && IsDigit(token[at])) ++at;
  return at;
}

}  // namespace

NumberForm FormOfNumber(std::string_view token) {
  size_t at = token.starts_with('-') ? 1 : 0;
  const size_t whole = at;
  at = SkipDigits(token, at);
  if (at == whole || (token[whole] == '0' && at > whole + 1)) return NumberForm::kNone;
  if (at == token.size()) return NumberForm::kInteger;
  if (token[at] == '.') {
    const size_t fraction = at + 1;
    at = SkipDigits(token, fraction);
    if (at == fraction) return NumberForm::kNone;
  }
  if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
    ++at;
    if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
    const size_t exponent = at;
    at = SkipDigits(token, exponent);
    if (at == exponent) return NumberForm::kNone;
  }
  return at == token.size() ? NumberForm::kFraction : NumberForm::kNone;
}

size_t CountSlots(std::string_view json, size_t stop_after) {
  size_t count = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size() && count <= stop_after; ++i) {
    const char c = json[i];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (c == '\\') ++i;
    } else if (c == ',' || c == ':' || c == '[' || c == ']' || c == '{' || c == '}') {
      ++count;
    }
  }
  return count;
}

void NameSet::Clear() {
  list_.clear();
  in_table_ = 0;
  ++generation_;
}

bool NameSet::Insert(std::string_view name) {
  if (in_table_ > 0) return InsertIntoTable(name);
  for (const std::string_view seen : list_) {
    if (seen == name) return false;
  }
  list_.push_back(name);
  if (list_.size() > kListMax) {
    for (const std::string_view seen : list_) InsertIntoTable(seen);
  }
  return true;
}

void NameSet::Grow() {
  std::vector<Slot> old(table_.empty() ? 64 : table_.size() * 2);
  old.swap(table_);
  in_table_ = 0;
  for (const Slot& slot : old) {
    if (slot.generation == generation_) InsertIntoTable(slot.name);
  }
}

bool NameSet::InsertIntoTable(std::string_view name) {
  if (in_table_ * 2 >= table_.size()) Grow();
  const size_t mask = table_.size() - 1;
  for (size_t at = XXH3_64bits(name.data(), name.size()) & mask;; at = (at + 1) & mask) {
    Slot& slot = table_[at];
    if (slot.generation != generation_) {
      slot = {generation_, name};
      ++in_table_;
      return true;
    }
    if (slot.name == name) return false;
  }
}

}  // namespace tarn::write
