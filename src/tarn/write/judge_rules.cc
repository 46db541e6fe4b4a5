#include "tarn/write/judge_rules.h"

#include <algorithm>
#include <limits>

#include <arrow/api.h>

#include "tarn/write/stored_rows.h"

namespace tarn::write {
namespace {

constexpr uint64_t kNoRow = std::numeric_limits<uint64_t>::max();

const arrow::StringArray& Column(const arrow::RecordBatch& batch, const char* name) {
  return static_cast<const arrow::StringArray&>(*batch.GetColumnByName(name));
}

/// Which columns of stored rows the rules of a type read. Empty: none wants any.
std::vector<std::string> ColumnsOfRules(TypeRows& type) {
  std::vector<std::string> columns;
  for (const UniqueRule& rule : type.uniques()) {
    if (!rule.ledger->wants_stored()) continue;
    columns.insert(columns.end(), rule.keys.columns().begin(), rule.keys.columns().end());
  }
  if (type.cardinality() != nullptr) columns.push_back("src");
  std::ranges::sort(columns);
  const auto repeated = std::ranges::unique(columns);
  columns.erase(repeated.begin(), repeated.end());
  return columns;
}

/// Append and merge: the rows that stay count with those that come. An edge that is replaced
/// touches its old source.
Status EnterKeptRows(GraphRows& rows, TypeRows& type) {
  const std::vector<std::string> columns = ColumnsOfRules(type);
  if (columns.empty()) return Status::Ok();
  const std::vector<uint64_t>& gone = type.fates().gone;
  KeyLedger* const cardinality = type.cardinality();
  if (cardinality != nullptr && !gone.empty()) cardinality->KeepAllStored();
  LoadContext& context = rows.context();
  return ForEachStored(context, type.layout(), columns, [&](const StoredBatch& batch) -> Status {
    const int64_t count = batch.rows.num_rows();
    const auto is_gone = [&](int64_t row) {
      return std::ranges::binary_search(gone, batch.row_addrs[row]);
    };
    for (UniqueRule& rule : type.uniques()) {
      if (!rule.ledger->wants_stored()) continue;
      TARN_RETURN_IF_ERROR(rule.keys.Bind(batch.rows));
      for (int64_t row = 0; row < count; ++row) {
        TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, rule.keys.HashOf(row));
        if (key && !is_gone(row))
          rule.ledger->AddStored(*key, batch.row_ids[row], batch.row_addrs[row]);
      }
    }
    if (cardinality == nullptr) return Status::Ok();
    const arrow::StringArray& sources = Column(batch.rows, "src");
    for (int64_t row = 0; row < count; ++row) {
      const KeyHash source = HashKey(sources.GetView(row), context.hash_seed);
      if (is_gone(row)) {
        cardinality->Ask(source);
      } else {
        cardinality->AddStored(source, batch.row_ids[row], batch.row_addrs[row]);
      }
    }
    return Status::Ok();
  });
}

/// Overwrite: every source of the old edges is touched; those whose node goes as well are not
/// judged, so the nodes that come are entered as "stored".
Status EnterReplacedSources(GraphRows& rows, TypeRows& type) {
  KeyLedger* const cardinality = type.cardinality();
  if (cardinality == nullptr || type.layout().edge->cardinality.min == 0) return Status::Ok();
  LoadContext& context = rows.context();
  TARN_RETURN_IF_ERROR(
      ForEachStored(context, type.layout(), {"src"}, [&](const StoredBatch& batch) {
        const arrow::StringArray& sources = Column(batch.rows, "src");
        for (int64_t row = 0; row < sources.length(); ++row) {
          cardinality->Ask(HashKey(sources.GetView(row), context.hash_seed));
        }
        return Status::Ok();
      }));
  const auto nodes = rows.nodes().find(type.layout().edge->from);
  if (nodes == rows.nodes().end()) return Status::Ok();
  RowSpool::Reader reader(nodes->second->spool());
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, reader.Next());
    if (batch == nullptr) return Status::Ok();
    const arrow::StringArray& ids = Column(*batch, "id");
    for (int64_t row = 0; row < ids.length(); ++row) {
      cardinality->AddStored(HashKey(ids.GetView(row), context.hash_seed), 0, 0);
    }
    TARN_RETURN_IF_ERROR(context.group.Balance());
  }
}

Status JudgeUnique(GraphRows& rows, const RowFates& fates, UniqueRule& rule,
                   RuleFindings& findings) {
  Offenders offenders;
  KeyLedger::Visitor visitor;
  visitor.on_key = [&](const KeyFacts& facts) {
    // Two rows of one input violate even if one supersedes the other; a stored row counts against
    // those that land.
    const bool within = facts.rows > 1;
    const bool against_stored =
        facts.rows == 1 && facts.stored > 0 && !fates.superseded.Test(facts.last_row);
    if (within || against_stored) offenders.Add({facts.first_row, facts.key, facts.rows});
  };
  TARN_RETURN_IF_ERROR(rule.ledger->Finish(rows.context().request, visitor));
  if (!offenders.empty()) findings.not_unique[&rule] = std::move(offenders);
  return Status::Ok();
}

Status JudgeCardinality(GraphRows& rows, TypeRows& type, RuleFindings& findings) {
  const schema::Cardinality& bounds = type.layout().edge->cardinality;
  const bool keeps = rows.Keeps(type.layout());
  const bool sources_stay = keeps || !rows.nodes().contains(type.layout().edge->from);
  Offenders offenders;
  KeyLedger::Visitor visitor;
  visitor.skip_row = [&](uint64_t ordinal) { return type.fates().superseded.Test(ordinal); };
  visitor.on_key = [&](const KeyFacts& facts) {
    if (facts.rows == 0 && !facts.asked) return;  // not touched
    const uint64_t count = facts.rows + (keeps ? uint64_t{facts.stored} : 0);
    const bool exists = count > 0 || sources_stay || facts.stored > 0;
    const bool wrong = (bounds.max && count > *bounds.max) || (count < bounds.min && exists);
    if (wrong) offenders.Add({facts.rows > 0 ? facts.first_row : kNoRow, facts.key, count});
  };
  TARN_RETURN_IF_ERROR(type.cardinality()->Finish(rows.context().request, visitor));
  if (!offenders.empty()) findings.miscounted[&type] = std::move(offenders);
  return Status::Ok();
}

Status JudgeType(GraphRows& rows, TypeRows& type, RuleFindings& findings) {
  TARN_RETURN_IF_ERROR(rows.Keeps(type.layout()) ? EnterKeptRows(rows, type)
                                                 : EnterReplacedSources(rows, type));
  for (UniqueRule& rule : type.uniques())
    TARN_RETURN_IF_ERROR(JudgeUnique(rows, type.fates(), rule, findings));
  return type.cardinality() == nullptr ? Status::Ok() : JudgeCardinality(rows, type, findings);
}

}  // namespace

Result<RuleFindings> JudgeRules(GraphRows& rows) {
  RuleFindings findings;
  for (const auto& [name, type] : rows.nodes())
    TARN_RETURN_IF_ERROR(JudgeType(rows, *type, findings));
  for (const auto& [name, type] : rows.edges())
    TARN_RETURN_IF_ERROR(JudgeType(rows, *type, findings));
  return findings;
}

}  // namespace tarn::write
