#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/search/vertices.h"

namespace tarn::search {

/// The analysed texts of one String property at one version: which rows hold which tokens, how
/// often, and the corpus statistics that BM25 needs, over all live rows, whatever a query filters.
/// Immutable, thread safe.
class TextCorpus {
 public:
  virtual ~TextCorpus() = default;

  struct Scored {
    Dense row = 0;
    double score = 0;
  };

  /// Rows that hold at least one of the query's analysed tokens, ascending. A query of only stop
  /// words matches none.
  virtual Result<std::vector<Dense>> Match(std::string_view query) const = 0;
  /// Rows with a token within `edits` Levenshtein steps of an analysed token of the query,
  /// ascending.
  virtual Result<std::vector<Dense>> MatchFuzzy(std::string_view query, uint32_t edits) const = 0;
  /// BM25 score of every matching row, ascending by row. Scores rank like Lance's inverted index
  /// over the whole table.
  virtual Result<std::vector<Scored>> Score(std::string_view query) const = 0;
  virtual int64_t bytes() const = 0;
};

}  // namespace tarn::search
