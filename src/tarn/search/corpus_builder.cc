#include <algorithm>

#include "tarn/search/inverted_corpus.h"
#include "tarn/search/limits.h"

namespace tarn::search {

CorpusBuilder::CorpusBuilder(Options options, BudgetHold hold)
    : corpus_(new InvertedCorpus(std::move(options.analyser), std::move(options.parameters),
                                 options.hash_seed)),
      hold_(std::move(hold)) {}

int64_t CorpusBuilder::bytes() const {
  return corpus_->bytes() +
         static_cast<int64_t>((tokens_.capacity() + document_.capacity()) * sizeof(TokenId));
}

Status CorpusBuilder::Append(const TextView& texts) {
  std::vector<std::string_view> some;
  std::vector<Dense> rows;
  size_t size = 0;
  for (int64_t i = 0; i < texts.size(); ++i) {
    const size_t row = corpus_->lengths_.size();
    if (row >= kRowsMax) {
      return Error(ErrorId::kUnsupported, "a text property of more than {} rows cannot be searched",
                   kRowsMax);
    }
    corpus_->lengths_.push_back(0);
    if (texts.IsNull(i)) continue;
    some.push_back(texts[i]);
    rows.push_back(static_cast<Dense>(row));
    size += texts[i].size();
    if (some.size() < kAnalyserTextsMax && size < kAnalyserBytesMax) continue;
    TARN_RETURN_IF_ERROR(AddTexts(some, rows));
    some.clear();
    rows.clear();
    size = 0;
  }
  return some.empty() ? Status::Ok() : AddTexts(some, rows);
}

Status CorpusBuilder::AddTexts(const std::vector<std::string_view>& texts,
                               const std::vector<Dense>& rows) {
  TARN_ASSIGN_OR_RETURN(const auto tokens, corpus_->analyser_(texts, corpus_->parameters_));
  if (tokens.size() != texts.size()) {
    return Error(ErrorId::kInternal, "the analyser answered {} texts for {}", tokens.size(),
                 texts.size());
  }
  for (size_t i = 0; i < texts.size(); ++i) TARN_RETURN_IF_ERROR(AddDocument(rows[i], tokens[i]));
  return hold_.Resize(bytes());
}

Status CorpusBuilder::AddDocument(Dense row, const std::vector<std::string>& tokens) {
  if (tokens.empty()) return Status::Ok();
  ++documents_;
  token_count_ += tokens.size();
  corpus_->lengths_[row] = static_cast<uint32_t>(tokens.size());
  document_.clear();
  for (const std::string& token : tokens) {
    TARN_ASSIGN_OR_RETURN(document_.emplace_back(), corpus_->dictionary_.Add(token));
  }
  std::sort(document_.begin(), document_.end());
  for (auto next = document_.begin(); next != document_.end();) {
    const auto end =
        std::find_if(next, document_.end(), [&next](TokenId token) { return token != *next; });
    tokens_.push_back(*next);
    corpus_->rows_.push_back(row);
    corpus_->frequencies_.push_back(static_cast<uint32_t>(end - next));
    next = end;
  }
  return Status::Ok();
}

void CorpusBuilder::SortPostings() {
  std::vector<uint64_t>& starts = corpus_->starts_;
  starts.assign(corpus_->dictionary_.size() + size_t{1}, 0);
  for (TokenId token : tokens_) ++starts[token];
  uint64_t end = 0;
  for (uint64_t& start : starts) {
    end += start;
    start = end;
  }
  std::vector<Dense> rows(tokens_.size());
  std::vector<uint32_t> frequencies(tokens_.size());
  // From the back, so that each token's place moves from the end of its postings to their
  // beginning.
  for (size_t i = tokens_.size(); i-- > 0;) {
    const uint64_t place = --starts[tokens_[i]];
    rows[place] = corpus_->rows_[i];
    frequencies[place] = corpus_->frequencies_[i];
  }
  corpus_->rows_ = std::move(rows);
  corpus_->frequencies_ = std::move(frequencies);
}

Result<std::shared_ptr<const InvertedCorpus>> CorpusBuilder::Finish() {
  const auto sorted = static_cast<int64_t>(tokens_.size() * (sizeof(Dense) + sizeof(uint32_t)) +
                                           corpus_->dictionary_.size() * sizeof(uint64_t));
  TARN_RETURN_IF_ERROR(hold_.Resize(bytes() + sorted));
  SortPostings();
  corpus_->dictionary_.Freeze();
  corpus_->lengths_.shrink_to_fit();
  corpus_->bm25_ = Bm25(documents_, token_count_);
  return std::shared_ptr<const InvertedCorpus>(std::move(corpus_));
}

}  // namespace tarn::search
