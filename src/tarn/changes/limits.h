#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this room, by name.

namespace tarn::changes {

inline constexpr size_t kIdsAtOnceMax = 1 << 16;  ///< ids of one type that are compared in one pass
inline constexpr size_t kRowsAtOnceMax = 1024;    ///< rows that are fetched and held together
inline constexpr size_t kRowIdsAtOnceMax = 1 << 13;  ///< row ids that are looked up together

inline constexpr size_t kConflictsMax = 10'000;  ///< that one merge reports
inline constexpr size_t kConflictsShownMax = 3;  ///< of these in the message

inline constexpr size_t kPageChangesMax = 8192;  ///< changes that one page holds
inline constexpr size_t kPollCommitsMax = 512;   ///< commits that one poll reads

}  // namespace tarn::changes
