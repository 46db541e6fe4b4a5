#pragma once

#include <cstddef>
#include <cstdint>

/// What resident state and its kernels are bounded by.

namespace tarn::search {

/// Rows of one table that dense numbers can name: the last 32-bit number means "no row".
inline constexpr uint64_t kRowsMax = UINT32_MAX;
/// Rows per batch of a scan that builds resident state.
inline constexpr uint32_t kBuildBatchRows = 16384;
/// Rows per call when a few rows are fetched by row id.
inline constexpr size_t kTakeRowsMax = 65536;
/// Rows are fetched one by one as long as they are fewer than this part of their table; else the
/// column is scanned.
inline constexpr uint64_t kTakePartOfTable = 8;
/// Below this many rows they are fetched one by one whatever the table's size.
inline constexpr size_t kTakeRowsAlways = 1024;
/// Texts and bytes that go to the analyser in one call.
inline constexpr size_t kAnalyserTextsMax = 1024;
inline constexpr size_t kAnalyserBytesMax = 256 * 1024;
/// Largest edit distance that fuzzy matching accepts.
inline constexpr uint32_t kEditsMax = 16;
/// Inner loops look at the request's deadline and cancel token once per so many steps.
inline constexpr uint64_t kCheckEvery = 1 << 16;
/// What an open table is charged with in the cache: its manifest is shared with the session.
inline constexpr int64_t kOpenTableBytes = 16 * 1024;

}  // namespace tarn::search
