#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/search/bm25.h"
#include "tarn/search/resident.h"
#include "tarn/search/text_corpus.h"
#include "tarn/search/text_view.h"
#include "tarn/search/token_dictionary.h"

namespace tarn::search {

/// A corpus as token dictionary and postings: for each token the rows that hold it, ascending, and
/// how often.
class InvertedCorpus final : public TextCorpus {
 public:
  Result<std::vector<Dense>> Match(std::string_view query) const override;
  Result<std::vector<Dense>> MatchFuzzy(std::string_view query, uint32_t edits) const override;
  Result<std::vector<Scored>> Score(std::string_view query) const override;
  int64_t bytes() const override;

 private:
  friend class CorpusBuilder;
  InvertedCorpus(Analyser analyser, std::string parameters, uint64_t hash_seed)
      : analyser_(std::move(analyser)),
        parameters_(std::move(parameters)),
        dictionary_(hash_seed) {}

  Result<std::vector<std::string>> TokensOf(std::string_view query) const;
  std::span<const Dense> RowsOf(TokenId token) const {
    return std::span(rows_).subspan(starts_[token], starts_[token + 1] - starts_[token]);
  }
  std::span<const uint32_t> FrequenciesOf(TokenId token) const {
    return std::span(frequencies_).subspan(starts_[token], starts_[token + 1] - starts_[token]);
  }

  const Analyser analyser_;
  const std::string parameters_;
  TokenDictionary dictionary_;
  std::vector<uint64_t> starts_;  // per token, and the end: into the two below
  std::vector<Dense> rows_;
  std::vector<uint32_t> frequencies_;
  std::vector<uint32_t> lengths_;  // tokens per row; 0 = no document
  Bm25 bm25_;
};

/// Makes a corpus of texts handed over in the order of dense numbers. What it holds is always
/// charged to `hold`.
class CorpusBuilder {
 public:
  struct Options {
    Analyser analyser;
    std::string parameters;  ///< JSON of the analyser
    uint64_t hash_seed = 0;
  };
  CorpusBuilder(Options options, BudgetHold hold);

  /// The texts of the next rows. Errors of the analyser; kUnsupported beyond kRowsMax rows;
  /// kMemoryBudget.
  Status Append(const TextView& texts);
  Result<std::shared_ptr<const InvertedCorpus>> Finish();

 private:
  /// Analyses texts that are no nulls; `rows` are theirs.
  Status AddTexts(const std::vector<std::string_view>& texts, const std::vector<Dense>& rows);
  Status AddDocument(Dense row, const std::vector<std::string>& tokens);
  /// Postings by token, rows ascending within each.
  void SortPostings();
  int64_t bytes() const;

  std::unique_ptr<InvertedCorpus> corpus_;
  BudgetHold hold_;
  uint64_t documents_ = 0;
  uint64_t token_count_ = 0;
  // Postings by row: `tokens_[i]` occurs `corpus_->frequencies_[i]` times in `corpus_->rows_[i]`.
  std::vector<TokenId> tokens_;
  std::vector<TokenId> document_;  // buffer: the tokens of one document
};

}  // namespace tarn::search
