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
/// What a fetch of single rows costs, as bytes that a scan reads in the same time: the call, and
/// the page of each row.
inline constexpr uint64_t kFetchCallBytes = 512 * 1024;
inline constexpr uint64_t kFetchRowBytes = 4096;
/// The largest column that fetches bring into memory, as a part of the cache.
inline constexpr int64_t kHotColumnPart = 8;
/// Columns whose fetches are counted at once.
inline constexpr size_t kHotColumnsMax = 4096;
/// Texts and bytes that go to the analyser in one call.
inline constexpr size_t kAnalyserTextsMax = 1024;
inline constexpr size_t kAnalyserBytesMax = 256 * 1024;
/// Adjacency of fewer edges is not stored: reading the edges takes no longer.
inline constexpr uint64_t kStoredTopologyEdgesMin = 16 * 1024;
/// A larger one is not stored either.
inline constexpr int64_t kStoredTopologyBytesMax = int64_t{2} << 30;
/// Stored topologies of one edge table, direction and set of forks: a reader of the last one may be
/// under way while the next one comes.
inline constexpr size_t kStoredTopologiesKept = 2;
/// Files of one edge table that are looked through.
inline constexpr uint32_t kStoredTopologiesListed = 1024;
/// An adjacency is made of the one before while at most this part of its edges, or of the rows of
/// its node tables, is new; and stored anew when that part has changed since it was stored.
inline constexpr uint64_t kTopologyChangePart = 4;
inline constexpr uint64_t kTopologyUnsavedPart = 10;
/// Lines of adjacency whose newest in memory is known.
inline constexpr size_t kTopologyLinesMax = 4096;
/// Largest edit distance that fuzzy matching accepts.
inline constexpr uint32_t kEditsMax = 16;
/// Inner loops look at the request's deadline and cancel token once per so many steps.
inline constexpr uint64_t kCheckEvery = 1 << 16;
/// What an open table is charged with in the cache: its manifest is shared with the session.
inline constexpr int64_t kOpenTableBytes = 16 * 1024;

}  // namespace tarn::search
