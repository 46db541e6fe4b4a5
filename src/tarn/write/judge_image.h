#pragma once

#include <cstdint>
#include <string>

#include "tarn/write/graph_image.h"

namespace tarn::write {

/// Judges what the statements left: values, endpoints, `@unique` and `@card`, each against pending
/// and stored rows, by filters on the keys in question. Settles every upsert on the way.
///
/// Errors  kConstraintViolation with all offenders up to kProblemsMax; `name` is how messages call
///         the mutation. Those of storage.
Status JudgeImage(GraphImage& image, const std::string& name, uint64_t hash_seed);

}  // namespace tarn::write
