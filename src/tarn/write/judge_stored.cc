#include "tarn/write/judge_stored.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include <arrow/api.h>

#include "tarn/catalog/physical_schema.h"
#include "tarn/schema/values.h"
#include "tarn/write/key_ledger.h"
#include "tarn/write/offenders.h"
#include "tarn/write/stored_view.h"
#include "tarn/write/tuple_keys.h"
#include "tarn/write/violation.h"
#include "tarn/write/type_rows.h"
#include "tarn/write/value_checks.h"

namespace tarn::write {
namespace {

const arrow::StringArray& Ids(const arrow::RecordBatch& batch) {
  return static_cast<const arrow::StringArray&>(
      *batch.GetColumnByName(std::string(catalog::kIdColumn)));
}

/// What is wrong with one value that is not null.
Refusal CheckCell(const ValueChecks& checks, const arrow::Array& values, int64_t row) {
  switch (values.type_id()) {
    case arrow::Type::STRING:
      return checks.CheckText(static_cast<const arrow::StringArray&>(values).GetView(row));
    case arrow::Type::INT32:
      return checks.CheckInteger(static_cast<const arrow::Int32Array&>(values).Value(row));
    case arrow::Type::INT64:
      return checks.CheckInteger(static_cast<const arrow::Int64Array&>(values).Value(row));
    case arrow::Type::UINT32:
      return checks.CheckInteger(static_cast<const arrow::UInt32Array&>(values).Value(row));
    case arrow::Type::UINT64:
      return checks.CheckInteger(static_cast<const arrow::UInt64Array&>(values).Value(row));
    case arrow::Type::FLOAT:
      return checks.CheckFloat(static_cast<const arrow::FloatArray&>(values).Value(row));
    case arrow::Type::DOUBLE:
      return checks.CheckFloat(static_cast<const arrow::DoubleArray&>(values).Value(row));
    default: return nullptr;
  }
}

/// A rule that no two rows may share a tuple, or that bounds how many do.
struct TupleRule {
  std::string field;  ///< of the problem: "a, b", or "from" for edges of one source
  std::string name;   ///< "Port.(a, b)"; empty for cardinality
  TupleKeys keys;
  std::unique_ptr<KeyLedger> ledger;
  bool is_cardinality = false;
  Offenders offenders = {};
};

/// The rows that hold a tuple in question.
struct Holders {
  std::string text;
  std::vector<std::string> ids;  // at most two
};

class Judge {
 public:
  Judge(const Request& request, const lance::Table& table, const TableMigration& migration,
        const JudgeMemory& memory, ProblemList& problems)
      : request_(request),
        migration_(migration),
        layout_(migration.layout),
        rules_(migration.rules),
        memory_(memory),
        problems_(problems),
        view_(table, migration.columns) {}

  Status Run() {
    TARN_RETURN_IF_ERROR(MakeChecks());
    MakeTupleRules();
    TARN_RETURN_IF_ERROR(view_.ForEach(
        request_, Names(), [this](const arrow::RecordBatch& batch) { return Look(batch); }));
    for (TupleRule& rule : tuple_rules_) TARN_RETURN_IF_ERROR(Resolve(rule));
    return Status::Ok();
  }

 private:
  Status MakeChecks() {
    for (const schema::Property& property : layout_.properties()) {
      if (!rules_.values.contains(property.name)) continue;
      TARN_ASSIGN_OR_RETURN(ValueChecks checks,
                            ValueChecks::Make(layout_.name(), property, layout_.node));
      checks_.emplace(property.name, std::move(checks));
    }
    return Status::Ok();
  }

  void MakeTupleRules() {
    for (const std::vector<std::string>& columns : rules_.uniques) {
      AddTupleRule({.field = fmt::format("{}", fmt::join(columns, ", ")),
                    .name = RuleName(layout_.name(), columns),
                    .keys = TupleKeys(columns, memory_.hash_seed),
                    .ledger = nullptr});
    }
    if (!rules_.cardinality) return;
    AddTupleRule({.field = "from",
                  .name = "",
                  .keys = TupleKeys({std::string(catalog::kSrcColumn)}, memory_.hash_seed),
                  .ledger = nullptr,
                  .is_cardinality = true});
  }

