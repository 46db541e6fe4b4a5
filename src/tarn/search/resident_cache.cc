#include "tarn/search/resident_cache.h"

#include <utility>

namespace tarn::search {

class ResidentCache::Landing {
 public:
  Landing(ResidentCache* cache, const std::string& key, std::shared_ptr<Flight> flight)
      : cache_(cache), key_(key), flight_(std::move(flight)) {}
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;
  ~Landing() { cache_->Land(key_, flight_, std::move(value)); }

  Value value;  ///< stays empty when the builder fails

 private:
  ResidentCache* const cache_;
  const std::string& key_;
  const std::shared_ptr<Flight> flight_;
};

ResidentStats ResidentCache::stats() const {
  std::lock_guard lock(mutex_);
  return stats_;
}

std::shared_ptr<const void> ResidentCache::FindValue(const std::string& key) {
  std::lock_guard lock(mutex_);
  const auto found = entry_by_key_.find(key);
  if (found == entry_by_key_.end()) return nullptr;
  ++stats_.hits;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->value.held;
}

Result<ResidentCache::Value> ResidentCache::GetValue(const Request& request, const std::string& key,
                                                     const std::function<Result<Value>()>& build) {
  while (true) {
    Turn turn = TakeTurn(key);
    if (turn.value.held != nullptr) return std::move(turn.value);
    if (turn.is_builder) {
      Landing landing(this, key, std::move(turn.flight));
      TARN_ASSIGN_OR_RETURN(Value built, build());
      TARN_ASSIGN_OR_RETURN(landing.value, Charged(std::move(built)));
      return landing.value;
    }
    TARN_ASSIGN_OR_RETURN(Value value, Wait(request, turn.flight));
    if (value.held != nullptr) return value;
  }
}

ResidentCache::Turn ResidentCache::TakeTurn(const std::string& key) {
  std::lock_guard lock(mutex_);
  if (const auto found = entry_by_key_.find(key); found != entry_by_key_.end()) {
    ++stats_.hits;
    entries_.splice(entries_.begin(), entries_, found->second);
    return {.value = found->second->value};
  }
  std::shared_ptr<Flight>& flight = flight_by_key_[key];
  const bool is_builder = flight == nullptr;
  if (is_builder) {
    flight = std::make_shared<Flight>();
    ++stats_.misses;
  } else {
    ++stats_.hits;
  }
  return {.flight = flight, .is_builder = is_builder};
}

void ResidentCache::Land(const std::string& key, const std::shared_ptr<Flight>& flight,
                         Value value) {
  Entries dropped;  // destroyed after the locks
  {
    std::lock_guard lock(mutex_);
    flight_by_key_.erase(key);
    if (value.held != nullptr) Keep(key, value, dropped);
  }
  std::lock_guard lock(flight->mutex);
  flight->done = true;
  flight->value = std::move(value);
  flight->changed.notify_all();
}

void ResidentCache::Keep(const std::string& key, const Value& value, Entries& dropped) {
  if (value.bytes > bytes_max_) return;
  entries_.push_front({key, value});
  entry_by_key_[key] = entries_.begin();
  stats_.bytes += value.bytes;
  while (stats_.bytes > bytes_max_) {
    stats_.bytes -= entries_.back().value.bytes;
    ++stats_.evictions;
    entry_by_key_.erase(entries_.back().key);
    dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
  }
}

Result<ResidentCache::Value> ResidentCache::Charged(Value value) {
  if (memory_ == nullptr) return value;
  struct Holding {
    std::shared_ptr<const void> held;
    BudgetHold hold;
  };
  auto holding =
      std::make_shared<Holding>(Holding{value.held, BudgetHold(memory_, "what queries read from")});
  Status charged = holding->hold.Resize(value.bytes);
  while (!charged.ok() && DropOldest()) charged = holding->hold.Resize(value.bytes);
  TARN_RETURN_IF_ERROR(charged);
  return Value{std::shared_ptr<const void>(holding, value.held.get()), value.bytes};
}

bool ResidentCache::DropOldest() {
  Entries dropped;  // destroyed after the lock
  std::lock_guard lock(mutex_);
  if (entries_.empty()) return false;
  stats_.bytes -= entries_.back().value.bytes;
  ++stats_.evictions;
  entry_by_key_.erase(entries_.back().key);
  dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
  return true;
}

Result<ResidentCache::Value> ResidentCache::Wait(const Request& request,
                                                 const std::shared_ptr<Flight>& flight) {
  // Declared before the lock: a firing token holds its own mutex while it runs the callback.
  CancelToken::Registration wake;
  if (request.cancel != nullptr) {
    wake = request.cancel->OnFire([flight] {
      std::lock_guard lock(flight->mutex);
      flight->changed.notify_all();
    });
  }
  std::unique_lock lock(flight->mutex);
  while (!flight->done) {
    TARN_RETURN_IF_ERROR(request.Check());
    if (request.deadline) {
      flight->changed.wait_until(lock, *request.deadline);
    } else {
      flight->changed.wait(lock);
    }
  }
  return flight->value;
}

}  // namespace tarn::search
