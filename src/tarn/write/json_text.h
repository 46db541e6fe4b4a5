#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tarn::write {

enum class NumberForm : uint8_t { kNone, kInteger, kFraction };

/// Is `token` a JSON number, and one without fraction and exponent?
NumberForm FormOfNumber(std::string_view token);

/// Brackets, braces, colons and commas outside of strings, counted up to `stop_after`.
size_t CountSlots(std::string_view json, size_t stop_after);

/// The member names of one object. Few names are compared in a row, many go into a table.
class NameSet {
 public:
  void Clear();
  /// False when `name` is in the set already. `name` stays valid until Clear.
  bool Insert(std::string_view name);

 private:
  static constexpr size_t kListMax = 8;
  struct Slot {
    uint64_t generation = 0;
    std::string_view name;
  };
  bool InsertIntoTable(std::string_view name);
  void Grow();

  std::vector<std::string_view> list_;
  std::vector<Slot> table_;
  size_t in_table_ = 0;
  uint64_t generation_ = 1;
};

}  // namespace tarn::write
