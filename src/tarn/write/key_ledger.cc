#include "tarn/write/key_ledger.h"

#include <bit>
#include <utility>

namespace tarn::write {

/// Facts by key for one slice of one partition: dense facts, and a table of their numbers.
class KeyLedger::FactTable {
 public:
  /// What a record may cost here: its fact and two slots, which are at most half full.
  static constexpr int64_t kBytesPerKey = sizeof(KeyFacts) + 4 * sizeof(uint32_t);

  void Reset(uint64_t keys_expected, uint64_t slice, uint64_t slices) {
    slice_ = slice;
    slices_ = slices;
    facts_.clear();
    slots_.assign(std::bit_ceil(std::max<uint64_t>(16, keys_expected * 2)), 0);
  }

  bool Covers(KeyHash key) const {
    return slices_ == 1 || (key.high >> 16 & 0xFFFFFF) % slices_ == slice_;
  }

  KeyFacts& At(KeyHash key) {
    const size_t mask = slots_.size() - 1;
    for (size_t at = key.low & mask;; at = (at + 1) & mask) {
      if (slots_[at] == 0) {
        facts_.push_back({.key = key});
        slots_[at] = static_cast<uint32_t>(facts_.size());
        if (facts_.size() * 2 > slots_.size()) Grow();
        return facts_.back();
      }
      KeyFacts& facts = facts_[slots_[at] - 1];
      if (facts.key == key) return facts;
    }
  }

  const std::vector<KeyFacts>& facts() const { return facts_; }

 private:
  void Grow() {
    slots_.assign(slots_.size() * 2, 0);
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < facts_.size(); ++i) {
      size_t at = facts_[i].key.low & mask;
      while (slots_[at] != 0) at = (at + 1) & mask;
      slots_[at] = static_cast<uint32_t>(i + 1);
    }
  }

  uint64_t slice_ = 0;
  uint64_t slices_ = 1;
  std::vector<KeyFacts> facts_;
  std::vector<uint32_t> slots_;  // number of the fact, from 1
};

KeyLedger::KeyLedger(ScratchSpace& scratch, SpillGroup& group, Options options)
    : scratch_(scratch), group_(group), options_(options), partitions_(kLedgerPartitions) {
  if (options_.filters_stored) filter_.emplace();
  group_.Join(this);
}

KeyLedger::~KeyLedger() { group_.Leave(this); }

void KeyLedger::AddRow(KeyHash key, uint64_t ordinal) {
  PartitionOf(key).rows.Append({key, ordinal});
  if (filter_) filter_->Add(key);
  ++rows_;
}

void KeyLedger::Ask(KeyHash key) {
  if (recently_asked_.empty()) recently_asked_.resize(kRecentKeys);
  KeyHash& recent = recently_asked_[key.low % kRecentKeys];
  if (std::exchange(recent, key) == key) return;
  PartitionOf(key).asked.Append(key);
  if (filter_) filter_->Add(key);
  ++asked_;
}

void KeyLedger::AddStored(KeyHash key, uint64_t row_id, uint64_t row_addr) {
  if (filter_ && !filter_->MayHold(key)) return;
  PartitionOf(key).stored.Append({key, row_id, row_addr});
}

int64_t KeyLedger::bytes_held() const {
  int64_t bytes = 0;
  for (const Partition& partition : partitions_) {
    bytes +=
        partition.rows.bytes_held() + partition.stored.bytes_held() + partition.asked.bytes_held();
  }
  return bytes;
}

Status KeyLedger::Spill() {
  if (!file_) {
    TARN_ASSIGN_OR_RETURN(file_, scratch_.OpenFile());
  }
  for (Partition& partition : partitions_) {
    TARN_RETURN_IF_ERROR(partition.rows.SpillTo(*file_));
    TARN_RETURN_IF_ERROR(partition.stored.SpillTo(*file_));
    TARN_RETURN_IF_ERROR(partition.asked.SpillTo(*file_));
  }
  return Status::Ok();
}

Status KeyLedger::Finish(const Request& request, const Visitor& visitor) {
  FactTable table;
  for (Partition& partition : partitions_) {
    TARN_RETURN_IF_ERROR(request.Check());
    const uint64_t records =
        partition.rows.count() + partition.stored.count() + partition.asked.count();
    if (records == 0) continue;
    const uint64_t fit = std::max<int64_t>(1, options_.resolve_bytes_max / FactTable::kBytesPerKey);
    const uint64_t slices = (records + fit - 1) / fit;
    for (uint64_t slice = 0; slice < slices; ++slice) {
      table.Reset(std::min(records, fit), slice, slices);
      TARN_RETURN_IF_ERROR(Join(partition, table, visitor));
    }
    partition = Partition();
  }
  file_.reset();
  return Status::Ok();
}

Status KeyLedger::Join(const Partition& partition, FactTable& table, const Visitor& visitor) const {
  TARN_RETURN_IF_ERROR(partition.rows.ForEach(file_.get(), [&](const Row& row) {
    if (!table.Covers(row.key) || (visitor.skip_row && visitor.skip_row(row.ordinal))) return;
    KeyFacts& facts = table.At(row.key);
    if (facts.rows == 0) facts.first_row = row.ordinal;
    if (facts.rows > 0 && visitor.on_repeat) visitor.on_repeat(facts.last_row, row.ordinal);
    facts.last_row = row.ordinal;
    ++facts.rows;
  }));
  TARN_RETURN_IF_ERROR(partition.stored.ForEach(file_.get(), [&](const Stored& stored) {
    if (!table.Covers(stored.key)) return;
    KeyFacts& facts = table.At(stored.key);
    facts.row_id = stored.row_id;
    facts.row_addr = stored.row_addr;
    ++facts.stored;
  }));
  TARN_RETURN_IF_ERROR(partition.asked.ForEach(file_.get(), [&](KeyHash key) {
    if (table.Covers(key)) table.At(key).asked = true;
  }));
  for (const KeyFacts& facts : table.facts()) visitor.on_key(facts);
  return Status::Ok();
}

}  // namespace tarn::write
