#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this room, by name.

namespace tarn::write {

inline constexpr size_t kLineBytesMax = size_t{32} << 20;  ///< one record, without its line end
inline constexpr size_t kLineSlotsMax =
    131072;                                ///< brackets, braces, colons and commas of one record
inline constexpr size_t kNestingMax = 64;  ///< levels of arrays and objects in one record
inline constexpr size_t kReadBlockBytes = size_t{1} << 20;
/// The parser needs about six bytes for each byte of the longest line; one that grew beyond this is
/// dropped again.
inline constexpr size_t kParserKeepBytes = size_t{4} << 20;

inline constexpr size_t kProblemsMax = 100;      ///< offenders that one error reports
inline constexpr size_t kShownValueBytes = 120;  ///< of a value inside a message
inline constexpr size_t kExternalUriBytesMax = 65536;

inline constexpr uint64_t kCheckEveryRecords = 4096;      ///< deadline and cancellation
inline constexpr uint64_t kProgressEveryRecords = 32768;  ///< some tenth of a second

inline constexpr int64_t kBatchRowsMax = 8192;
inline constexpr int64_t kBatchBytesMax = int64_t{4} << 20;

/// A file below half of this is small; optimize writes files of this size. Landing an update costs
/// processor time in the rows of the files it touches.
inline constexpr uint64_t kFileRowsTarget = 256u << 10;
/// Rows of one table that one optimize rewrites: it holds 16 bytes for each.
inline constexpr uint64_t kOptimizeRowsMax = 8u << 20;
inline constexpr uint64_t kGoneShareMax = 10;  ///< a file is rewritten when a tenth of it is gone
/// Keys that one filter lists; beyond it a whole column is read instead.
inline constexpr size_t kFilterKeysMax = size_t{1} << 15;
/// A key map of more rows is made when a table is asked for the second time.
inline constexpr uint64_t kKeyMapAtOnceRowsMax = uint64_t{1} << 20;
inline constexpr size_t kStageThreadsMax = 8;       ///< tables of one mutation staged side by side
inline constexpr size_t kGroupMembersMax = 64;      ///< mutations that land together
inline constexpr uint32_t kConflictRetriesMax = 5;  ///< of a write that plans anew

inline constexpr size_t kLedgerPartitions = 256;
inline constexpr size_t kMissingKeysMax =
    1'000'000;  ///< distinct endpoints that do not exist, kept to name the edges
inline constexpr size_t kKeyFilterBytesMax = size_t{8} << 20;
inline constexpr int64_t kLoadBytesMin = int64_t{64}
                                         << 10;  ///< a budget with less left cannot load at all

/// How LoadOptions::memory_bytes_max is divided: a half for what can be spilled, a quarter for the
/// table of one resolve step. The last quarter is for the parser and for batches under
/// construction.
inline constexpr int64_t kSpillableShare = 2;
inline constexpr int64_t kResolveShare = 4;
inline constexpr int64_t kUnfinishedShare = 8;  ///< rows not flushed yet, over all types

}  // namespace tarn::write
