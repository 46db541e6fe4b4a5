#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "tarn/base/request.h"
#include "tarn/search/resident.h"

namespace tarn::search {

/// Immutable values by key, least recently used ones dropped when their bytes pass a limit. Knows
/// nothing of tables.
///
///  1. A key is built by one thread at a time; who asks meanwhile waits and gets the same value.
///  2. Who waits obeys its own request. A builder's failure is its own: a waiter then builds for
///  itself.
///  3. No lock is held while a value is built, waited for or destroyed.
///  4. What was handed out stays alive, dropped or not. A value that is larger than the limit is
///  handed out, not kept.
///  5. With a budget, every value that is alive draws on it, kept or handed out. Others are dropped
///  to make room; kMemoryBudget when that is not enough.
class ResidentCache {
 public:
  /// `memory` may be null, and outlives the cache and what it hands out.
  explicit ResidentCache(int64_t bytes_max, MemoryBudget* memory = nullptr)
      : bytes_max_(bytes_max), memory_(memory) {}

  template <typename T>
  struct Built {
    std::shared_ptr<const T> value;
    int64_t bytes = 0;
  };

  /// The value of `key`, from the cache or from `build`, a callable that answers Result<Built<T>>.
  /// A key has one T.
  template <typename T, typename Build>
  Result<std::shared_ptr<const T>> Get(const Request& request, const std::string& key,
                                       Build build) {
    TARN_ASSIGN_OR_RETURN(Value value, GetValue(request, key, [&build]() -> Result<Value> {
                            TARN_ASSIGN_OR_RETURN(Built<T> built, build());
                            return Value{std::move(built.value), built.bytes + kEntryBytes};
                          }));
    return std::static_pointer_cast<const T>(std::move(value.held));
  }

  /// The value of `key` if it is cached now, else nullptr. Only a find counts, as a hit.
  template <typename T>
  std::shared_ptr<const T> Find(const std::string& key) {
    return std::static_pointer_cast<const T>(FindValue(key));
  }

  ResidentStats stats() const;

 private:
  struct Value {
    std::shared_ptr<const void> held;
    int64_t bytes = 0;
  };
  struct Entry {
    std::string key;
    Value value;
  };
  using Entries = std::list<Entry>;
  /// A value that a thread is building.
  struct Flight {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;  // guarded by mutex
    Value value;        // guarded by mutex; empty when the builder failed
  };
  class Landing;  // ends a flight however its builder leaves

  Result<Value> GetValue(const Request& request, const std::string& key,
                         const std::function<Result<Value>()>& build);
  std::shared_ptr<const void> FindValue(const std::string& key);
  /// One of: a value; a flight of somebody else to wait for; else a flight that is now the caller's
  /// to land.
  struct Turn {
    Value value;
    std::shared_ptr<Flight> flight;
    bool is_builder = false;
  };
  Turn TakeTurn(const std::string& key);
  void Land(const std::string& key, const std::shared_ptr<Flight>& flight, Value value);
  /// Puts an entry in front and cuts the tail off into `dropped`. Caller holds mutex_.
  void Keep(const std::string& key, const Value& value, Entries& dropped);
  /// The value, drawing on the budget until the last of its holders lets go.
  Result<Value> Charged(Value value);
  /// False when there is nothing to drop.
  bool DropOldest();
  static Result<Value> Wait(const Request& request, const std::shared_ptr<Flight>& flight);

  static constexpr int64_t kEntryBytes = 256;  ///< of the key and the book-keeping

  const int64_t bytes_max_;
  MemoryBudget* const memory_;
  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  Entries entries_;  // most recently used first
  std::unordered_map<std::string, Entries::iterator> entry_by_key_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flight_by_key_;
  ResidentStats stats_;
};

}  // namespace tarn::search
