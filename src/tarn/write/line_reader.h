#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string_view>

#include "tarn/base/status.h"

namespace tarn::write {

/// Splits a stream into its non-blank lines, in blocks. Lines end with LF or CRLF; the last may
/// lack its end. Holds no more than the longest line and one block.
class LineReader {
 public:
  /// Bytes behind text() that may be read (and mean nothing), as the parser wants them.
  static constexpr size_t kPadding = 64;

  /// `input` outlives this.
  explicit LineReader(std::istream& input);

  /// Steps to the next line that is not only ASCII white space; false at the end of the input.
  ///
  /// Errors  kInputTooLarge for a line above kLineBytesMax; kStorageUnavailable when the stream
  /// breaks.
  Result<bool> Next();

  std::string_view text() const { return text_; }    ///< without the line end; valid until Next
  uint64_t number() const { return number_; }        ///< from 1, blank lines counted
  uint64_t bytes_read() const { return consumed_; }  ///< up to the end of this line
  size_t capacity() const { return capacity_; }      ///< bytes of the buffer with its padding

 private:
  /// Finds the end of the line at `begin_`; reads on while there is none.
  Result<bool> TakeLine();
  Status Refill();
  void MakeRoom();

  std::istream& input_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;    // first byte not handed out
  size_t scanned_ = 0;  // no line end in [begin_, scanned_)
  size_t end_ = 0;      // behind the last byte read
  bool at_end_ = false;
  uint64_t number_ = 0;
  uint64_t consumed_ = 0;
  std::string_view text_;
};

}  // namespace tarn::write
