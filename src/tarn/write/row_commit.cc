#include "tarn/write/row_commit.h"

#include <utility>

#include <arrow/api.h>

#include "tarn/write/graph_image.h"
#include "tarn/write/judge_image.h"
#include "tarn/write/plan_guard.h"
#include "tarn/write/stage.h"
#include "tarn/write/stage_image.h"

namespace tarn::write {

using catalog::TableKind;

class RowCommit::State {
 public:
  State(const Request& of_request, catalog::Catalog& in_catalog, Clock& by_clock,
        catalog::Snapshot base)
      : request(of_request),
        catalog(in_catalog),
        clock(by_clock),
        image(of_request, std::move(base)) {}

  PendingTable& Of(TableKind kind, const std::string& type) {
    const schema::Schema& schema = image.schema();
    if (kind == TableKind::kNode) return image.Of(*schema.FindNode(type));
    return image.Of(*schema.FindEdge(type));
  }

  struct Appended {
    TableKind kind;
    std::string type;
    std::unique_ptr<lance::BatchStream> rows;
    uint64_t count;
  };

  /// `effect` goes into the plan whatever happens here.
  Status StageAppended(Appended& appended, const std::string& operation,
                       catalog::Effect& effect) const {
    const Request stage = request.In(Phase::kStage);
    TARN_ASSIGN_OR_RETURN(effect,
                          EffectOn(stage, catalog, image.base(), appended.kind, appended.type));
    effect.change.inserted = appended.count;
    effect.rows_after += appended.count;
    TARN_ASSIGN_OR_RETURN(effect.staged, image.base().tables().StageAppend(
                                             stage, *effect.base, std::move(appended.rows),
                                             StageOptionsFor(stage, operation)));
    TARN_ASSIGN_OR_RETURN(const uint64_t bytes, StagedBytes(*effect.staged));
    effect.bytes_after += bytes;
    return Status::Ok();
  }

  const Request& request;
  catalog::Catalog& catalog;
  Clock& clock;
  GraphImage image;
  std::vector<Appended> appended;
};

namespace {

std::string Label(TableKind kind, const std::string& type) {
  return fmt::format("{}:{}", catalog::TableKindName(kind), type);
}

}  // namespace

RowCommit::RowCommit(const Request& request, catalog::Catalog& catalog, Clock& clock,
                     catalog::Snapshot base)
    : state_(std::make_unique<State>(request, catalog, clock, std::move(base))) {}
RowCommit::~RowCommit() = default;

const catalog::Snapshot& RowCommit::base() const { return state_->image.base(); }

bool RowCommit::Has(TableKind kind, const std::string& type, std::string_view id) const {
  const PendingTable* const pending = state_->image.Find(Label(kind, type));
  return pending != nullptr && pending->Has(id);
}

Status RowCommit::Insert(TableKind kind, const std::string& type,
                         std::shared_ptr<arrow::RecordBatch> rows) {
  state_->Of(kind, type).Insert(std::move(rows), PendingTable::Origin::kNew);
  return state_->image.Charge();
}

void RowCommit::Append(TableKind kind, const std::string& type,
                       std::unique_ptr<lance::BatchStream> rows, uint64_t count) {
  state_->appended.push_back({.kind = kind, .type = type, .rows = std::move(rows), .count = count});
}

Status RowCommit::Update(TableKind kind, const std::string& type,
                         std::shared_ptr<arrow::RecordBatch> rows,
                         const std::vector<RowPlace>& places) {
  std::vector<uint64_t> row_ids, row_addrs;
  for (const RowPlace& place : places) {
    row_ids.push_back(place.row_id);
    row_addrs.push_back(place.row_addr);
  }
  const std::vector<std::string> columns = rows->schema()->field_names();
  PendingTable& pending = state_->Of(kind, type);
  for (const RowPlace& place : places) {
    if (kind == TableKind::kEdge) pending.TouchSource(place.source);
  }
  pending.Update(std::move(rows), row_ids.data(), row_addrs.data(), columns);
  return state_->image.Charge();
}

Status RowCommit::Delete(TableKind kind, const std::string& type, std::string_view id,
                         const RowPlace& place) {
  PendingTable& pending = state_->Of(kind, type);
  pending.RemoveStored(id, place.row_id, place.row_addr);
  if (kind == TableKind::kEdge) pending.TouchSource(place.source);
  return state_->image.Charge();
}

Result<std::vector<BrokenRule>> RowCommit::Judge() {
  return FindBrokenRules(state_->image, state_->clock.RandomBits());
}

Result<catalog::CommitRecord> RowCommit::Land(const std::string& operation,
                                              std::optional<std::string> merged_parent) {
  PlanGuard guard(state_->request, state_->catalog,
                  {.base = base(), .operation = operation, .merged_parent = merged_parent});
  TARN_RETURN_IF_ERROR(StageImage(state_->catalog, state_->image, guard.plan()));
  for (State::Appended& appended : state_->appended) {
    TARN_RETURN_IF_ERROR(
        state_->StageAppended(appended, operation, guard.plan().effects.emplace_back())
            .While(Label(appended.kind, appended.type)));
  }
  return state_->catalog.Commit(state_->request, guard.Take());
}

}  // namespace tarn::write
