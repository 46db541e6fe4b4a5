#include "tarn/write/judge_ids.h"

#include <algorithm>
#include <limits>

#include <arrow/api.h>

#include "tarn/write/stored_rows.h"

namespace tarn::write {
namespace {

constexpr uint64_t kNoRow = std::numeric_limits<uint64_t>::max();

const arrow::StringArray& Text(const arrow::RecordBatch& batch, int column) {
  return static_cast<const arrow::StringArray&>(*batch.column(column));
}

/// Overwrite: edges of types that are not in the input stay, and need the nodes that come.
Status AskForKeptEdges(GraphRows& rows) {
  LoadContext& context = rows.context();
  for (const schema::EdgeType& edge : context.snapshot.schema().edges) {
    const TypeLayout layout(edge);
    if (rows.has(layout)) continue;
    std::vector<std::string> columns;
    std::vector<KeyLedger*> ledgers;
    for (const auto& [column, node] : {std::pair("src", &edge.from), std::pair("dst", &edge.to)}) {
      if (!rows.nodes().contains(*node)) continue;
      columns.push_back(column);
      ledgers.push_back(&rows.IdsOf(*node));
    }
    if (columns.empty()) continue;
    TARN_RETURN_IF_ERROR(ForEachStored(context, layout, columns, [&](const StoredBatch& batch) {
      for (size_t i = 0; i < ledgers.size(); ++i) {
        const arrow::StringArray& ids = Text(batch.rows, static_cast<int>(i));
        for (int64_t row = 0; row < ids.length(); ++row) {
          ledgers[i]->Ask(HashKey(ids.GetView(row), context.hash_seed));
        }
      }
      return Status::Ok();
    }));
  }
  return Status::Ok();
}

Status EnterStoredIds(GraphRows& rows, const TypeLayout& layout, KeyLedger& ledger) {
  LoadContext& context = rows.context();
  if (!ledger.wants_stored() || !rows.Keeps(layout)) return Status::Ok();
  return ForEachStored(context, layout, {"id"}, [&](const StoredBatch& batch) {
    const arrow::StringArray& ids = Text(batch.rows, 0);
    for (int64_t row = 0; row < ids.length(); ++row) {
      ledger.AddStored(HashKey(ids.GetView(row), context.hash_seed), batch.row_ids[row],
                       batch.row_addrs[row]);
    }
    return Status::Ok();
  });
}

/// Collects the verdicts of one ledger of ids.
class IdVerdicts {
 public:
  /// `rows` is null for a node type that only edges name.
  IdVerdicts(const LoadContext& context, TypeRows* rows)
      : rows_(rows), mode_(context.options.mode) {
    last_wins_ = mode_ == LoadMode::kMerge && rows != nullptr && !rows->layout().is_keyed();
  }

  void OnRepeat(uint64_t earlier) {
    if (last_wins_) rows_->fates().superseded.Set(earlier);
  }

  void OnKey(const KeyFacts& facts) {
    if (facts.asked && facts.rows + facts.stored == 0) AddMissing(facts.key);
    if (facts.rows == 0) return;
    if (facts.rows > 1 && !last_wins_) repeated.Add({facts.first_row, facts.key, facts.rows});
    if (facts.stored == 0) return;
    if (facts.stored > 1) corrupt = true;
    if (mode_ == LoadMode::kAppend) {
      conflicting.Add({facts.first_row, facts.key, facts.rows});
    } else {
      Update(facts);
    }
  }

  /// Puts the updates in order once all keys were seen.
  void Finish() {
    if (rows_ == nullptr) return;
    RowFates& fates = rows_->fates();
    std::ranges::sort(fates.gone);
    uint64_t count = 0;
    for (const uint64_t row_id : fates.updated_row_ids) {
      if (row_id != kNoRow) fates.updated_row_ids[count++] = row_id;
    }
    fates.updated_row_ids.resize(count);
  }

  Offenders repeated;
  Offenders conflicting;
  KeySet missing;
  bool too_many_missing = false;
  bool corrupt = false;

 private:
  void AddMissing(KeyHash key) {
    if (missing.size() < kMissingKeysMax) {
      missing.insert(key);
    } else {
      too_many_missing = true;
    }
  }

  void Update(const KeyFacts& facts) {
    RowFates& fates = rows_->fates();
    // By ordinal until Finish: the stream of updated rows is read in that order.
    if (fates.updated_row_ids.empty()) fates.updated_row_ids.resize(rows_->spool().rows(), kNoRow);
    fates.updated_row_ids[facts.last_row] = facts.row_id;
    fates.updated.Set(facts.last_row);
    fates.gone.push_back(facts.row_addr);
  }

  TypeRows* rows_;
  LoadMode mode_;
  bool last_wins_ = false;
};

Status JudgeLedger(GraphRows& rows, const TypeLayout& layout, TypeRows* type, KeyLedger& ledger,
                   IdFindings& findings) {
  TARN_RETURN_IF_ERROR(EnterStoredIds(rows, layout, ledger));
  IdVerdicts verdicts(rows.context(), type);
  KeyLedger::Visitor visitor;
  visitor.on_repeat = [&](uint64_t earlier, uint64_t) { verdicts.OnRepeat(earlier); };
  visitor.on_key = [&](const KeyFacts& facts) { verdicts.OnKey(facts); };
  TARN_RETURN_IF_ERROR(ledger.Finish(rows.context().request, visitor));
  verdicts.Finish();
  if (verdicts.corrupt) {
    return Error(ErrorId::kCorruptData, "the table of {} holds one id in two rows", layout.label());
  }
  if (verdicts.too_many_missing) {
    return Error(ErrorId::kConstraintViolation,
                 "more than {} different ids that edges name do not exist in {}", kMissingKeysMax,
                 layout.name());
  }
  if (!verdicts.repeated.empty()) findings.repeated[type] = std::move(verdicts.repeated);
  if (!verdicts.conflicting.empty()) findings.conflicting[type] = std::move(verdicts.conflicting);
  if (!verdicts.missing.empty()) findings.missing[layout.name()] = std::move(verdicts.missing);
  return Status::Ok();
}

}  // namespace

Result<IdFindings> JudgeIds(GraphRows& rows) {
  IdFindings findings;
  if (rows.context().options.mode == LoadMode::kOverwrite)
    TARN_RETURN_IF_ERROR(AskForKeptEdges(rows));
  for (const auto& [name, ledger] : rows.node_ids()) {
    const auto found = rows.nodes().find(name);
    TypeRows* const type = found == rows.nodes().end() ? nullptr : found->second.get();
    const TypeLayout layout(*rows.context().snapshot.schema().FindNode(name));
    TARN_RETURN_IF_ERROR(JudgeLedger(rows, layout, type, *ledger, findings));
  }
  for (const auto& [name, type] : rows.edges()) {
    TARN_RETURN_IF_ERROR(JudgeLedger(rows, type->layout(), type.get(), type->ids(), findings));
  }
  return findings;
}

}  // namespace tarn::write
