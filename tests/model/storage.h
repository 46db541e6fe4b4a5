#pragma once

#include <cstdint>

/// The storage that the modelled protocols work on, reduced to what they can tell apart: which
/// versions exist, who wrote them, and which commits' rows they hold. Bytes only.

namespace tarn::model {

inline constexpr int kTables = 2;
inline constexpr int kVersionsMax = 9;

/// Who wrote a version. A commit is a number below 8; the undo of commit i is kUndo | i.
inline constexpr uint8_t kNobody = 0xFF;  ///< no such version, or it was cleaned away
inline constexpr uint8_t kUndo = 0x10;
inline constexpr uint8_t kAbort = 0x20;
inline constexpr uint8_t kStranger = 0x40;  ///< a Lance client that does not know Tarn
inline constexpr uint8_t kInit = 0x50;
inline constexpr uint8_t kNames = 0x60;    ///< a change of names: no commit
inline constexpr uint8_t kBarrier = 0x70;  ///< published before files go that nothing names

/// Bits of a content: commit i wrote rows that are in it; the highest bit: rows of a stranger.
inline constexpr uint8_t Bit(uint8_t commit) { return static_cast<uint8_t>(1u << commit); }
inline constexpr uint8_t kStrangersRows = 0x80;

struct Version {
  uint8_t by = kNobody;
  uint8_t content = 0;
  bool exists() const { return by != kNobody; }
};

/// One Lance dataset. Versions are 1 to kVersionsMax; landing is put-if-absent of the version's
/// name.
struct Dataset {
  Version version[kVersionsMax + 1];

  uint8_t Head() const {
    uint8_t head = kVersionsMax;
    while (head > 0 && !version[head].exists()) --head;
    return head;
  }
  /// Cleanup: what is below `keep` goes, and its names are free again.
  void Prune(uint8_t keep) {
    for (uint8_t v = 1; v < keep; ++v) version[v] = Version{};
  }
};

/// One version of the manifest: the versions of the tables that it names, and its history.
struct Publish {
  uint8_t by = kNobody;
  uint8_t table[kTables] = {};
  uint8_t commits = 0;  ///< bit i: the history holds the row of commit i
  uint8_t aborts = 0;   ///< bit i: and the row that gives it up
  uint8_t barrier = 0;  ///< how many barriers there were
  bool exists() const { return by != kNobody; }
};

inline constexpr int kPublishesMax = 8;

struct Manifest {
  Publish publish[kPublishesMax + 1];

  uint8_t Head() const {
    uint8_t head = kPublishesMax;
    while (head > 0 && !publish[head].exists()) --head;
    return head;
  }
  void Prune(uint8_t keep) {
    for (uint8_t v = 1; v < keep; ++v) publish[v] = Publish{};
  }
};

}  // namespace tarn::model
