#pragma once

#include <memory>

#include "tarn/exec/operator.h"
#include "tarn/exec/pipeline.h"

namespace tarn::exec {

/// One factory per kind of plan node; each is defined in the file of its operator. Nothing is
/// loaded before the first batch arrives.
std::unique_ptr<Source> MakeSource(QueryState& state, const plan::Node& node,
                                   const plan::NodeScan& scan);
std::unique_ptr<Source> MakeSource(QueryState& state, const plan::Node& node,
                                   const plan::Seed& seed);

using OperatorPtr = std::unique_ptr<Operator>;
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Expand& expand,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Reach& reach,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::PathReach& path_reach, Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::CloseCycle& close,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::CrossProduct& cross,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Filter& filter,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::AntiJoin& anti_join,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::OptionalJoin& optional, Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::WeightLeaf& weight_leaf, Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Merge& merge,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Rank& rank,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node,
                         const plan::Aggregate& aggregate, Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Having& having,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Sort& sort,
                         Operator* next);
OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Limit& limit,
                         Operator* next);

}  // namespace tarn::exec
