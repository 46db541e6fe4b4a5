#include "tarn/write/judge_image.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include <arrow/api.h>
#include <fmt/ranges.h>

#include "tarn/lance/memory_filter.h"
#include "tarn/write/limits.h"
#include "tarn/write/tuple_keys.h"
#include "tarn/write/value_checks.h"
#include "tarn/write/violation.h"

namespace tarn::write {
namespace {

using Origin = PendingTable::Origin;

std::string_view TextAt(const arrow::RecordBatch& batch, const char* column, int64_t row) {
  return static_cast<const arrow::StringArray&>(*batch.GetColumnByName(column)).GetView(row);
}

/// Calls `visit(batch, row)` for each live image of a table.
template <typename Visit>
Status ForEachLive(const PendingTable& table, Visit&& visit) {
  for (const PendingTable::Images& images : table.images()) {
    for (int64_t row = 0; row < images.rows->num_rows(); ++row) {
      if (images.live[row]) TARN_RETURN_IF_ERROR(visit(*images.rows, row));
    }
  }
  return Status::Ok();
}

/// Judges one image; what is wrong goes to the problems.
class ImageJudge {
 public:
  ImageJudge(GraphImage& image, uint64_t hash_seed) : image_(image), hash_seed_(hash_seed) {}

  /// What was found, and the field that is at fault beside it.
  struct Offence {
    const TypeLayout& layout;
    std::string field;
    BrokenRule broken;
  };

  Result<std::vector<Offence>> Run() {
    CollectEnds();
    TARN_RETURN_IF_ERROR(FindIds());
    JudgeEnds();
    for (const auto& [label, table] : image_.tables()) {
      TARN_RETURN_IF_ERROR(JudgeValues(*table));
      for (const schema::UniqueConstraint& unique : table->layout().uniques()) {
        TARN_RETURN_IF_ERROR(JudgeUnique(*table, unique));
      }
      if (table->layout().is_edge()) TARN_RETURN_IF_ERROR(JudgeCardinality(*table));
    }
    return std::move(offences_);
  }

 private:
  void Add(RowRule rule, const TypeLayout& layout, std::string_view id, std::string field,
           std::string reason) {
    if (offences_.size() > kProblemsMax) return;
    offences_.push_back({.layout = layout,
                         .field = std::move(field),
                         .broken = {.rule = rule,
                                    .kind = layout.kind,
                                    .type = layout.name(),
                                    .id = std::string(id),
                                    .reason = std::move(reason)}});
  }

  // ---- ids: which upserts replace a stored row, and which ends of edges exist

  /// The nodes that pending edges need and no pending row is.
  void CollectEnds() {
    for (const auto& [label, table] : image_.tables()) {
      const schema::EdgeType* const edge = table->layout().edge;
      if (edge == nullptr) continue;
      const auto want = [this](const std::string& node, std::string_view id) {
        const PendingTable* const nodes = image_.FindNode(node);
        if (nodes == nullptr || !nodes->Has(id)) wanted_[node].emplace(id);
      };
      (void)ForEachLive(*table, [&](const arrow::RecordBatch& batch, int64_t row) {
        want(edge->from, TextAt(batch, "src", row));
        want(edge->to, TextAt(batch, "dst", row));
        return Status::Ok();
      });
    }
  }

  Status FindIds() {
    for (const schema::NodeType& node : image_.schema().nodes) {
      PendingTable* const pending =
          image_.FindNode(node.name) == nullptr ? nullptr : &image_.Of(node);
      std::vector<std::string> ids =
          pending == nullptr ? std::vector<std::string>() : pending->Unsettled();
      const TextSet& wanted = wanted_[node.name];
      ids.insert(ids.end(), wanted.begin(), wanted.end());
      if (ids.empty()) continue;
      TARN_RETURN_IF_ERROR(FindIdsOf(TypeLayout(node), pending, ids));
    }
    return Status::Ok();
  }

  Status FindIdsOf(const TypeLayout& layout, PendingTable* pending, std::vector<std::string> ids) {
    TextSet& wanted = wanted_[layout.name()];
    TARN_ASSIGN_OR_RETURN(const GraphImage::HasId has_id, image_.StoredIdsOf(layout));
    if (has_id) {
      // What is left to ask the storage is where the rows are that upserts replace.
      std::erase_if(ids, [&](const std::string& id) {
        const bool exists = has_id(id);
        const bool was_wanted = exists && wanted.erase(id) > 0;
        return !exists || was_wanted;
      });
    }
    if (!ids.empty())
      TARN_RETURN_IF_ERROR(
          image_.ForEachStored(layout, {"id"}, AnyOf("id", ids), [&](const StoredBatch& batch) {
            const arrow::StringArray& stored = IdsOf(batch.rows);
            for (int64_t row = 0; row < stored.length(); ++row) {
              const std::string_view id = stored.GetView(row);
              if (const auto found = wanted.find(id); found != wanted.end()) wanted.erase(found);
              const PendingTable::Row* const hidden = pending ? pending->Find(id) : nullptr;
              if (hidden != nullptr && hidden->origin == Origin::kUnknown) {
                pending->Settle(id, Origin::kStored, batch.row_ids[row], batch.row_addrs[row]);
              }
            }
            return Status::Ok();
          }));
    if (pending == nullptr) return Status::Ok();
    for (const std::string& id : pending->Unsettled()) pending->Settle(id, Origin::kNew, 0, 0);
    return Status::Ok();
  }

