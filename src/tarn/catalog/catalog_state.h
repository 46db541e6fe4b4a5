#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/clock.h"
#include "tarn/catalog/catalog.h"
#include "tarn/catalog/manifest_reader.h"
#include "tarn/catalog/publish.h"

namespace tarn::catalog {

/// kBranchNotFound.
Status NoBranch(std::string_view name);

/// One line of a warehouse, open in this process.
struct OpenLine {
  explicit OpenLine(std::unique_ptr<ManifestReader> what) : reader(std::move(what)) {}
  const std::unique_ptr<ManifestReader> reader;
  /// One commit of this process at a time: the next one then sees the head that it lost to without
  /// asking anybody.
  std::mutex turn;
};

/// What a catalog holds: its lines, opened when they are first asked for.
class Catalog::State {
 public:
  State(const Location& at, Access how, std::string of_warehouse,
        std::unique_ptr<ManifestReader> main_reader)
      : location(at),
        access(how),
        warehouse_id(std::move(of_warehouse)),
        main(std::move(main_reader)),
        ids(*at.clock) {}

  Snapshot SnapshotOf(std::shared_ptr<const Manifest> manifest) const {
    const uint64_t floor = main.reader->known().manifest->FloorOf(manifest->line.id);
    return Snapshot(std::move(manifest), location.root, location.tables, floor);
  }

  /// Main's newest names: one probe.
  Result<std::shared_ptr<const Manifest>> LookAtMain(const Request& request);
  /// The line of this name. kBranchNotFound.
  Result<OpenLine*> FindLine(const Request& request, std::string_view name);
  /// The line of this id, which `main` names. kCorruptData when it does not.
  Result<OpenLine*> LineById(const Request& request, const Manifest& main_now, std::string_view id);
  /// A line that is known to be there.
  Result<OpenLine*> Open(const Request& request, const Line& line);
  /// The line that a snapshot of this catalog was taken of: open already.
  OpenLine& LineOf(const Snapshot& snapshot);

  /// Takes in what a commit of this process published. Its success does not hang on this: the next
  /// look reads it.
  void Advance(const Request& request, OpenLine& line, Published& published);

  const Location location;
  const Access access;
  const std::string warehouse_id;
  OpenLine main;
  UlidFactory ids;

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<OpenLine>, std::less<>> branch_by_id_;  // never shrinks
};

}  // namespace tarn::catalog
