#pragma once

#include <utility>

#include "tarn/catalog/catalog.h"

namespace tarn::write {

/// A plan whose staged files are thrown away unless it was handed to Commit.
class PlanGuard {
 public:
  PlanGuard(const Request& request, catalog::Catalog& catalog, catalog::CommitPlan plan)
      : cleanup_{.actor = request.actor, .meter = request.meter, .phase = Phase::kCleanup},
        catalog_(catalog),
        plan_(std::move(plan)) {}
  ~PlanGuard() {
    // Not under the request's own deadline: that it ran out is one reason to be here.
    if (!taken_) catalog_.Abandon(cleanup_, std::move(plan_));
  }
  PlanGuard(const PlanGuard&) = delete;
  PlanGuard& operator=(const PlanGuard&) = delete;

  catalog::CommitPlan& plan() { return plan_; }
  catalog::CommitPlan Take() {
    taken_ = true;
    return std::move(plan_);
  }

 private:
  const Request cleanup_;
  catalog::Catalog& catalog_;
  catalog::CommitPlan plan_;
  bool taken_ = false;
};

}  // namespace tarn::write
