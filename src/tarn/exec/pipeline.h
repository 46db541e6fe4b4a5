#pragma once

#include <memory>
#include <vector>

#include "tarn/exec/operator.h"

namespace tarn::exec {

/// Where the batches of a pipeline come from.
class Source {
 public:
  virtual ~Source() = default;
  /// Pushes everything into the first operator, until it has enough. Does not finish it.
  virtual Status Run(Operator& first) = 0;
};

/// The operators of a plan subtree, from its source to a given sink.
class Pipeline {
 public:
  /// `sink` takes what `root` yields and outlives the pipeline.
  static Result<Pipeline> Make(QueryState& state, const plan::Node& root, Operator& sink);

  /// Runs the source and finishes the operators.
  Status Run();
  /// For a pipeline whose source is a Seed: the caller pushes tuples in the layout of that Seed.
  Operator& first() { return *first_; }
  const plan::Node& source_node() const { return *source_node_; }

 private:
  std::vector<std::unique_ptr<Operator>> operators_;  // the last one made is the first of the flow
  std::unique_ptr<Source> source_;
  Operator* first_ = nullptr;
  const plan::Node* source_node_ = nullptr;
};

}  // namespace tarn::exec
