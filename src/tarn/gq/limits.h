#pragma once

#include <cstddef>
#include <cstdint>

namespace tarn::gq {

/// Bounds of the query language front end. The source text itself is bounded by
/// schema::kSourceBytesMax.
inline constexpr size_t kParametersMax = 16'384;  ///< declared by one query
inline constexpr size_t kClausesMax =
    16'384;  ///< of one query: blocks, property patterns and operands of `and` and `or` included
inline constexpr size_t kProjectionsMax = 16'384;      ///< of one query
inline constexpr size_t kHiddenColumnsMax = 1'024;     ///< aggregates inside expressions
inline constexpr size_t kOrderKeysMax = 256;           ///< of one query
inline constexpr size_t kStatementsMax = 16'384;       ///< of one mutation
inline constexpr size_t kNegationDepthMax = 64;        ///< blocks inside blocks
inline constexpr size_t kExpressionDepthMax = 32;      ///< calls, lists, parentheses in one another
inline constexpr size_t kOperatorsMax = 64;            ///< of one precedence in a row
inline constexpr size_t kExpressionNodesMax = 65'536;  ///< of one column, aliases in it spelled out
inline constexpr size_t kDiagnosticsMax = 64;  ///< kept for one source text; checking stops there
inline constexpr size_t kSuggestionCandidatesMax = 512;  ///< names compared with a misspelt one
inline constexpr size_t kParameterJsonBytesMax = 32 << 20;
inline constexpr size_t kParameterJsonDepthMax =
    32;  ///< arrays inside arrays, undeclared keys included

}  // namespace tarn::gq
