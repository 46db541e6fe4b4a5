#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tarn/base/source.h"
#include "tarn/ir/query.h"
#include "tarn/plan/plan.h"

namespace tarn::engine {

/// A read as its text and a schema make it, and its plan on the commit that it was last planned on.
struct PreparedQuery {
  std::shared_ptr<const ir::Query> query;
  std::vector<Diagnostic> warnings;
  std::shared_ptr<const plan::Plan> plan;
  std::string commit_id;  ///< whose row counts and schema chose `plan`
};

/// Queries by text, name and schema, least recently used ones dropped. Thread safe.
///
///  1. A commit changes row counts, so a plan serves its own commit alone; what was compiled serves
///     every commit of that schema, and no other.
///  2. Queries and their texts are bounded.
class PlanCache {
 public:
  struct Key {
    std::string_view text;
    std::string_view name;
    std::string_view schema_id;
  };

  /// Null when it is not there.
  std::shared_ptr<const PreparedQuery> Find(const Key& key);
  void Keep(const Key& key, std::shared_ptr<const PreparedQuery> prepared);

  static constexpr size_t kQueriesMax = 1024;
  static constexpr size_t kTextBytesMax = size_t{16} << 20;

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const PreparedQuery> prepared;
  };

  std::mutex mutex_;
  // All below is guarded by mutex_.
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> entry_by_key_;  // of the entries
  size_t text_bytes_ = 0;
};

}  // namespace tarn::engine
