#include "tarn/engine/warehouse_database.h"

#include <utility>

#include "tarn/gq/compile.h"
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

class WarehouseDatabase final : public Database {
 public:
  WarehouseDatabase(Stores stores, std::unique_ptr<catalog::Catalog> catalog,
                    const OpenOptions& options)
      : stores_(std::move(stores)),
        catalog_(std::move(catalog)),
        resident_(search::MakeResident(options.resident_bytes_max, stores_.analyser)),
        batch_rows_(options.batch_rows) {}

  Result<ReadAnswer> Query(const Request& request, const ReadRequest& read) override {
    TARN_ASSIGN_OR_RETURN(Prepared prepared, Prepare(request, read));
    TARN_ASSIGN_OR_RETURN(exec::ResultSet result, Execute(request, prepared));
    return ReadAnswer{.query_name = prepared.plan.query->name,
                      .commit_id = prepared.snapshot.commit().id,
                      .result = std::move(result),
                      .warnings = std::move(prepared.warnings)};
  }

  Result<std::string> Explain(const Request& request, const ReadRequest& read,
                              bool analyze) override {
    TARN_ASSIGN_OR_RETURN(const Prepared prepared, Prepare(request, read));
    if (!analyze) return plan::Explain(prepared.plan);
    TARN_ASSIGN_OR_RETURN(const exec::ResultSet result, Execute(request, prepared));
    return exec::ExplainAnalyze(prepared.plan, result.actuals);
  }

  Result<write::LoadResult> Load(const Request& request, const write::OpenInput& input,
                                 const write::LoadOptions& options) override {
    return write::Load(request, *catalog_, *stores_.clock, input, options);
  }

  Result<write::OptimizeResult> Optimize(const Request& request,
                                         const write::OptimizeOptions& options) override {
    return write::Optimize(request, *catalog_, options);
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

  Result<std::string> SchemaSource(const Request& request, const ReadTarget& target) override {
    TARN_ASSIGN_OR_RETURN(const catalog::Snapshot snapshot, Pin(request, target));
    return catalog_->SchemaSource(request.In(Phase::kRead), snapshot);
  }

  std::unique_ptr<Meter> MakeMeter() override { return stores_.make_meter(); }

 private:
  /// A read that is ready to run: one snapshot, one plan on it, one set of parameters.
  struct Prepared {
    catalog::Snapshot snapshot;
    plan::Plan plan;
    ir::ParameterValues parameters;
    std::vector<Diagnostic> warnings;
  };

  Result<Prepared> Prepare(const Request& request, const ReadRequest& read) {
    TARN_ASSIGN_OR_RETURN(catalog::Snapshot snapshot, Pin(request, read.target));
    gq::Compiled compiled = gq::CompileQuery(*read.source, read.query_name, snapshot.schema());
    if (!compiled.query) return gq::CompileError(*read.source, compiled.diagnostics);
    auto* query = std::get_if<ir::Query>(&*compiled.query);
    if (query == nullptr) {
      return Error(ErrorId::kNotARead, "'{}' is a mutation",
                   std::get<ir::Mutation>(*compiled.query).name)
          .WithHint("`query` and `explain` take reads");
    }
    auto shared = std::make_shared<const ir::Query>(std::move(*query));
    TARN_ASSIGN_OR_RETURN(ir::ParameterValues parameters,
                          gq::BindParameters(shared->parameters, read.params_json));
    TARN_ASSIGN_OR_RETURN(plan::Plan plan, plan::Choose(std::move(shared), snapshot));
    return Prepared{std::move(snapshot), std::move(plan), std::move(parameters),
                    std::move(compiled.diagnostics)};
  }

  Result<exec::ResultSet> Execute(const Request& request, const Prepared& prepared) {
    const exec::ExecuteOptions options{.now_ms = stores_.clock->NowMicros() / 1000,
                                       .batch_rows = batch_rows_};
    return exec::Execute(request.In(Phase::kRead), prepared.snapshot, *resident_, prepared.plan,
                         prepared.parameters, options);
  }

  Stores stores_;  // outlives what is made of it: declared first
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<search::Resident> resident_;
  const uint32_t batch_rows_;
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
  TARN_ASSIGN_OR_RETURN(
      std::unique_ptr<catalog::Catalog> catalog,
      catalog::Catalog::Open(request.In(Phase::kPlan), LocationOf(stores, options.durability),
                             options.access));
  return std::make_unique<WarehouseDatabase>(std::move(stores), std::move(catalog), options);
}

}  // namespace tarn::engine
