#include "tarn/engine/warehouse_database.h"

#include <utility>

#include "tarn/engine/plan_cache.h"
#include "tarn/gq/compile.h"
#include "tarn/lance/kept_tables.h"
#include "tarn/plan/plan.h"
#include "tarn/schema/compile.h"
#include "tarn/write/export.h"

namespace tarn::engine {
namespace {

catalog::Location LocationOf(const Stores& stores, catalog::Durability durability) {
  return {.root = stores.root,
          .objects = stores.objects.get(),
          .tables = stores.tables.get(),
          .clock = stores.clock,
          .durability = durability};
}

/// With nothing kept in memory nothing is kept in storage either.
search::TopologyStore TopologyStoreOf(const Stores& stores, const OpenOptions& options) {
  if (options.resident_bytes_max == 0) return {};
  return {.objects = stores.objects.get(),
          .may_write = options.access == catalog::Access::kReadWrite,
          .edges_min = options.stored_topology_edges_min};
}

/// Of what may stay in memory, the part that key maps of the write path may take beside it.
constexpr int64_t kKeyMapShare = 4;
constexpr size_t kOpenTablesMax = 256;  // handles of table versions

class WarehouseDatabase final : public Database {
 public:
  WarehouseDatabase(Stores stores, std::unique_ptr<catalog::Catalog> catalog,
                    const OpenOptions& options)
      : stores_(std::move(stores)),
        catalog_(std::move(catalog)),
        mutations_(*catalog_, *stores_.clock, options.resident_bytes_max / kKeyMapShare),
        resident_(search::MakeResident(options.resident_bytes_max, stores_.analyser,
                                       TopologyStoreOf(stores_, options), options.memory)),
        batch_rows_(options.batch_rows),
        stored_topology_edges_min_(options.stored_topology_edges_min) {}

  Result<ReadAnswer> Query(const Request& request, const ReadRequest& read) override {
    TARN_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request, read));
    TARN_ASSIGN_OR_RETURN(exec::ResultSet result, Execute(request, prepared));
    return ReadAnswer{.query_name = prepared.query->query->name,
                      .commit_id = prepared.snapshot.commit().id,
                      .result = std::move(result),
                      .warnings = prepared.query->warnings,
                      .undeclared = std::move(prepared.undeclared)};
  }

  Result<std::string> Explain(const Request& request, const ReadRequest& read,
                              bool analyze) override {
    TARN_ASSIGN_OR_RETURN(const Prepared prepared, Prepare(request, read));
    if (!analyze) return plan::Explain(prepared.plan());
    TARN_ASSIGN_OR_RETURN(const exec::ResultSet result, Execute(request, prepared));
    return exec::ExplainAnalyze(prepared.plan(), result);
  }

  Result<write::LoadResult> Load(const Request& request, const write::OpenInput& input,
                                 const write::LoadOptions& options) override {
    return write::Load(request, *catalog_, *stores_.clock, input, options);
  }

  Result<MutateAnswer> Mutate(const Request& request, const MutateRequest& mutation) override {
    MutateAnswer answer{.actor = request.actor};
    const write::BindMutation bind =
        [&](const schema::Schema& schema) -> Result<write::BoundMutation> {
      gq::Compiled compiled = gq::CompileQuery(*mutation.source, mutation.query_name, schema);
      if (!compiled.query) return gq::CompileError(*mutation.source, compiled.diagnostics);
      answer.warnings = std::move(compiled.diagnostics);
      auto* found = std::get_if<ir::Mutation>(&*compiled.query);
      if (found == nullptr) {
        return Error(ErrorId::kQueryType, "'{}' is a read: run it with query",
                     std::get<ir::Query>(*compiled.query).name)
            .WithHint("`mutate` runs mutations, `query` runs reads");
      }
      TARN_ASSIGN_OR_RETURN(ir::ParameterValues parameters,
                            gq::BindParameters(found->parameters, mutation.params_json));
      return write::BoundMutation{std::move(*found), std::move(parameters)};
    };
    TARN_ASSIGN_OR_RETURN(answer.result, mutations_.Run(request, bind, mutation.options));
    answer.query_name = answer.result.query_name;
    return answer;
  }

  Result<write::OptimizeResult> Optimize(const Request& request,
                                         const write::OptimizeOptions& options) override {
    TARN_ASSIGN_OR_RETURN(write::OptimizeResult result,
                          write::Optimize(request, *catalog_, options));
    StoreAdjacency(request);
    return result;
  }

  Result<catalog::CleanupReport> Cleanup(const Request& request,
                                         const catalog::CleanupOptions& options) override {
    return catalog_->Cleanup(request, options);
  }