  void AddTupleRule(TupleRule rule) {
    rule.ledger = std::make_unique<KeyLedger>(
        memory_.scratch, memory_.group,
        KeyLedger::Options{.resolve_bytes_max = memory_.resolve_bytes_max});
    tuple_rules_.push_back(std::move(rule));
  }

  /// The columns that any rule reads.
  std::vector<std::string> Names() const {
    std::set<std::string> names = {std::string(catalog::kIdColumn)};
    names.insert(rules_.not_null.begin(), rules_.not_null.end());
    names.insert(rules_.values.begin(), rules_.values.end());
    if (rules_.key)
      names.insert(layout_.node->key_columns.begin(), layout_.node->key_columns.end());
    for (const TupleRule& rule : tuple_rules_) {
      names.insert(rule.keys.columns().begin(), rule.keys.columns().end());
    }
    return {names.begin(), names.end()};
  }

  Status Look(const arrow::RecordBatch& batch) {
    for (const std::string& name : rules_.not_null) LookForNulls(name, batch);
    for (const auto& [name, checks] : checks_) LookAtValues(name, checks, batch);
    if (rules_.key) TARN_RETURN_IF_ERROR(LookAtKeys(batch));
    for (TupleRule& rule : tuple_rules_) {
      TARN_RETURN_IF_ERROR(rule.keys.Bind(batch));
      for (int64_t row = 0; row < batch.num_rows(); ++row) {
        TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, rule.keys.HashOf(row));
        if (key) rule.ledger->AddRow(*key, rows_ + static_cast<uint64_t>(row));
      }
    }
    rows_ += static_cast<uint64_t>(batch.num_rows());
    return memory_.group.Balance();
  }

  void LookForNulls(const std::string& name, const arrow::RecordBatch& batch) {
    const std::shared_ptr<arrow::Array> values = batch.GetColumnByName(name);
    if (values->null_count() == 0) return;
    for (int64_t row = 0; row < values->length() && !problems_.full(); ++row) {
      if (!values->IsNull(row)) continue;
      Report(name, fmt::format("{}.{} must have a value, and '{}' has none", layout_.name(), name,
                               Shown(Ids(batch).GetView(row))));
    }
  }

  void LookAtValues(const std::string& name, const ValueChecks& checks,
                    const arrow::RecordBatch& batch) {
    const std::shared_ptr<arrow::Array> values = batch.GetColumnByName(name);
    for (int64_t row = 0; row < values->length() && !problems_.full(); ++row) {
      if (values->IsNull(row)) continue;
      const Refusal refusal = CheckCell(checks, *values, row);
      if (refusal == nullptr) continue;
      Report(name, fmt::format("{}, in '{}'", refusal->reason, Shown(Ids(batch).GetView(row))));
    }
  }

  Status LookAtKeys(const arrow::RecordBatch& batch) {
    std::vector<TupleKeys> members;
    for (const std::string& column : layout_.node->key_columns) {
      TARN_RETURN_IF_ERROR(members.emplace_back(std::vector{column}, 0).Bind(batch));
    }
    std::vector<std::string> parts(members.size());
    for (int64_t row = 0; row < batch.num_rows() && !problems_.full(); ++row) {
      bool has_null = false;
      for (size_t i = 0; i < members.size(); ++i) {
        has_null = has_null || batch.GetColumnByName(layout_.node->key_columns[i])->IsNull(row);
        if (!has_null) parts[i] = members[i].TextOf(row);
      }
      const std::string_view id = Ids(batch).GetView(row);
      if (has_null || schema::KeyId(parts) == id) continue;  // null: reported as such
      Report("id", fmt::format("'{}' would have the id '{}' by its key, and ids never change",
                               Shown(id), Shown(schema::KeyId(parts))));
    }
    return Status::Ok();
  }

