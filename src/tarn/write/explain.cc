#include "tarn/write/explain.h"

#include <arrow/api.h>

#include "tarn/write/stored_rows.h"
#include "tarn/write/witnesses.h"

namespace tarn::write {
namespace {

TupleKeys IdKeys(const LoadContext& context) { return TupleKeys({"id"}, context.hash_seed); }

/// "SEGOT", or "(9300001, SEGOT)" for a rule over several columns.
std::string ValueText(const std::string& text, size_t members) {
  return members == 1 ? Shown(text) : fmt::format("({})", Shown(text));
}

Problem Violation(const TypeLayout& layout, uint64_t line, std::string field, std::string reason) {
  return {.id = ErrorId::kConstraintViolation,
          .line = line,
          .type = layout.label(),
          .field = std::move(field),
          .reason = std::move(reason)};
}

std::string NotUnique(const std::string& rule, const std::string& value, const Witness& first,
                      const Witness& second) {
  std::string reason = fmt::format("@unique violation on {}: value '{}' held by '{}' and '{}'",
                                   rule, value, Shown(first.id), Shown(second.id));
  if (first.line != 0 && second.line != 0) reason += fmt::format("; first on line {}", first.line);
  return reason;
}

Status ExplainRepeated(GraphRows& rows, const TypeRows& type, const Offenders& offenders) {
  Witnesses witnesses(offenders, IdKeys(rows.context()), 2);
  TARN_RETURN_IF_ERROR(witnesses.ReadInput(type.spool(), nullptr));
  const TypeLayout& layout = type.layout();
  for (const Offender& offender : offenders.kept()) {
    const Witness& first = witnesses.Of(offender.key)[0];
    const Witness& second = witnesses.Of(offender.key)[1];
    std::string reason;
    std::string field = "id";
    if (layout.is_keyed()) {
      const std::vector<std::string>& columns = layout.node->key_columns;
      if (columns.size() == 1) field = columns[0];
      reason =
          fmt::format("@unique violation on {}: the @key '{}' is there twice; first on line {}",
                      RuleName(layout.name(), columns), Shown(first.id), first.line);
    } else {
      reason = fmt::format("duplicate id '{}' of {}; first on line {}", Shown(first.id),
                           layout.label(), first.line);
    }
    rows.context().problems.Add(
        Violation(layout, second.line, std::move(field), std::move(reason)));
  }
  return Status::Ok();
}

Status ExplainConflicts(GraphRows& rows, const TypeRows& type, const Offenders& offenders) {
  Witnesses witnesses(offenders, IdKeys(rows.context()), 1);
  TARN_RETURN_IF_ERROR(witnesses.ReadInput(type.spool(), nullptr));
  const TypeLayout& layout = type.layout();
  for (const Offender& offender : offenders.kept()) {
    const Witness& witness = witnesses.Of(offender.key)[0];
    Problem problem =
        Violation(layout, witness.line, "id",
                  fmt::format("id '{}' of {} exists already", Shown(witness.id), layout.label()));
    problem.id = ErrorId::kKeyConflict;
    problem.entity_id = witness.id;
    rows.context().problems.Add(std::move(problem));
  }
  return Status::Ok();
}

/// One end of an edge type, and the ids that do not exist at it.
struct EdgeEnd {
  const char* column;
  const std::string& node;
  const KeySet* missing;  // null: none
};

/// Adds the edges of one batch that end nowhere. `line` is null for rows of the warehouse.
void AddOrphans(GraphRows& rows, const TypeLayout& layout, const EdgeEnd& end,
                const arrow::RecordBatch& batch, const arrow::UInt64Array* lines,
                const std::function<bool(int64_t)>& is_live) {
  const auto& ids = static_cast<const arrow::StringArray&>(*batch.GetColumnByName(end.column));
  const auto& edge_ids = static_cast<const arrow::StringArray&>(*batch.GetColumnByName("id"));
  LoadContext& context = rows.context();
  for (int64_t row = 0; row < ids.length(); ++row) {
    if (context.problems.full()) return;
    if (!end.missing->contains(HashKey(ids.GetView(row), context.hash_seed)) || !is_live(row))
      continue;
    std::string reason =
        fmt::format("{} '{}' not found in {}", end.column, Shown(ids.GetView(row)), end.node);
    if (lines == nullptr) {
      reason += fmt::format(": {} '{}' stays and would lose it", layout.label(),
                            Shown(edge_ids.GetView(row)));
    }
    const std::string field = std::string_view(end.column) == "src" ? "from" : "to";
    context.problems.Add(
        Violation(layout, lines == nullptr ? 0 : lines->Value(row), field, std::move(reason)));
  }
}

std::vector<EdgeEnd> BrokenEnds(const schema::EdgeType& edge, const IdFindings& findings) {
  std::vector<EdgeEnd> ends;
  for (const EdgeEnd& end :
       {EdgeEnd{"src", edge.from, nullptr}, EdgeEnd{"dst", edge.to, nullptr}}) {
    const auto found = findings.missing.find(end.node);
    if (found != findings.missing.end()) ends.push_back({end.column, end.node, &found->second});
  }
  return ends;
}

Status ExplainOrphans(GraphRows& rows, const TypeRows& type, const IdFindings& findings) {
  const std::vector<EdgeEnd> ends = BrokenEnds(*type.layout().edge, findings);
  if (ends.empty()) return Status::Ok();
  RowSpool::Reader reader(type.spool());
  while (true) {
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, reader.Next());
    if (batch == nullptr) return Status::Ok();
    const auto& lines =
        static_cast<const arrow::UInt64Array&>(*batch->column(batch->num_columns() - 1));
    const auto is_live = [&](int64_t row) {
      return !type.fates().superseded.Test(reader.first_ordinal() + static_cast<uint64_t>(row));
    };
    for (const EdgeEnd& end : ends) AddOrphans(rows, type.layout(), end, *batch, &lines, is_live);
  }
}

/// Overwrite: edges that are not in the input stay, but a node of theirs may go.
Status ExplainKeptOrphans(GraphRows& rows, const schema::EdgeType& edge,
                          const IdFindings& findings) {
  const TypeLayout layout(edge);
  if (rows.has(layout)) return Status::Ok();
  for (const EdgeEnd& end : BrokenEnds(edge, findings)) {
    TARN_RETURN_IF_ERROR(
        ForEachStored(rows.context(), layout, {"id", end.column}, [&](const StoredBatch& batch) {
          AddOrphans(rows, layout, end, batch.rows, nullptr, [](int64_t) { return true; });
          return Status::Ok();
        }));
  }
  return Status::Ok();
}

Status ExplainUnique(GraphRows& rows, TypeRows& type, const UniqueRule& rule,
                     const Offenders& offenders) {
  Witnesses witnesses(offenders, rule.keys, 2);
  TARN_RETURN_IF_ERROR(witnesses.ReadInput(type.spool(), nullptr));
  if (rows.Keeps(type.layout())) {
    TARN_RETURN_IF_ERROR(witnesses.ReadStored(rows.context(), type.layout(), type.fates().gone));
  }
  const std::vector<std::string>& columns = rule.keys.columns();
  for (const Offender& offender : offenders.kept()) {
    const std::vector<Witness>& held = witnesses.Of(offender.key);
    const Witness& first = held[0];
    const Witness& second = held.size() > 1 ? held[1] : held[0];
    std::string reason = NotUnique(rule.name, ValueText(first.text, columns.size()), first, second);
    const uint64_t line = second.line != 0 ? second.line : first.line;
    rows.context().problems.Add(Violation(
        type.layout(), line, fmt::format("{}", fmt::join(columns, ", ")), std::move(reason)));
  }
  return Status::Ok();
}

Status ExplainCardinality(GraphRows& rows, TypeRows& type, const Offenders& offenders) {
  const schema::Cardinality& bounds = type.layout().edge->cardinality;
  Witnesses witnesses(offenders, TupleKeys({"src"}, rows.context().hash_seed), kProblemsMax);
  TARN_RETURN_IF_ERROR(witnesses.ReadInput(
      type.spool(), [&](uint64_t ordinal) { return !type.fates().superseded.Test(ordinal); }));
  TARN_RETURN_IF_ERROR(witnesses.ReadStored(rows.context(), type.layout(), {}));
  for (const Offender& offender : offenders.kept()) {
    uint64_t line = 0;
    for (const Witness& witness : witnesses.Of(offender.key)) line = std::max(line, witness.line);
    const bool too_many = bounds.max && offender.count > *bounds.max;
    std::string reason =
        fmt::format("@card violation on edge {}: source '{}' has {} edges ({} {})",
                    type.layout().name(), Shown(witnesses.Of(offender.key)[0].text), offender.count,
                    too_many ? "max" : "min", too_many ? *bounds.max : bounds.min);
    rows.context().problems.Add(Violation(type.layout(), line, "from", std::move(reason)));
  }
  return Status::Ok();
}

}  // namespace

