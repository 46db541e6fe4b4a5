#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tarn/catalog/manifest.h"

namespace tarn::catalog {

/// One staged Lance transaction, as another process needs it to finish the commit.
struct IntentTransaction {
  std::string location;   ///< of the dataset, relative to the root
  uint64_t expected = 0;  ///< it lands at expected + 1; 0 = it creates the dataset
  std::string uuid;
  std::vector<std::pair<std::string, uint64_t>>
      files;            ///< staged files with their sizes, relative to the dataset
  std::string encoded;  ///< lance::Staged::Encode

  bool operator==(const IntentTransaction&) const = default;
};

/// What a commit is about to do, durable before its first effect: `__recovery/{line}/{slot}.json`.
///
/// The name is the version of the line's manifest that it wants, so a line has at most one
/// undecided intent, and whoever holds the slot decides what comes next. Everything in it is final:
/// nobody plans again when finishing it.
struct Intent {
  std::string line_id = "main";
  uint64_t slot = 0;
  CommitRecord commit;  ///< manifest_version is the slot
  struct TableEffect {
    std::string table_id;   ///< or the id of a branch, whose manifest it creates
    std::string table_key;  ///< "node:Person", for messages
    IntentTransaction transaction;

    bool operator==(const TableEffect&) const = default;
  };
  std::vector<TableEffect> effects;
  IntentTransaction publish;  ///< the rows appended to the manifest of the line

  std::string Key() const;  ///< its name
};

/// kCommitTooLarge when a transaction or the whole exceeds its limit.
Result<std::string> EncodeIntent(const Intent& intent);

/// Reads the intent found under `key`. kCorruptData naming it for anything that EncodeIntent does
/// not write: cut or altered bytes (a checksum covers them all), unknown members, a slot that is
/// not the key's.
Result<Intent> DecodeIntent(std::string_view key, std::string_view text);

}  // namespace tarn::catalog
