#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this room, by name.

namespace tarn::catalog {

/// The newest format this program reads, and the one it writes. A new kind of row, file or member
/// raises it.
inline constexpr uint64_t kFormatVersion = 3;

/// Every so many versions of `__manifest` a publish repeats the whole state in a file of its own
/// and rewrites the small files before it as one, so that opening does not grow with history.
inline constexpr uint64_t kFoldEvery = 64;
inline constexpr uint64_t kFoldRowsMax = 1u << 17;  ///< rows that one publish rewrites

/// One encoded transaction. Above 20 MiB Lance keeps a transaction only in its own file, which a
/// late second attempt of the same transaction would delete; staying below makes landing twice
/// harmless.
inline constexpr uint64_t kTransactionBytesMax = 16u << 20;
inline constexpr uint64_t kIntentBytesMax = 64u << 20;    ///< one intent file
inline constexpr uint64_t kIdentityBytesMax = 64u << 10;  ///< warehouse.json
inline constexpr uint64_t kRowBodyBytesMax = 4u << 20;    ///< one row of __manifest
inline constexpr size_t kRequestIdBytesMax = 200;
inline constexpr size_t kNameBytesMax = 200;    ///< of a branch or a tag
inline constexpr size_t kBranchesMax = 10'000;  ///< at one time
inline constexpr size_t kTagsMax = 100'000;
inline constexpr uint32_t kNameRetriesMax =
    7;  ///< of a change of names that others were quicker than
inline constexpr size_t kCommitPrefixMin =
    8;  ///< characters of a commit id that may stand for all of it

inline constexpr int kLandAttemptsMax =
    3;  ///< of one transaction, with a look whether it landed in between
inline constexpr int kIntentPutAttemptsMax = 2;      ///< of one intent whose answer was lost
inline constexpr int kUndoAttemptsMax = 5;           ///< while somebody else writes to the tables
inline constexpr int kRecoveryWriteAttemptsMax = 3;  ///< to write down what was finished
inline constexpr size_t kTableThreadsMax = 8;  ///< tables of one commit that land side by side
inline constexpr uint32_t kSweepPageKeys = 1000;
inline constexpr int kJsonDepthMax = 16;

/// How long a look at the head counts as fresh. A writer or reader that paused longer than this
/// looks again by listing, because old versions may have been cleaned away under it, and a probe
/// for "the next version" then proves nothing.
inline constexpr int64_t kPauseMaxMicros = int64_t{10} * 60 * 1'000'000;
/// Cleanup touches nothing that was current within this time: readers and paused writers of other
/// processes leave no trace, only age protects them.
inline constexpr int64_t kRetentionMinMicros = 6 * kPauseMaxMicros;
inline constexpr size_t kStraysListedMax = 100;  ///< of a cleanup's report
inline constexpr uint64_t kKeepCommitsDefault = 10;
inline constexpr uint64_t kKeepCommitsMin = 3;  ///< what repair may need to go back to

}  // namespace tarn::catalog
