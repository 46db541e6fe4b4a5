#include "tarn/search/inverted_corpus.h"

#include <algorithm>
#include <array>
#include <bit>
#include <set>

#include "tarn/search/bitmap.h"
#include "tarn/search/default_analyser.h"
#include "tarn/search/edit_distance.h"
#include "tarn/search/limits.h"

namespace tarn::search {
namespace {

/// One token of a query on its way through its postings.
struct Cursor {
  std::span<const Dense> rows;
  std::span<const uint32_t> frequencies;
  float idf = 0;
  size_t next = 0;

  bool AtEnd() const { return next == rows.size(); }
};

/// Scores of a stretch of rows. Adding up stretch by stretch needs no memory that grows with the
/// table, and every row still adds its tokens in the query's order.
class ScoreWindow {
 public:
  static constexpr uint64_t kRows = 4096;

  void Add(uint64_t place, float weight) {
    uint64_t& word = touched_[place / 64];
    const uint64_t bit = uint64_t{1} << (place % 64);
    scores_[place] = (word & bit) != 0 ? scores_[place] + weight : weight;
    word |= bit;
  }

  /// Appends the rows that were added to, ascending, and forgets them.
  void Drain(uint64_t begin, std::vector<TextCorpus::Scored>& out) {
    for (size_t i = 0; i < touched_.size(); ++i) {
      for (; touched_[i] != 0; touched_[i] &= touched_[i] - 1) {
        const size_t place = i * 64 + static_cast<size_t>(std::countr_zero(touched_[i]));
        out.push_back({static_cast<Dense>(begin + place), scores_[place]});
      }
    }
  }

 private:
  std::array<float, kRows> scores_;
  std::array<uint64_t, kRows / 64> touched_ = {};
};

/// The first row that any cursor stands on; nothing when all are at their ends.
std::optional<Dense> NextRow(const std::vector<Cursor>& cursors) {
  std::optional<Dense> first;
  for (const Cursor& cursor : cursors) {
    if (!cursor.AtEnd() && (!first || cursor.rows[cursor.next] < *first))
      first = cursor.rows[cursor.next];
  }
  return first;
}

}  // namespace

Result<std::vector<std::string>> InvertedCorpus::TokensOf(std::string_view query) const {
  TARN_ASSIGN_OR_RETURN(auto tokens, analyser_({query}, parameters_));
  if (tokens.size() != 1) {
    return Error(ErrorId::kInternal, "the analyser answered {} texts for one query", tokens.size());
  }
  if (!CountsRepeats(parameters_)) {
    std::set<std::string> seen;
    std::erase_if(tokens[0], [&seen](const std::string& token) { return !seen.insert(token).second; });
  }
  return std::move(tokens[0]);
}

Result<std::vector<Dense>> InvertedCorpus::Match(std::string_view query) const {
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(query));
  Bitmap found(lengths_.size());
  for (const std::string& token : tokens) {
    if (const auto id = dictionary_.Find(token)) {
      for (Dense row : RowsOf(*id)) found.Add(row);
    }
  }
  return found.Rows();
}

Result<std::vector<Dense>> InvertedCorpus::MatchFuzzy(std::string_view query,
                                                      uint32_t edits) const {
  if (edits > kEditsMax) {
    return Error(ErrorId::kInvalidArgument, "fuzzy() compares with at most {} edits, not {}",
                 kEditsMax, edits);
  }
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(query));
  Bitmap found(lengths_.size());
  for (const std::string& token : std::set<std::string>(tokens.begin(), tokens.end())) {
    EditDistance distance(token, edits);
    const uint32_t shortest = distance.length() > edits ? distance.length() - edits : 0;
    for (TokenId id : dictionary_.OfLength(shortest, distance.length() + edits + 1)) {
      if (!distance.Near(dictionary_.TokenOf(id))) continue;
      for (Dense row : RowsOf(id)) found.Add(row);
    }
  }
  return found.Rows();
}

Result<std::vector<TextCorpus::Scored>> InvertedCorpus::Score(std::string_view query) const {
  TARN_ASSIGN_OR_RETURN(const std::vector<std::string> tokens, TokensOf(query));
  std::vector<Cursor> cursors;
  for (const std::string& token : tokens) {
    if (const auto id = dictionary_.Find(token)) {
      cursors.push_back({RowsOf(*id), FrequenciesOf(*id), bm25_.Idf(RowsOf(*id).size())});
    }
  }
  std::vector<Scored> scores;
  ScoreWindow window;
  while (const std::optional<Dense> first = NextRow(cursors)) {
    const uint64_t begin = *first / ScoreWindow::kRows * ScoreWindow::kRows;
    for (Cursor& cursor : cursors) {
      for (; !cursor.AtEnd() && cursor.rows[cursor.next] < begin + ScoreWindow::kRows;
           ++cursor.next) {
        const Dense row = cursor.rows[cursor.next];
        window.Add(row - begin,
                   bm25_.Weight(cursor.idf, cursor.frequencies[cursor.next], lengths_[row]));
      }
    }
    window.Drain(begin, scores);
  }
  return scores;
}

int64_t InvertedCorpus::bytes() const {
  return static_cast<int64_t>(sizeof(*this) + starts_.capacity() * sizeof(uint64_t) +
                              rows_.capacity() * sizeof(Dense) +
                              (frequencies_.capacity() + lengths_.capacity()) * sizeof(uint32_t)) +
         dictionary_.bytes();
}

}  // namespace tarn::search