  Status Export(const Request& request, const ReadTarget& target,
                const std::vector<std::string>& types,
                const std::function<Status(std::string_view)>& sink) override {
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, Pin(request, target));
    return write::Export(request.In(Phase::kRead), snapshot, types, sink);
  }

  Result<catalog::Snapshot> Pin(const Request& request, const ReadTarget& target) override {
    const Request plan = request.In(Phase::kPlan);
    return target.as_of ? catalog_->AsOf(plan, target.branch, *target.as_of)
                        : catalog_->Head(plan, target.branch);
  }

  Result<std::vector<catalog::CommitRecord>> Commits(const Request& request,
                                                     const std::string& branch) override {
    return catalog_->Commits(request, branch);
  }

  Result<std::vector<catalog::RecoveryRecord>> Recoveries(const Request& request,
                                                          const std::string& branch) override {
    return catalog_->Recoveries(request, branch);
  }
  Result<std::vector<catalog::PendingCommit>> Pending(const Request& request) override {
    return catalog_->Pending(request);
  }
  Status Recover(const Request& request) override { return catalog_->Recover(request); }
  Result<std::vector<catalog::TableDrift>> Drift(const Request& request,
                                                 const std::string& branch) override {
    return catalog_->Drift(request, branch);
  }
  Result<std::optional<catalog::RecoveryRecord>> Repair(const Request& request,
                                                        const std::string& branch) override {
    return catalog_->Repair(request, branch);
  }

  Result<changes::Compared> Diff(const Request& request, const ReadTarget& from,
                                 const ReadTarget& to, const changes::Filter& filter,
                                 const std::string& page_token, size_t changes_max) override {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot before, Pin(request, from));
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot after, Pin(request, to));
    return changes::Compare(request, std::move(before), std::move(after), filter, page_token,
                            changes_max);
  }
  Result<std::vector<changes::TypeCount>> CountChanges(const Request& request,
                                                       const ReadTarget& from, const ReadTarget& to,
                                                       const changes::Filter& filter) override {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot before, Pin(request, from));
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot after, Pin(request, to));
    return changes::CountChanges(request.In(Phase::kRead), std::move(before), after, filter);
  }
  Result<changes::Compared> ChangesOf(const Request& request, const std::string& commit,
                                      const changes::Filter& filter, const std::string& page_token,
                                      size_t changes_max) override {
    return changes::ChangesOf(request, *catalog_, commit, filter, page_token, changes_max);
  }
  Result<changes::FeedPage> Poll(const Request& request,
                                 const changes::FeedRequest& feed) override {
    return changes::Poll(request, *catalog_, feed);
  }
  Result<changes::Baseline> TakeBaseline(
      const Request& request, const std::string& branch, const changes::Filter& filter,
      const std::function<Status(std::string_view)>& sink) override {
    return changes::TakeBaseline(request, *catalog_, branch, filter, sink);
  }

  Result<std::vector<catalog::BranchEntry>> Branches(const Request& request) override {
    return catalog_->Branches(request);
  }
  Result<catalog::BranchEntry> CreateBranch(const Request& request, const std::string& name,
                                            const std::string& from) override {
    return catalog_->CreateBranch(request, name, from);
  }
  Result<catalog::BranchEntry> DeleteBranch(const Request& request,
                                            const std::string& name) override {
    return catalog_->DeleteBranch(request, name);
  }
  Result<changes::MergeResult> MergeBranch(const Request& request, const std::string& source,
                                           const std::string& target,
                                           const changes::MergeOptions& options) override {
    return changes::Merge(request, *catalog_, *stores_.clock, source, target, options);
  }
  Result<std::vector<catalog::TagEntry>> Tags(const Request& request) override {
    return catalog_->Tags(request);
  }
  Result<catalog::TagEntry> CreateTag(const Request& request, const std::string& name,
                                      const std::string& from) override {
    return catalog_->CreateTag(request, name, from);
  }
  Result<catalog::TagEntry> DeleteTag(const Request& request, const std::string& name) override {
    return catalog_->DeleteTag(request, name);
  }

  Result<schema::Migration> PlanSchema(const Request& request, const ReadTarget& target,
                                       const SourceText& wanted) override {
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, Pin(request, target));
    return write::PlanSchema(snapshot, wanted);
  }

  Result<write::ApplyResult> ApplySchema(const Request& request, const SourceText& wanted,
                                         const write::ApplyOptions& options) override {
    return write::ApplySchema(request, *catalog_, *stores_.clock, wanted, options);
  }

  Result<std::string> SchemaSource(const Request& request, const ReadTarget& target) override {
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, Pin(request, target));
    return catalog_->SchemaSource(request.In(Phase::kRead), snapshot);
  }

  std::unique_ptr<Meter> MakeMeter() override { return stores_.make_meter(); }

 private:
  /// Leaves adjacency for processes to come, which may all be read-only. It is derived: what fails
  /// here is made when it is asked for.
  void StoreAdjacency(const Request& request) {
    const Result<catalog::Snapshot> head = Pin(request, {});
    if (!head.ok()) return;
    for (const schema::EdgeType& type : head->schema().edges) {
      const auto* table = head->manifest().FindTable(catalog::TableKind::kEdge, type.name);
      if (table == nullptr || table->rows < stored_topology_edges_min_) continue;
      for (const auto side : {search::Resident::Side::kOut, search::Resident::Side::kIn}) {
        if (!resident_->AdjacencyOf(request, *head, type.name, side).ok()) return;
      }
    }
  }

  /// A read that is ready to run: one snapshot, one plan on it, one set of parameters.
  struct Prepared {
    catalog::Snapshot snapshot;
    std::shared_ptr<const PreparedQuery> query;
    ir::ParameterValues parameters;
    std::vector<std::string> undeclared;

    const plan::Plan& plan() const { return *query->plan; }
  };

  Result<Prepared> Prepare(const Request& request, const ReadRequest& read) {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot snapshot, Pin(request, read.target));
    TARN_ASSIGN_OR_RETURN(std::shared_ptr<const PreparedQuery> query, PlanOf(read, snapshot));
    TARN_ASSIGN_OR_RETURN(gq::BoundParameters bound,
                          gq::BindParametersReporting(query->query->parameters, read.params_json));
    return Prepared{std::move(snapshot), std::move(query), std::move(bound.values),
                    std::move(bound.undeclared)};
  }

  /// The query compiled and planned, or as an earlier call left it.
  Result<std::shared_ptr<const PreparedQuery>> PlanOf(const ReadRequest& read,
                                                      const catalog::Snapshot& snapshot) {
    const PlanCache::Key key{.text = read.source->text(),
                             .name = read.query_name,
                             .schema_id = snapshot.manifest().schema_entry.id};
    std::shared_ptr<const PreparedQuery> known = plans_.Find(key);
    if (known != nullptr && known->commit_id == snapshot.commit().id) return known;
    PreparedQuery prepared;
    if (known != nullptr) {
      prepared = *known;
    } else {
      TARN_ASSIGN_OR_RETURN(prepared, Compile(read, snapshot.schema()));
    }
    TARN_ASSIGN_OR_RETURN(plan::Plan plan, plan::Choose(prepared.query, snapshot));
    prepared.plan = std::make_shared<const plan::Plan>(std::move(plan));
    prepared.commit_id = snapshot.commit().id;
    auto made = std::make_shared<const PreparedQuery>(std::move(prepared));
    plans_.Keep(key, made);
    return made;
  }

  static Result<PreparedQuery> Compile(const ReadRequest& read, const schema::Schema& schema) {
    gq::Compiled compiled = gq::CompileQuery(*read.source, read.query_name, schema);
    if (!compiled.query) return gq::CompileError(*read.source, compiled.diagnostics);
    auto* query = std::get_if<ir::Query>(&*compiled.query);
    if (query == nullptr) {
      return Error(ErrorId::kNotARead, "'{}' is a mutation: run it with mutate",
                   std::get<ir::Mutation>(*compiled.query).name)
          .WithHint("`query` and `explain` take reads");
    }
    return PreparedQuery{.query = std::make_shared<const ir::Query>(std::move(*query)),
                         .warnings = std::move(compiled.diagnostics)};
  }

  Result<exec::ResultSet> Execute(const Request& request, const Prepared& prepared) {
    const exec::ExecuteOptions options{.now_ms = stores_.clock->NowMicros() / 1000,
                                       .batch_rows = batch_rows_};
    return exec::Execute(request.In(Phase::kRead), prepared.snapshot, *resident_, prepared.plan(),
                         prepared.parameters, options);
  }

  Stores stores_;  // outlives what is made of it: declared first
  std::unique_ptr<catalog::Catalog> catalog_;
  write::MutationQueue mutations_;
  std::unique_ptr<search::Resident> resident_;
  PlanCache plans_;
  const uint32_t batch_rows_;
  const uint64_t stored_topology_edges_min_;
};

}  // namespace

Status InitWarehouse(const Request& request, const Stores& stores, const SourceText& schema,
                     bool force, catalog::Durability durability) {
  const schema::Compiled compiled = schema::CompileSchema(schema);
  if (!compiled.schema) return schema::FirstError(schema, compiled.diagnostics);
  return catalog::Catalog::Init(request, LocationOf(stores, durability), std::string(schema.text()),
                                force);
}

Result<std::unique_ptr<Database>> OpenWarehouse(const Request& request, Stores stores,
                                                const OpenOptions& options) {
  const size_t tables_max = options.resident_bytes_max > 0 ? kOpenTablesMax : 0;
  stores.tables = lance::KeepTables(std::move(stores.tables), tables_max);
  TARN_ASSIGN_OR_RETURN(
      std::unique_ptr<catalog::Catalog> catalog,
      catalog::Catalog::Open(request.In(Phase::kPlan), LocationOf(stores, options.durability),
                             options.access));
  return std::make_unique<WarehouseDatabase>(std::move(stores), std::move(catalog), options);
}

}  // namespace tarn::engine
