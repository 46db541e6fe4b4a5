#include "tarn/exec/pair_writer.h"

namespace tarn::exec {

void PairWriter::Bind(const std::vector<plan::VarId>& flow, const std::vector<plan::VarId>& kept,
                      const std::vector<plan::VarId>& pairs, uint32_t lanes) {
  for (const plan::VarId variable : pairs) {
    const size_t left = FindSlot(flow, variable);
    columns_.push_back(left != SIZE_MAX ? Column{false, left}
                                        : Column{true, SlotOf(kept, variable)});
  }
  out_.columns.resize(columns_.size());
  out_.weights.resize(lanes);
}

void PairWriter::Add(const Batch& in, uint32_t row, const Batch& kept, uint32_t begin,
                     uint32_t count) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    std::vector<Dense>& to = out_.columns[i];
    if (columns_[i].kept) {
      const auto from = kept.columns[columns_[i].index].begin() + begin;
      to.insert(to.end(), from, from + count);
    } else {
      to.insert(to.end(), count, in.columns[columns_[i].index][row]);
    }
  }
  for (size_t lane = 0; lane < out_.weights.size(); ++lane) {
    for (uint32_t i = 0; i < count; ++i) {
      out_.weights[lane].push_back(
          SaturatingMultiply(in.weights[lane][row], kept.weights[lane][begin + i]));
    }
  }
  out_.rows += count;
}

void PairWriter::AddAlone(const Batch& in, uint32_t row) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    out_.columns[i].push_back(columns_[i].kept ? kNoRow : in.columns[columns_[i].index][row]);
  }
  for (size_t lane = 0; lane < out_.weights.size(); ++lane)
    out_.weights[lane].push_back(in.weights[lane][row]);
  ++out_.rows;
}

void PairWriter::Clear() {
  out_.rows = 0;
  for (auto& column : out_.columns) column.clear();
  for (auto& lane : out_.weights) lane.clear();
}

}  // namespace tarn::exec
