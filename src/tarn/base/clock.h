#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>

namespace tarn {

/// Wall time and randomness behind an interface, so that a test can fix both.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since 1970-01-01 UTC.
  virtual int64_t NowMicros() = 0;
  /// Microseconds since some fixed moment. Never goes back, and counts the time a suspended machine
  /// slept: for how long ago something was seen, never for when.
  virtual int64_t UptimeMicros() { return NowMicros(); }
  virtual uint64_t RandomBits() = 0;
};

/// The machine's clock and random source. Thread safe.
Clock& SystemClock();

/// Starts at `micros` and moves by `step_micros` per reading; random bits come from `seed`. Thread
/// safe.
class FixedClock final : public Clock {
 public:
  FixedClock(int64_t micros, uint64_t seed, int64_t step_micros = 1)
      : micros_(micros), seed_(seed), step_(step_micros) {}
  int64_t NowMicros() override;
  uint64_t RandomBits() override;

 private:
  std::mutex mutex_;
  int64_t micros_;
  uint64_t seed_;
  int64_t step_;
};

/// 26 Crockford base-32 characters: 48 bits of milliseconds, 80 random bits. Ids made by one
/// factory sort in the order they were made, also within a millisecond. Thread safe. Source: the
/// ULID specification (canonical spec, monotonic section).
class UlidFactory {
 public:
  explicit UlidFactory(Clock& clock) : clock_(clock) {}
  std::string Next();

 private:
  Clock& clock_;  // outlives this
  std::mutex mutex_;
  uint64_t last_ms_ = 0;
  uint16_t random_high_ = 0;
  uint64_t random_low_ = 0;
};

/// Is `text` 26 characters of the ULID alphabet whose first is at most '7'?
bool IsUlid(const std::string& text);

/// "2026-01-09T08:30:00.000000Z".
std::string FormatMicros(int64_t micros);

}  // namespace tarn
