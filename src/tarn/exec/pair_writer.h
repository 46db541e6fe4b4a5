#pragma once

#include <vector>

#include "tarn/exec/operator.h"

namespace tarn::exec {

/// Builds tuples out of one tuple of a flow and one that is kept beside it. Weights multiply.
class PairWriter {
 public:
  /// Layouts of the flow, of what is kept, and of the pairs, whose variables are in either.
  void Bind(const std::vector<plan::VarId>& flow, const std::vector<plan::VarId>& kept,
            const std::vector<plan::VarId>& pairs, uint32_t lanes);

  /// Row `row` of `in` with each of `count` kept tuples from `begin`.
  void Add(const Batch& in, uint32_t row, const Batch& kept, uint32_t begin, uint32_t count);
  /// The same with none: variables of the kept side have no row.
  void AddAlone(const Batch& in, uint32_t row);

  const Batch& pairs() const { return out_; }
  void Clear();

 private:
  struct Column {
    bool kept = false;
    size_t index = 0;
  };
  std::vector<Column> columns_;
  Batch out_;
};

}  // namespace tarn::exec
