#include "tarn/write/type_rows.h"

#include <algorithm>

#include <arrow/api.h>

#include "tarn/write/stored_rows.h"
#include "tarn/write/violation.h"

namespace tarn::write {

std::unique_ptr<KeyLedger> MakeLedger(LoadContext& context, const TypeLayout& layout) {
  const KeyLedger::Options options{.filters_stored = StoredRowCount(context, layout) > 0,
                                   .resolve_bytes_max = context.resolve_bytes_max()};
  return std::make_unique<KeyLedger>(context.scratch, context.group, options);
}

TypeRows::TypeRows(LoadContext& context, TypeLayout layout, const Ledgers& ledgers)
    : context_(context),
      layout_(std::move(layout)),
      spool_(context.scratch, context.group, layout_.table_schema),
      edge_ids_(layout_.is_edge() ? MakeLedger(context, layout_) : nullptr),
      ids_(layout_.is_edge() ? edge_ids_.get() : ledgers.node_ids),
      sources_(ledgers.sources),
      targets_(ledgers.targets) {}

Result<std::unique_ptr<TypeRows>> TypeRows::Make(LoadContext& context, TypeLayout layout,
                                                 const Ledgers& ledgers) {
  std::unique_ptr<TypeRows> made(new TypeRows(context, std::move(layout), ledgers));
  TARN_ASSIGN_OR_RETURN(made->builder_,
                        RowBuilder::Make(made->layout_, context.ulids, context.problems));
  made->MakeRules();
  return made;
}

void TypeRows::MakeRules() {
  for (const schema::UniqueConstraint& unique : layout_.uniques()) {
    std::vector<std::string> columns = unique.columns;
    std::ranges::sort(columns);
    uniques_.push_back({RuleName(layout_.name(), columns), TupleKeys(columns, context_.hash_seed),
                        MakeLedger(context_, layout_)});
  }
  if (!layout_.is_edge()) return;
  const schema::Cardinality& bounds = layout_.edge->cardinality;
  if (bounds.min > 0 || bounds.max) cardinality_ = MakeLedger(context_, layout_);
}

Status TypeRows::Flush() {
  if (builder_->rows() == 0) return Status::Ok();
  TARN_ASSIGN_OR_RETURN(RowBatch batch, builder_->Flush());
  TARN_RETURN_IF_ERROR(EnterKeys(batch));
  spool_.Append(std::move(batch.rows));
  return context_.group.Balance();
}

Status TypeRows::EnterKeys(const RowBatch& batch) {
  const uint64_t seed = context_.hash_seed;
  const uint64_t first = spool_.rows();
  const auto rows = static_cast<uint64_t>(batch.rows->num_rows());
  const auto text = [&batch](int column) -> const arrow::StringArray& {
    return static_cast<const arrow::StringArray&>(*batch.rows->column(column));
  };
  const arrow::StringArray& ids = text(0);
  for (uint64_t row = 0; row < rows; ++row) {
    if (!batch.generated_ids.empty() && batch.generated_ids[row]) continue;
    ids_->AddRow(HashKey(ids.GetView(static_cast<int64_t>(row)), seed), first + row);
  }
  if (layout_.is_edge()) {
    const arrow::StringArray& sources = text(1);
    const arrow::StringArray& targets = text(2);
    for (uint64_t row = 0; row < rows; ++row) {
      const KeyHash source = HashKey(sources.GetView(static_cast<int64_t>(row)), seed);
      sources_->Ask(source);
      targets_->Ask(HashKey(targets.GetView(static_cast<int64_t>(row)), seed));
      if (cardinality_) cardinality_->AddRow(source, first + row);
    }
  }
  for (UniqueRule& rule : uniques_) {
    TARN_RETURN_IF_ERROR(rule.keys.Bind(*batch.rows));
    for (uint64_t row = 0; row < rows; ++row) {
      TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key,
                            rule.keys.HashOf(static_cast<int64_t>(row)));
      if (key) rule.ledger->AddRow(*key, first + row);
    }
  }
  return Status::Ok();
}

}  // namespace tarn::write
