#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/exec/cell.h"
#include "tarn/exec/column_view.h"
#include "tarn/exec/dense_map.h"
#include "tarn/ir/query.h"
#include "tarn/search/bitmap.h"
#include "tarn/search/text_corpus.h"
#include "tarn/search/vector_scan.h"

namespace tarn::exec {

class QueryState;

/// The rows a text predicate matches; a null query makes it unknown everywhere.
class TextHits {
 public:
  Cell Of(search::Dense row) const { return rows ? Cell::Bool(rows->Has(row)) : Cell::Null(); }

  std::optional<search::Bitmap> rows;
  BudgetHold hold;
};

/// BM25 scores of the rows with a matching token; null for the others.
class Bm25Scores {
 public:
  Cell Of(search::Dense row) const;

  std::vector<search::TextCorpus::Scored> rows;  ///< ascending by row
  BudgetHold hold;
};

/// Distances to one query vector, computed when asked for; null for a row that is never ranked.
class NearestScores {
 public:
  Cell Of(search::Dense row) const;

  std::optional<search::VectorProbe> probe;  ///< absent for a null query, which nothing is near to
  search::VectorColumn column;
};

/// Scores of a reciprocal rank fusion over the rows of one match; set once those are known.
class FusedScores {
 public:
  Cell Of(search::Dense row) const;
  /// 0 for the best; entities with equal scores keep the order of the primary arm. Null for a row
  /// without a score.
  Cell PositionOf(search::Dense row) const;

  DenseMap index;
  std::vector<double> scores;  ///< by number in `index`
  std::vector<uint32_t> positions;
  BudgetHold hold;
};

/// The score columns of a query, each made when first asked for.
class ScoreTables {
 public:
  explicit ScoreTables(QueryState& state) : state_(state) {}

  Result<const TextHits*> HitsOf(const ir::ExprPtr& text_match);
  Result<const Bm25Scores*> Bm25Of(const ir::ExprPtr& bm25);
  Result<const NearestScores*> NearestOf(const ir::ExprPtr& nearest);
  /// Made empty; the Rank operator fills it.
  FusedScores& FusedOf(const ir::ExprPtr& rrf);

 private:
  template <typename Table>
  using Entries = std::vector<std::pair<ir::ExprPtr, std::unique_ptr<Table>>>;
  template <typename Table>
  static Table* Find(const Entries<Table>& entries, const ir::ExprPtr& expr);

  Result<std::unique_ptr<TextHits>> MakeHits(const ir::TextMatch& match);
  Result<std::unique_ptr<Bm25Scores>> MakeBm25(const ir::Bm25& bm25);
  Result<std::unique_ptr<NearestScores>> MakeNearest(const ir::Nearest& nearest);
  Result<std::vector<float>> QueryVector(const ir::Nearest& nearest, const Cell& query);

  QueryState& state_;
  Entries<TextHits> hits_;
  Entries<Bm25Scores> bm25_;
  Entries<NearestScores> nearest_;
  Entries<FusedScores> fused_;
};

}  // namespace tarn::exec