  /// `wanted_` holds what was not found.
  void JudgeEnds() {
    for (const auto& [label, table] : image_.tables()) {
      const TypeLayout& layout = table->layout();
      if (!layout.is_edge()) continue;
      (void)ForEachLive(*table, [&](const arrow::RecordBatch& batch, int64_t row) {
        JudgeEnd(layout, layout.edge->from, "src", "from", batch, row);
        JudgeEnd(layout, layout.edge->to, "dst", "to", batch, row);
        return Status::Ok();
      });
    }
  }

  void JudgeEnd(const TypeLayout& layout, const std::string& node, const char* column,
                const char* field, const arrow::RecordBatch& batch, int64_t row) {
    const std::string_view id = TextAt(batch, column, row);
    const PendingTable* const pending = image_.FindNode(node);
    const bool exists =
        pending != nullptr && pending->Has(id) ? pending->IsLive(id) : !wanted_[node].contains(id);
    if (exists) return;
    Add(RowRule::kEnd, layout, IdsOf(batch).GetView(row), field, EndNotFound(column, id, node));
  }

  // ---- values of one row

  Status JudgeValues(const PendingTable& table) {
    const TypeLayout& layout = table.layout();
    for (const schema::Property& property : layout.properties()) {
      TARN_ASSIGN_OR_RETURN(const ValueChecks checks,
                            ValueChecks::Make(layout.name(), property, layout.node));
      if (checks.is_empty()) continue;
      TARN_RETURN_IF_ERROR(ForEachLive(table, [&](const arrow::RecordBatch& batch, int64_t row) {
        const std::shared_ptr<arrow::Array> cells = batch.GetColumnByName(property.name);
        if (cells->IsNull(row)) return Status::Ok();
        if (Refusal refusal = checks.CheckCell(*cells, row)) {
          Add(RowRule::kValue, layout, IdsOf(batch).GetView(row), property.name,
              std::move(refusal->reason));
        }
        return Status::Ok();
      }));
    }
    return Status::Ok();
  }

  // ---- @unique

  struct Rule {
    std::string name;
    TupleKeys keys;
    std::unordered_map<KeyHash, Witness, KeyHashHasher> holders;
  };

  Status JudgeUnique(const PendingTable& table, const schema::UniqueConstraint& unique) {
    std::vector<std::string> columns = unique.columns;
    std::ranges::sort(columns);
    if (!table.Wrote(columns)) return Status::Ok();
    Rule rule{RuleName(table.layout().name(), columns), TupleKeys(columns, hash_seed_), {}};
    for (const PendingTable::Images& images : table.images()) {
      TARN_RETURN_IF_ERROR(rule.keys.Bind(*images.rows));
      for (int64_t row = 0; row < images.rows->num_rows(); ++row) {
        if (images.live[row]) TARN_RETURN_IF_ERROR(EnterHolder(table, *images.rows, row, rule));
      }
    }
    if (rule.holders.empty()) return Status::Ok();
    std::vector<std::string> scanned = columns;
    scanned.insert(scanned.begin(), "id");
    return image_.ForEachStored(
        table.layout(), scanned, FilterOnTuples(table, columns),
        [&](const StoredBatch& batch) { return CompareStored(table, batch.rows, rule); });
  }

  Status EnterHolder(const PendingTable& table, const arrow::RecordBatch& batch, int64_t row,
                     Rule& rule) {
    TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, rule.keys.HashOf(row));
    if (!key) return Status::Ok();
    const Witness witness{.id = std::string(IdsOf(batch).GetView(row)),
                          .text = rule.keys.TextOf(row)};
    const auto [first, is_new] = rule.holders.emplace(*key, witness);
    if (!is_new) AddNotUnique(table, rule, first->second, witness);
    return Status::Ok();
  }

