#include "tarn/exec/pipeline.h"

#include "tarn/exec/make_operator.h"

namespace tarn::exec {
namespace {

/// Makes the source or the operator of a plan node, whichever it is.
struct NodeMaker {
  QueryState& state;
  const plan::Node& node;
  Operator* next;
  std::unique_ptr<Source>& source;
  std::unique_ptr<Operator>& made;

  void operator()(const plan::NodeScan& scan) const { source = MakeSource(state, node, scan); }
  void operator()(const plan::Seed& seed) const { source = MakeSource(state, node, seed); }
  void operator()(const plan::Project&) const {
    TARN_UNREACHABLE("a Project below another operator");
  }
  template <typename Op>
  void operator()(const Op& op) const {
    made = MakeOperator(state, node, op, next);
  }
};

}  // namespace

Result<Pipeline> Pipeline::Make(QueryState& state, const plan::Node& root, Operator& sink) {
  Pipeline pipeline;
  pipeline.first_ = &sink;
  const plan::Node* node = &root;
  while (true) {
    std::unique_ptr<Operator> made;
    std::visit(NodeMaker{state, *node, pipeline.first_, pipeline.source_, made}, node->op);
    if (pipeline.source_ != nullptr) break;
    pipeline.first_ = made.get();
    pipeline.operators_.push_back(std::move(made));
    node = node->inputs.front().get();
  }
  pipeline.source_node_ = node;
  return pipeline;
}

Status Pipeline::Run() {
  TARN_RETURN_IF_ERROR(source_->Run(*first_));
  return first_->Finish();
}

}  // namespace tarn::exec