Status ExplainIds(GraphRows& rows, const IdFindings& findings) {
  for (const auto& [type, offenders] : findings.conflicting) {
    TARN_RETURN_IF_ERROR(ExplainConflicts(rows, *type, offenders));
  }
  for (const auto& [type, offenders] : findings.repeated) {
    TARN_RETURN_IF_ERROR(ExplainRepeated(rows, *type, offenders));
  }
  if (findings.missing.empty()) return Status::Ok();
  for (const auto& [name, type] : rows.edges())
    TARN_RETURN_IF_ERROR(ExplainOrphans(rows, *type, findings));
  for (const schema::EdgeType& edge : rows.context().snapshot.schema().edges) {
    TARN_RETURN_IF_ERROR(ExplainKeptOrphans(rows, edge, findings));
  }
  return Status::Ok();
}

Status ExplainRules(GraphRows& rows, const RuleFindings& findings) {
  for (const auto* types : {&rows.nodes(), &rows.edges()}) {
    for (const auto& [name, type] : *types) {
      for (const UniqueRule& rule : type->uniques()) {
        const auto found = findings.not_unique.find(&rule);
        if (found != findings.not_unique.end())
          TARN_RETURN_IF_ERROR(ExplainUnique(rows, *type, rule, found->second));
      }
      const auto found = findings.miscounted.find(type.get());
      if (found != findings.miscounted.end())
        TARN_RETURN_IF_ERROR(ExplainCardinality(rows, *type, found->second));
    }
  }
  return Status::Ok();
}

}  // namespace tarn::write
