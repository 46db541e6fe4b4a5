#include "tarn/search/vector_distance.h"

#include <cstring>

// Compiled once per instruction set, chosen when the program starts; all of them add in the same
// order, so they agree to the last bit. The build keeps the compiler from fusing multiplication and
// addition here, which would not. The address sanitizer is not up yet when the choice is made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define TARN_EVERY_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TARN_EVERY_WIDTH
#endif

namespace tarn::search {
namespace {

constexpr size_t kLanes = 8;
constexpr size_t kChains = 4;  ///< independent sums, to hide the latency of an addition
constexpr size_t kStride = kLanes * kChains;

using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Doubles = double __attribute__((vector_size(kLanes * sizeof(double))));

/// Sums per lane, so that no addition waits for another; added up at the end in one order.
struct Sums {
  Doubles chains[kChains] = {};
};

inline __attribute__((always_inline)) double Total(const Sums& sums) {
  const Doubles lanes = (sums.chains[0] + sums.chains[1]) + (sums.chains[2] + sums.chains[3]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/// Calls `add(chain, stored, probe)` for every eight components; a short end is padded with zeros.
template <typename Add>
inline __attribute__((always_inline)) void ForEachEight(const float* stored, const double* probe,
                                                        size_t size, Add add) {
  size_t i = 0;
  for (; i + kStride <= size; i += kStride) {
    for (size_t chain = 0; chain < kChains; ++chain) {
      Floats narrow;
      Doubles query;
      std::memcpy(&narrow, stored + i + chain * kLanes, sizeof(narrow));
      std::memcpy(&query, probe + i + chain * kLanes, sizeof(query));
      add(chain, __builtin_convertvector(narrow, Doubles), query);
    }
  }
  for (size_t chain = 0; i < size; i += kLanes, ++chain) {
    const size_t left = size - i < kLanes ? size - i : kLanes;
    Floats narrow = {};
    Doubles query = {};
    std::memcpy(&narrow, stored + i, left * sizeof(float));
    std::memcpy(&query, probe + i, left * sizeof(double));
    add(chain, __builtin_convertvector(narrow, Doubles), query);
  }
}

}  // namespace

TARN_EVERY_WIDTH double DotProduct(const float* stored, const double* probe, size_t size) {
  Sums dot;
  ForEachEight(stored, probe, size, [&dot](size_t chain, const Doubles& a, const Doubles& b) {
    dot.chains[chain] += a * b;
  });
  return Total(dot);
}

TARN_EVERY_WIDTH double SquaredDistance(const float* stored, const double* probe, size_t size) {
  Sums sum;
  ForEachEight(stored, probe, size, [&sum](size_t chain, const Doubles& a, const Doubles& b) {
    const Doubles gap = a - b;
    sum.chains[chain] += gap * gap;
  });
  return Total(sum);
}

TARN_EVERY_WIDTH DotAndSquare DotProductAndSquare(const float* stored, const double* probe,
                                                  size_t size) {
  Sums dot;
  Sums square;
  ForEachEight(stored, probe, size, [&](size_t chain, const Doubles& a, const Doubles& b) {
    dot.chains[chain] += a * b;
    square.chains[chain] += a * a;
  });
  return {Total(dot), Total(square)};
}

}  // namespace tarn::search
