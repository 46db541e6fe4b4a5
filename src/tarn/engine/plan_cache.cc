#include "tarn/engine/plan_cache.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::engine {
namespace {

/// One text for all three; the lengths keep other ones from being spelt alike.
std::string TextOf(const PlanCache::Key& key) {
  return fmt::format("{}:{}:{}{}{}", key.schema_id.size(), key.name.size(), key.schema_id, key.name,
                     key.text);
}

}  // namespace

std::shared_ptr<const PreparedQuery> PlanCache::Find(const Key& key) {
  const std::string text = TextOf(key);
  std::lock_guard lock(mutex_);
  const auto found = entry_by_key_.find(text);
  if (found == entry_by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->prepared;
}

void PlanCache::Keep(const Key& key, std::shared_ptr<const PreparedQuery> prepared) {
  std::string text = TextOf(key);
  if (text.size() > kTextBytesMax) return;
  std::list<Entry> dropped;  // destroyed after the lock
  std::lock_guard lock(mutex_);
  if (const auto found = entry_by_key_.find(text); found != entry_by_key_.end()) {
    std::swap(found->second->prepared, prepared);
    return;
  }
  text_bytes_ += text.size();
  entries_.push_front({std::move(text), std::move(prepared)});
  entry_by_key_.emplace(entries_.front().key, entries_.begin());
  while (entries_.size() > kQueriesMax || text_bytes_ > kTextBytesMax) {
    text_bytes_ -= entries_.back().key.size();
    entry_by_key_.erase(entries_.back().key);
    dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
  }
}

}  // namespace tarn::engine
