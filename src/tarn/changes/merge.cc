#include "tarn/changes/merge.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include "tarn/base/failpoint.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/catalog/while_others_win.h"
#include "tarn/changes/limits.h"
#include "tarn/changes/merge_base.h"
#include "tarn/changes/merge_type.h"

namespace tarn::changes {
namespace {

using catalog::Snapshot;
using catalog::TableEntry;
using catalog::TableKind;

constexpr std::string_view kMergeOperation = "branch:merge";

const TableEntry* FindById(const Snapshot& snapshot, TableKind kind, uint64_t type_id) {
  for (const TableEntry& table : snapshot.manifest().tables) {
    if (table.kind == kind && table.type_id == type_id) return &table;
  }
  return nullptr;
}

Status Boundary(const TypeRef& type) {
  return SchemaBoundary(
      type.name,
      fmt::format("{}:{} has other properties on the target, or is not there",
                  catalog::TableKindName(type.kind), type.name),
      "Apply the schema of the source to the target first: tarn schema apply --branch");
}

ConflictKind KindOf(write::RowRule rule) {
  switch (rule) {
    case write::RowRule::kValue: return ConflictKind::kValueConstraintViolation;
    case write::RowRule::kEnd: return ConflictKind::kOrphanEdge;
    case write::RowRule::kUnique: return ConflictKind::kUniqueViolation;
    case write::RowRule::kCardinality: return ConflictKind::kCardinalityViolation;
  }
  TARN_UNREACHABLE("a RowRule outside its enum");
}

/// One attempt on one head of the target.
class Merger {
 public:
  Merger(const Request& request, catalog::Catalog& catalog, Clock& clock, Snapshot source,
         Snapshot target, const MergeOptions& options)
      : request_(request),
        catalog_(catalog),
        source_(std::move(source)),
        target_(target),
        options_(options),
        rows_(request, catalog, clock, std::move(target)) {}

  Result<MergeResult> Run() {
    TARN_ASSIGN_OR_RETURN(const Relation relation, Relate(request_, catalog_, source_, target_));
    MergeResult result{.base = relation.base, .source = source_.commit().id};
    if (relation.has_source) return result;
    TARN_ASSIGN_OR_RETURN(const Snapshot base, catalog_.At(request_, relation.base));
    base_ = &base;
    // A target that has nothing of its own becomes what the source is, and that was judged there.
    const bool is_judged = relation.has_target && options_.keep_of.empty();
    const auto take = [&](const TypeDiff& diff) -> Result<bool> {
      TARN_RETURN_IF_ERROR(is_judged && diff.rows.only_inserts() ? TakeWhole(diff) : Take(diff));
      return true;
    };
    TARN_RETURN_IF_ERROR(
        ForEachTypeDiff(request_, base, source_, Filter{.new_types = true}, std::nullopt, take));
    if (!is_judged) {
      TARN_RETURN_IF_ERROR(FindOrphans());
      TARN_RETURN_IF_ERROR(Judge());
    }
    std::erase_if(counts_, [](const TypeCount& count) {
      return count.inserted + count.updated + count.deleted == 0;
    });
    result.counts = counts_;
    const bool is_same = relation.has_target && counts_.empty() && conflicts_.empty();
    if (is_same) return result;
    result.outcome = relation.has_target ? Outcome::kFastForward : Outcome::kMerged;
    if (options_.dry_run) {
      result.conflicts = conflicts_.Take();
      return result;
    }
    if (!conflicts_.empty()) return conflicts_.ToStatus();
    TARN_FAILPOINT("merge.before_stage");
    const std::string operation(is_judged ? kFastForwardOperation : kMergeOperation);
    TARN_ASSIGN_OR_RETURN(result.commit, rows_.Land(operation, source_.commit().id));
    return result;
  }

 private:
  // ---- rows

