#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tarn/plan/block.h"

namespace tarn::plan {

/// A negation of a block, planned once whatever the order of the joins around it.
struct PlannedNegation {
  std::set<VarId> outer;
  std::shared_ptr<Node> root;
};

/// An optional block, planned once; `bound` are the variables that somebody outside it reads.
struct PlannedOptional {
  std::set<VarId> outer;
  std::set<VarId> bound;
  std::shared_ptr<Node> root;
};

/// What is the same for all drafts of one block.
struct BlockFacts {
  MatchGraph graph;
  BlockWish wish;
  std::vector<std::set<VarId>> joint_variables;  ///< of graph.joint
  std::set<VarId> last_variables;                ///< of graph.last
  std::vector<PlannedNegation> negations;
  std::vector<PlannedOptional> optionals;
  std::set<VarId> required;  ///< variables that cannot be folded into a weight
};

/// A plan of a part of a block under construction: what is bound, and what is still to be done.
class Draft {
 public:
  Draft(PlannerContext& context, const BlockFacts& facts);

  /// Sources. What a Seed carries is settled by Run.
  void StartFromSeed();
  void StartFromScan(VarId variable);

  /// Adds the links and leaves of a component; its variables are bound by Run.
  void Take(const std::vector<VarId>& component, const std::set<VarId>& keep);
  /// Binds every core variable, applying conditions as soon as they can be.
  void Run();
  /// Pairs this draft with another one.
  void Cross(const Draft& other);
  /// Pairs rows with the matches of optional blocks. Everything else is bound by then.
  void ApplyOptionals();
  /// Asks the conditions that must be asked last. The block is complete then.
  void ApplyLast();

  const std::shared_ptr<Node>& node() const { return node_; }
  double cost() const { return node_->cost; }
  double rows() const { return node_->rows; }
  const std::set<uint32_t>& lanes() const { return lanes_; }

 private:
  /// A way to bind one more variable.
  struct Extension {
    VarId variable = 0;
    std::vector<size_t> links;  // the first is walked, the others restrict it
    double fanout = 0;
  };

  void ApplyReady();
  void ApplyConstants();
  void CloseLinks();
  void ApplyFilters();
  void ApplyLeaves();
  void ApplyNegations();
  bool Extend();
  Extension ExtensionTo(VarId variable) const;
  void AddExpand(const Extension& extension);
  void AddReach(const Extension& extension);
  void AddPath(const Link& link);
  void CrossWithScan();

  bool IsBound(const std::set<VarId>& variables) const;
  std::vector<VarId> Live() const;
  bool IsLive(VarId variable) const;
  std::vector<ir::ExprPtr> ConditionsOf(VarId variable) const;
  VarId BoundEnd(const Link& link) const {
    return bound_.contains(link.left) ? link.left : link.right;
  }
  /// Puts an operator on top; `rows` and `work` are of this step alone.
  void Add(Operator op, double rows, double work,
           std::vector<std::shared_ptr<Node>> more_inputs = {});
  void MergeIfShrunk(const std::vector<VarId>& before);

  PlannerContext* context_;  // outlives this
  const BlockFacts* facts_;  // outlives this
  std::shared_ptr<Node> node_;
  bool seeded_ = false;
  std::set<VarId> bound_;
  std::set<VarId> pending_;  // core variables that are not bound yet
  std::set<VarId> wanted_;
  std::vector<size_t> links_left_;
  std::set<size_t> filters_left_;
  std::set<size_t> negations_left_;
  std::map<VarId, std::vector<Leaf>> leaves_left_;
  std::set<uint32_t> lanes_;
  bool constants_done_ = false;
  size_t optionals_done_ = 0;
  bool last_done_ = false;
};

}  // namespace tarn::plan
