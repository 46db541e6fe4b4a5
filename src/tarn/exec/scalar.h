#pragma once

#include <span>
#include <string>

#include "tarn/exec/cell.h"
#include "tarn/ir/expr.h"

namespace tarn::exec {

/// Longest text that a function makes.
inline constexpr size_t kMadeTextBytesMax = 16 << 20;

/// Where a call under way writes: the bytes of a text that it makes, and why it has no value.
struct ScalarOutput {
  std::string text;
  const char* failure = nullptr;  ///< names what went wrong; the value is null then
};

/// The value of a function or operator other than coalesce for arguments of the kinds that the type
/// checker let through. Null for a null argument. A text is in `out` or in an argument.
Cell EvaluateScalar(ir::ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out);

// One family each; no argument is null.
Cell EvaluateArithmetic(ir::ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out);
Cell EvaluateText(ir::ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out);
Cell EvaluateDate(ir::ScalarFn fn, std::span<const Cell> arguments, ScalarOutput& out);

}  // namespace tarn::exec
