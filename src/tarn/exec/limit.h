#pragma once

#include "tarn/exec/batch.h"

namespace tarn::exec {

/// The first rows of a batch, a tuple counting as often as its weight says; takes them off `left`.
Batch FirstRows(const Batch& in, uint64_t& left);

}  // namespace tarn::exec
