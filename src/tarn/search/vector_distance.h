#pragma once

#include <cstddef>

namespace tarn::search {

/// Sums over `size` components, in float64, in an order that depends on `size` alone.

double DotProduct(const float* stored, const double* probe, size_t size);
double SquaredDistance(const float* stored, const double* probe, size_t size);

struct DotAndSquare {
  double dot = 0;
  double square = 0;  ///< of the stored vector's length
};
DotAndSquare DotProductAndSquare(const float* stored, const double* probe, size_t size);

}  // namespace tarn::search