  /// Rows that are all new and known to be right: however many they are, they are not held.
  Status TakeWhole(const TypeDiff& diff) {
    TARN_ASSIGN_OR_RETURN(const TypeRef type, OnTarget(diff.type));
    const uint64_t rows = diff.rows.inserted_rows();
    if (rows == 0) return Status::Ok();
    counts_.push_back({.type = type, .inserted = rows});
    if (options_.dry_run) return Status::Ok();
    TARN_ASSIGN_OR_RETURN(auto stream, diff.rows.Inserted(request_));
    rows_.Append(type.kind, type.name, std::move(stream), rows);
    return Status::Ok();
  }

  Status Take(const TypeDiff& diff) {
    TARN_ASSIGN_OR_RETURN(const TypeRef type, OnTarget(diff.type));
    TypeMerge merge(request_, type, RowSchema(target_.schema(), type.kind, type.name));
    const auto add = [&](const ChangeBatch& batch) -> Result<bool> {
      TARN_RETURN_IF_ERROR(merge.Add(batch));
      return true;
    };
    TARN_RETURN_IF_ERROR(diff.rows.ForEach(request_, std::nullopt, add));
    const auto decide = [&](const ChangeBatch& batch, const Change& change,
                            const TypeMerge::Standing& standing) {
      return IsTakenOver(type, batch, change, standing);
    };
    TARN_ASSIGN_OR_RETURN(
        const Side side,
        SideOf(type, RowSchema(target_.schema(), type.kind, type.name)->field_names()));
    TARN_ASSIGN_OR_RETURN(const TypeCount count, merge.Run(rows_, side.rows(), decide));
    counts_.push_back(count);
    if (type.kind == TableKind::kNode && !merge.deleted().empty()) {
      deleted_by_node_[type.name] = merge.deleted();
    }
    return Status::Ok();
  }

  /// The target's table of a type, and what happened to it since the base.
  struct Side {
    std::shared_ptr<const lance::Table> table;
    std::optional<TableDiff> moved;

    TargetRows rows() const { return {.table = *table, .moved = moved ? &*moved : nullptr}; }
  };
  Result<Side> SideOf(const TypeRef& type, std::vector<std::string> columns) const {
    Side side;
    TARN_ASSIGN_OR_RETURN(side.table, target_.OpenTable(request_, type.kind, type.name));
    const TableEntry* const ours = FindById(target_, type.kind, type.id);
    const TableEntry* const was = FindById(*base_, type.kind, type.id);
    const bool is_unmoved = was != nullptr && SameVersion(*was, *ours);
    if (is_unmoved) return side;
    std::shared_ptr<const lance::Table> before;
    if (was != nullptr) {
      TARN_ASSIGN_OR_RETURN(before, base_->OpenTable(request_, type.kind, was->type_name));
    }
    TARN_ASSIGN_OR_RETURN(
        side.moved, TableDiff::Make(request_, std::move(before), side.table, std::move(columns)));
    return side;
  }

  /// The type as the target names it. Errors  kDiffRefused when its properties are others there.
  Result<TypeRef> OnTarget(const TypeRef& type) const {
    const TableEntry* const table = FindById(target_, type.kind, type.id);
    if (table == nullptr) return Boundary(type);
    const auto ours = RowSchema(target_.schema(), type.kind, table->type_name);
    const auto theirs = RowSchema(source_.schema(), type.kind, type.name);
    if (!ours->Equals(*theirs, /*check_metadata=*/false)) return Boundary(type);
    return TypeRef{.kind = type.kind, .id = type.id, .name = table->type_name};
  }

  /// What the options say about one row, if they name it.
  std::optional<Keep> SettledFor(const TypeRef& type, const std::string& id) const {
    if (options_.keep_of.empty()) return std::nullopt;
    const auto found = options_.keep_of.find(RowName(type, id));
    return found == options_.keep_of.end() ? std::nullopt : std::optional(found->second);
  }