  Status CompareStored(const PendingTable& table, const arrow::RecordBatch& batch, Rule& rule) {
    TARN_RETURN_IF_ERROR(rule.keys.Bind(batch));
    const arrow::StringArray& ids = IdsOf(batch);
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (table.Has(ids.GetView(row))) continue;
      TARN_ASSIGN_OR_RETURN(const std::optional<KeyHash> key, rule.keys.HashOf(row));
      if (!key) continue;
      const auto found = rule.holders.find(*key);
      if (found == rule.holders.end()) continue;
      const Witness stored{.id = std::string(ids.GetView(row)), .text = found->second.text};
      AddNotUnique(table, rule, stored, found->second);
    }
    return Status::Ok();
  }

  void AddNotUnique(const PendingTable& table, const Rule& rule, const Witness& first,
                    const Witness& second) {
    const std::vector<std::string>& columns = rule.keys.columns();
    Add(RowRule::kUnique, table.layout(), second.id, fmt::format("{}", fmt::join(columns, ", ")),
        NotUnique(rule.name, TupleText(second.text, columns.size()), first, second));
  }

  /// Stored rows that hold a value of a pending row in each column: every row of an equal tuple is
  /// among them.
  static std::optional<lance::Filter> FilterOnTuples(const PendingTable& table,
                                                     const std::vector<std::string>& columns) {
    lance::Filter all{.op = lance::Filter::Op::kAnd};
    for (const std::string& column : columns) {
      lance::Filter any{.op = lance::Filter::Op::kIn, .column = column};
      (void)ForEachLive(table, [&](const arrow::RecordBatch& batch, int64_t row) {
        const arrow::Array& cells = *batch.GetColumnByName(column);
        const bool wanted = cells.IsValid(row) && any.values.size() <= kFilterKeysMax;
        if (wanted) any.values.push_back(lance::ValueAt(cells, row));
        return Status::Ok();
      });
      if (any.values.size() <= kFilterKeysMax) all.args.push_back(std::move(any));
    }
    return all.args.empty() ? std::nullopt : std::optional(std::move(all));
  }

  // ---- @card

  Status JudgeCardinality(const PendingTable& table) {
    const schema::EdgeType& edge = *table.layout().edge;
    const schema::Cardinality& bounds = edge.cardinality;
    if (bounds.min == 0 && !bounds.max) return Status::Ok();
    std::map<std::string, uint64_t, std::less<>> count_by_source;
    if (bounds.min > 0) {
      for (const std::string& source : table.touched_sources()) count_by_source[source] = 0;
    }
    TARN_RETURN_IF_ERROR(ForEachLive(table, [&](const arrow::RecordBatch& batch, int64_t row) {
      ++count_by_source[std::string(TextAt(batch, "src", row))];
      return Status::Ok();
    }));
    if (count_by_source.empty()) return Status::Ok();
    std::vector<std::string> sources;
    for (const auto& [source, count] : count_by_source) sources.push_back(source);
    TARN_RETURN_IF_ERROR(image_.ForEachStored(
        table.layout(), {"id", "src"}, AnyOf("src", sources), [&](const StoredBatch& batch) {
          for (int64_t row = 0; row < batch.rows.num_rows(); ++row) {
            const auto found = count_by_source.find(TextAt(batch.rows, "src", row));
            const bool stays = !table.Has(IdsOf(batch.rows).GetView(row));
            if (found != count_by_source.end() && stays) ++found->second;
          }
          return Status::Ok();
        }));
    const PendingTable* const nodes = image_.FindNode(edge.from);
    for (const auto& [source, count] : count_by_source) {
      const bool is_gone = nodes != nullptr && nodes->Has(source) && !nodes->IsLive(source);
      const bool fits = count >= bounds.min && (!bounds.max || count <= *bounds.max);
      if (is_gone || fits) continue;
      Add(RowRule::kCardinality, table.layout(), "", "from", Miscounted(edge, source, count));
    }
    return Status::Ok();
  }

  GraphImage& image_;
  const uint64_t hash_seed_;
  std::map<std::string, TextSet> wanted_;  // ids by node type
  std::vector<Offence> offences_;
};

}  // namespace

Status JudgeImage(GraphImage& image, const std::string& name, uint64_t hash_seed) {
  TARN_ASSIGN_OR_RETURN(std::vector<ImageJudge::Offence> offences,
                        ImageJudge(image, hash_seed).Run());
  ProblemList problems(name);
  for (ImageJudge::Offence& offence : offences) {
    problems.Add(
        Violation(offence.layout, 0, std::move(offence.field), std::move(offence.broken.reason)));
  }
  return problems.ToStatus();
}

Result<std::vector<BrokenRule>> FindBrokenRules(GraphImage& image, uint64_t hash_seed) {
  TARN_ASSIGN_OR_RETURN(std::vector<ImageJudge::Offence> offences,
                        ImageJudge(image, hash_seed).Run());
  std::vector<BrokenRule> broken;
  for (ImageJudge::Offence& offence : offences) broken.push_back(std::move(offence.broken));
  return broken;
}

}  // namespace tarn::write
