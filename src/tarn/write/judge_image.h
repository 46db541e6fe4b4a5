#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tarn/write/graph_image.h"
#include "tarn/write/row_commit.h"

namespace tarn::write {

/// Judges what the statements left: values, endpoints, `@unique` and `@card`, each against pending
/// and stored rows, by filters on the keys in question. Settles every upsert on the way.
///
/// Errors  kConstraintViolation with all offenders up to kProblemsMax; `name` is how messages call
///         the mutation. Those of storage.
Status JudgeImage(GraphImage& image, const std::string& name, uint64_t hash_seed);

/// The same, with every rule that is broken, up to kProblemsMax + 1, as an answer. Those of storage
/// are errors.
Result<std::vector<BrokenRule>> FindBrokenRules(GraphImage& image, uint64_t hash_seed);

}  // namespace tarn::write