  bool IsTakenOver(const TypeRef& type, const ChangeBatch& batch, const Change& change,
                   const TypeMerge::Standing& standing) {
    if (standing.is_source) return false;  // both sides made the same of it
    const bool taken = IsSettledForSource(type, change, standing);
    const bool is_kept = !taken && change.after < 0 && standing.exists;
    if (is_kept && type.kind == TableKind::kEdge) {
      kept_edges_[type.id].emplace(change.id, EndsOf(*batch.before, change.before));
    }
    return taken;
  }

  bool IsSettledForSource(const TypeRef& type, const Change& change,
                          const TypeMerge::Standing& standing) {
    if (const auto settled = SettledFor(type, change.id)) return *settled == Keep::kTheirs;
    if (standing.is_base) return true;
    if (options_.keep) return *options_.keep == Keep::kTheirs;
    conflicts_.Add(ConflictOf(type, change, standing));
    return false;
  }

  static Conflict ConflictOf(const TypeRef& type, const Change& change,
                             const TypeMerge::Standing& standing) {
    Conflict conflict{.type = type, .id = change.id};
    if (change.before < 0) {
      conflict.kind = ConflictKind::kDivergentInsert;
      conflict.message = "inserted on both sides with different values";
    } else if (!standing.exists || change.after < 0) {
      conflict.kind = ConflictKind::kDeleteVsUpdate;
      conflict.message = standing.exists ? "deleted on the source, changed on the target"
                                         : "deleted on the target, changed on the source";
    } else {
      conflict.kind = ConflictKind::kDivergentUpdate;
      conflict.message = "changed on both sides in different ways";
    }
    return conflict;
  }

  // ---- the merged image

  /// Where an edge starts and ends.
  struct Ends {
    std::string src, dst;
  };
  static Ends EndsOf(const arrow::RecordBatch& batch, int64_t row) {
    const auto text = [&](std::string_view column) {
      return std::string(
          static_cast<const arrow::StringArray&>(*batch.GetColumnByName(std::string(column)))
              .GetView(row));
    };
    return {.src = text(catalog::kSrcColumn), .dst = text(catalog::kDstColumn)};
  }

  /// Edges of the target that would end at a node the merge deletes. Of those that the base has the
  /// source deleted every one with its node, so what is left is what the target made or led
  /// elsewhere since, and what it keeps. Those that the merge writes are judged with everything
  /// else.
  Status FindOrphans() {
    for (const schema::EdgeType& edge : target_.schema().edges) {
      const bool is_touched =
          deleted_by_node_.contains(edge.from) || deleted_by_node_.contains(edge.to);
      if (!is_touched) continue;
      const TypeRef type{.kind = TableKind::kEdge, .id = edge.id, .name = edge.name};
      TARN_ASSIGN_OR_RETURN(const Side side, SideOf(type, {std::string(catalog::kIdColumn),
                                                           std::string(catalog::kSrcColumn),
                                                           std::string(catalog::kDstColumn)}));
      const auto look = [&](const ChangeBatch& batch) -> Result<bool> {
        TARN_RETURN_IF_ERROR(FindOrphansIn(type, *side.table, batch));
        return true;
      };
      if (side.moved) TARN_RETURN_IF_ERROR(side.moved->ForEach(request_, std::nullopt, look));
      for (const auto& [id, ends] : kept_edges_[type.id]) {
        if (const auto gone = GoneEnd(type, ends)) AddOrphan(type, id, *gone);
      }
    }
    return Status::Ok();
  }

  Status FindOrphansIn(const TypeRef& type, const lance::Table& table, const ChangeBatch& batch) {
    for (const Change& change : batch.changes) {
      kept_edges_[type.id].erase(change.id);  // it is where it is now
      if (change.after < 0 || rows_.Has(type.kind, type.name, change.id)) continue;
      const auto gone = GoneEnd(type, EndsOf(*batch.after, change.after));
      if (!gone) continue;
      if (SettledFor(type, change.id) != Keep::kTheirs) {
        AddOrphan(type, change.id, *gone);
        continue;
      }
      TARN_ASSIGN_OR_RETURN(const std::vector<write::RowPlace> places,
                            PlacesOf(request_, table, {change.after_row_id}, true));
      TARN_RETURN_IF_ERROR(rows_.Delete(type.kind, type.name, change.id, places[0]));
      ++CountOf(type).deleted;
    }
    return Status::Ok();
  }

