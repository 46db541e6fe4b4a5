#include "tarn/base/clock.h"

#include <chrono>
#include <ctime>
#include <random>
#include <string_view>

#include <fmt/format.h>

namespace tarn {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

class MachineClock final : public Clock {
 public:
  int64_t NowMicros() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t UptimeMicros() override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
  }
  uint64_t RandomBits() override {
    thread_local std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }
};

uint64_t SplitMix(uint64_t& state) {
  uint64_t z = (state += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

}  // namespace

Clock& SystemClock() {
  static MachineClock clock;
  return clock;
}

int64_t FixedClock::NowMicros() {
  std::lock_guard lock(mutex_);
  const int64_t now = micros_;
  micros_ += step_;
  return now;
}

uint64_t FixedClock::RandomBits() {
  std::lock_guard lock(mutex_);
  return SplitMix(seed_);
}

std::string UlidFactory::Next() {
  std::lock_guard lock(mutex_);
  const uint64_t ms = static_cast<uint64_t>(clock_.NowMicros() / 1000);
  if (ms > last_ms_) {
    last_ms_ = ms;
    random_high_ = static_cast<uint16_t>(clock_.RandomBits());
    random_low_ = clock_.RandomBits();
  } else if (++random_low_ == 0) {
    ++random_high_;  // same millisecond, or a clock that went back: count on from the last id
  }
  std::string text(26, '0');
  unsigned __int128 bits = (static_cast<unsigned __int128>(last_ms_) << 80) |
                           (static_cast<unsigned __int128>(random_high_) << 64) | random_low_;
  for (int i = 25; i >= 0; --i) {
    text[static_cast<size_t>(i)] = kCrockford[static_cast<size_t>(bits & 31)];
    bits >>= 5;
  }
  return text;
}

bool IsUlid(const std::string& text) {
  return text.size() == 26 && text[0] <= '7' &&
         text.find_first_not_of(kCrockford) == std::string::npos;
}

std::string FormatMicros(int64_t micros) {
  int64_t seconds = micros / 1000000;
  int64_t fraction = micros % 1000000;
  if (fraction < 0) {
    fraction += 1000000;
    --seconds;
  }
  const std::time_t time = static_cast<std::time_t>(seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, fraction);
}

}  // namespace tarn
