#pragma once

#include <cstdint>
#include <string>

namespace tarn::schema {

/// A random schema text that compiles, the same for each seed: every type, constraint and
/// annotation of the language, in any order, with comments and odd layout.
std::string RandomSchemaText(uint64_t seed);

}  // namespace tarn::schema