  /// "dst 'SEGOT' of Port": the end of an edge that the merge deletes.
  std::optional<std::string> GoneEnd(const TypeRef& type, const Ends& ends) const {
    const schema::EdgeType& edge = *target_.schema().FindEdge(type.name);
    const auto is_gone = [this](const std::string& node, const std::string& id) {
      const auto found = deleted_by_node_.find(node);
      return found != deleted_by_node_.end() &&
             std::binary_search(found->second.begin(), found->second.end(), id);
    };
    if (is_gone(edge.from, ends.src)) return fmt::format("src '{}' of {}", ends.src, edge.from);
    if (is_gone(edge.to, ends.dst)) return fmt::format("dst '{}' of {}", ends.dst, edge.to);
    return std::nullopt;
  }

  void AddOrphan(const TypeRef& type, const std::string& id, const std::string& gone) {
    conflicts_.Add({.type = type,
                    .id = id,
                    .kind = ConflictKind::kOrphanEdge,
                    .message = gone + " is deleted by the merge"});
  }

  TypeCount& CountOf(const TypeRef& type) {
    for (TypeCount& count : counts_) {
      if (count.type.kind == type.kind && count.type.id == type.id) return count;
    }
    return counts_.emplace_back(TypeCount{.type = type});
  }

  Status Judge() {
    TARN_ASSIGN_OR_RETURN(const std::vector<write::BrokenRule> all, rows_.Judge());
    for (const write::BrokenRule& broken : all) {
      const TableEntry* const table = target_.manifest().FindTable(broken.kind, broken.type);
      Conflict conflict{.type = {.kind = broken.kind, .id = table->type_id, .name = broken.type},
                        .kind = KindOf(broken.rule),
                        .message = broken.reason};
      if (!broken.id.empty()) conflict.id = broken.id;
      conflicts_.Add(std::move(conflict));
    }
    return Status::Ok();
  }

  const Request& request_;
  catalog::Catalog& catalog_;
  const Snapshot source_;
  const Snapshot target_;
  const Snapshot* base_ = nullptr;  // while Run runs
  const MergeOptions& options_;
  write::RowCommit rows_;
  std::vector<TypeCount> counts_;
  std::map<std::string, std::vector<std::string>> deleted_by_node_;  // ids in order
  /// Edges that the source deleted and the target keeps, by type and id.
  std::map<uint64_t, std::map<std::string, Ends>> kept_edges_;
  ConflictList conflicts_;
};

}  // namespace

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAlreadyUpToDate: return "already_up_to_date";
    case Outcome::kFastForward: return "fast_forward";
    case Outcome::kMerged: return "merged";
  }
  TARN_UNREACHABLE("an Outcome outside its enum");
}

Result<MergeResult> Merge(const Request& request, catalog::Catalog& catalog, Clock& clock,
                          const std::string& source, const std::string& target,
                          const MergeOptions& options) {
  if (source == target) {
    return Error(ErrorId::kInvalidArgument, "branch '{}' cannot be merged into itself", source);
  }
  TARN_ASSIGN_OR_RETURN(const Snapshot from, catalog.Head(request, source));
  return catalog::WhileOthersWin(options.conflict_retries_max, [&]() -> Result<MergeResult> {
    TARN_ASSIGN_OR_RETURN(Snapshot to, catalog.Head(request, target));
    return Merger(request, catalog, clock, from, std::move(to), options).Run();
  });
}

}  // namespace tarn::changes
