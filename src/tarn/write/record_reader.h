#pragma once

#include <istream>
#include <memory>

#include "tarn/write/line_reader.h"
#include "tarn/write/problems.h"
#include "tarn/write/record.h"

namespace tarn::write {

/// Reads strict graph JSONL, one record a line. A line that breaks the grammar becomes a problem
/// and is skipped, so that one run names many.
///
/// Source  docs/spec/graph-language.md §11.1
class RecordReader {
 public:
  /// Both outlive this.
  RecordReader(std::istream& input, ProblemList& problems);
  ~RecordReader();
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;

  /// Steps to the next good record; false at the end of the input or once the problem list is full.
  /// Errors  those of LineReader; kInputTooLarge for a line with more than kLineSlotsMax structural
  /// characters.
  Result<bool> Next();

  const Record& record() const { return record_; }
  uint64_t bytes_read() const { return lines_.bytes_read(); }

 private:
  class Parser;

  LineReader lines_;
  ProblemList& problems_;
  Record record_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace tarn::write