  Status Resolve(TupleRule& rule) {
    const schema::Cardinality bounds =
        rule.is_cardinality ? layout_.edge->cardinality : schema::Cardinality{.min = 0, .max = 1};
    KeyLedger::Visitor visitor;
    visitor.on_key = [&](const KeyFacts& facts) {
      const bool wrong = facts.rows < bounds.min || (bounds.max && facts.rows > *bounds.max);
      if (wrong) rule.offenders.Add({facts.first_row, facts.key, facts.rows});
    };
    TARN_RETURN_IF_ERROR(rule.ledger->Finish(request_, visitor));
    return rule.offenders.empty() ? Status::Ok() : Explain(rule, bounds);
  }

  /// A ledger keeps hashes only, so the rows are read once more.
  Status Explain(TupleRule& rule, const schema::Cardinality& bounds) {
    std::unordered_map<KeyHash, Holders, KeyHashHasher> holders;
    for (const Offender& offender : rule.offenders.kept()) holders.emplace(offender.key, Holders{});
    std::vector<std::string> names = rule.keys.columns();
    names.insert(names.begin(), std::string(catalog::kIdColumn));
    TARN_RETURN_IF_ERROR(view_.ForEach(request_, names, [&](const arrow::RecordBatch& batch) {
      return Witness(rule, batch, holders);
    }));
    std::vector<Offender> offenders = rule.offenders.kept();
    std::ranges::sort(offenders, {}, &Offender::row);
    for (const Offender& offender : offenders) {
      const Holders& held = holders.at(offender.key);
      Report(rule.field,
             rule.is_cardinality ? CardReason(held, offender, bounds) : UniqueReason(rule, held));
    }
    return Status::Ok();
  }

  static Status Witness(TupleRule& rule, const arrow::RecordBatch& batch,
                        std::unordered_map<KeyHash, Holders, KeyHashHasher>& holders) {
    TARN_RETURN_IF_ERROR(rule.keys.Bind(batch));
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, rule.keys.HashOf(row));
      const auto found = key ? holders.find(*key) : holders.end();
      if (found == holders.end() || found->second.ids.size() == 2) continue;
      found->second.text = rule.keys.TextOf(row);
      found->second.ids.emplace_back(Ids(batch).GetView(row));
    }
    return Status::Ok();
  }

  static std::string UniqueReason(const TupleRule& rule, const Holders& held) {
    const std::string text =
        rule.keys.columns().size() == 1 ? Shown(held.text) : fmt::format("({})", Shown(held.text));
    return fmt::format("@unique violation on {}: value '{}' held by '{}' and '{}'", rule.name, text,
                       Shown(held.ids.at(0)), Shown(held.ids.at(1)));
  }

  std::string CardReason(const Holders& held, const Offender& offender,
                         const schema::Cardinality& bounds) const {
    const bool too_many = bounds.max && offender.count > *bounds.max;
    return fmt::format("@card violation on edge {}: source '{}' has {} edges ({} {})",
                       layout_.name(), Shown(held.text), offender.count, too_many ? "max" : "min",
                       too_many ? *bounds.max : bounds.min);
  }

  void Report(const std::string& field, std::string reason) {
    problems_.Add({.id = ErrorId::kConstraintViolation,
                   .line = 0,
                   .type = layout_.label(),
                   .field = field,
                   .reason = std::move(reason)});
  }

  const Request& request_;
  const TableMigration& migration_;
  const TypeLayout& layout_;
  const RowRules& rules_;
  const JudgeMemory& memory_;
  ProblemList& problems_;
  const StoredView view_;
  std::map<std::string, ValueChecks> checks_;
  std::vector<TupleRule> tuple_rules_;
  uint64_t rows_ = 0;
};

}  // namespace

Status JudgeStored(const Request& request, const lance::Table& table,
                   const TableMigration& migration, const JudgeMemory& memory,
                   ProblemList& problems) {
  return Judge(request, table, migration, memory, problems).Run();
}

}  // namespace tarn::write
