#include "tarn/write/line_reader.h"

#include <cstring>

#include "tarn/write/limits.h"
#include "tarn/write/problems.h"

namespace tarn::write {
namespace {

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f") == std::string_view::npos;
}

}  // namespace

LineReader::LineReader(std::istream& input) : input_(input), capacity_(kReadBlockBytes + kPadding) {
  buffer_ = std::make_unique<char[]>(capacity_);
}

Result<bool> LineReader::Next() {
  while (true) {
    TARN_ASSIGN_OR_RETURN(const bool found, TakeLine());
    if (!found) return false;
    if (!IsBlank(text_)) return true;
  }
}

Result<bool> LineReader::TakeLine() {
  while (true) {
    const char* from = buffer_.get() + scanned_;
    const char* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - scanned_));
    const size_t line_end =
        newline != nullptr ? static_cast<size_t>(newline - buffer_.get()) : end_;
    if (line_end - begin_ > kLineBytesMax + 1) {
      return TooLarge("graph_batch_line_bytes", kLineBytesMax, line_end - begin_,
                      fmt::format("line {}: longer than {} bytes", number_ + 1, kLineBytesMax));
    }
    if (newline == nullptr && !at_end_) {
      scanned_ = end_;
      TARN_RETURN_IF_ERROR(Refill());
      continue;
    }
    if (newline == nullptr && begin_ == end_) return false;
    ++number_;
    text_ = std::string_view(buffer_.get() + begin_, line_end - begin_);
    const size_t taken = text_.size() + (newline != nullptr ? 1 : 0);
    if (newline != nullptr && text_.ends_with('\r')) text_.remove_suffix(1);
    if (text_.size() > kLineBytesMax) {
      return TooLarge("graph_batch_line_bytes", kLineBytesMax, text_.size(),
                      fmt::format("line {}: longer than {} bytes", number_, kLineBytesMax));
    }
    begin_ += taken;
    scanned_ = begin_;
    consumed_ += taken;
    return true;
  }
}

void LineReader::MakeRoom() {
  const size_t held = end_ - begin_;
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
    begin_ = 0;
    scanned_ = held;
    end_ = held;
  }
  if (held + kReadBlockBytes + kPadding <= capacity_) return;
  const size_t wanted = held < kReadBlockBytes ? held + kReadBlockBytes : held * 2;
  auto grown = std::make_unique<char[]>(wanted + kPadding);
  std::memcpy(grown.get(), buffer_.get(), held);
  buffer_ = std::move(grown);
  capacity_ = wanted + kPadding;
}

Status LineReader::Refill() {
  MakeRoom();
  const size_t room = capacity_ - kPadding - end_;
  input_.read(buffer_.get() + end_, static_cast<std::streamsize>(room));
  const auto got = static_cast<size_t>(input_.gcount());
  end_ += got;
  std::memset(buffer_.get() + end_, 0, kPadding);
  if (input_.bad())
    return Error(ErrorId::kStorageUnavailable, "reading the input failed after line {}", number_);
  if (got < room) at_end_ = true;
  return Status::Ok();
}

}  // namespace tarn::write
