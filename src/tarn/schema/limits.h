#pragma once

#include <cstddef>

namespace tarn::schema {

/// Bounds of the schema language, beside kSourceBytesMax, kTokensMax and kLexErrorsMax of the
/// lexer.
inline constexpr size_t kDiagnosticsMax = 64;  ///< kept for one source text; checking stops there
inline constexpr size_t kLintFindingsMax = 1'000;  ///< of one source text
inline constexpr size_t kLintLookUpsMax = 65'536;  ///< annotations compared with the known ones
inline constexpr size_t kSuggestionCandidatesMax = 512;  ///< names compared with a misspelt one
inline constexpr size_t kTypesMax = 65'536;  ///< interfaces, node and edge types of one schema
inline constexpr size_t kPropertiesPerTypeMax = 4'096;  ///< injected ones included
inline constexpr size_t kPropertiesMax = 262'144;       ///< of one schema, injected ones included
inline constexpr size_t kInjectedBytesMax =
    16 << 20;  ///< of names, texts and enum values that interfaces inject
inline constexpr size_t kAnnotationKeywordsMax = 64;  ///< of one annotation
inline constexpr size_t kPatternBytesMax = 4'096;     ///< of one @check
inline constexpr size_t kPatternStepsMax =
    1 << 20;  ///< instructions of all compiled patterns of one schema

}  // namespace tarn::schema
