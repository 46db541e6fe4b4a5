#include "tarn/exec/score_tables.h"

#include <algorithm>
#include <cmath>

#include "tarn/exec/query_state.h"

namespace tarn::exec {
namespace {

/// Edits of fuzzy() that a query does not name.
constexpr uint32_t kDefaultEdits = 2;

Result<uint32_t> EditsOf(const QueryState& state, const ir::ExprPtr& edits) {
  if (edits == nullptr) return kDefaultEdits;
  const Cell cell = state.ConstantOf(edits);
  if (cell.is_null()) return kDefaultEdits;
  if (cell.kind != Cell::Kind::kInt || cell.integer < 0 || cell.integer > UINT32_MAX) {
    return Error(ErrorId::kInvalidArgument, "fuzzy() wants a number of edits of 0 or more");
  }
  return static_cast<uint32_t>(cell.integer);
}

}  // namespace

Cell Bm25Scores::Of(search::Dense row) const {
  const auto found = std::lower_bound(
      rows.begin(), rows.end(), row,
      [](const auto& scored, search::Dense wanted) { return scored.row < wanted; });
  return found == rows.end() || found->row != row ? Cell::Null() : Cell::Float(found->score);
}

Cell NearestScores::Of(search::Dense row) const {
  if (!probe || !column.Has(row)) return Cell::Null();
  const double distance = probe->DistanceTo(column.At(row));
  return std::isnan(distance) ? Cell::Null() : Cell::Float(distance);
}

Cell FusedScores::Of(search::Dense row) const {
  const uint32_t number = index.Find(row);
  return number == DenseMap::kAbsent ? Cell::Null() : Cell::Float(scores[number]);
}

Cell FusedScores::PositionOf(search::Dense row) const {
  const uint32_t number = index.Find(row);
  return number == DenseMap::kAbsent ? Cell::Null() : Cell::Int(positions[number]);
}

template <typename Table>
Table* ScoreTables::Find(const Entries<Table>& entries, const ir::ExprPtr& expr) {
  for (const auto& [known, table] : entries) {
    if (known == expr || ir::SameExpr(*known, *expr)) return table.get();
  }
  return nullptr;
}

Result<const TextHits*> ScoreTables::HitsOf(const ir::ExprPtr& text_match) {
  if (const TextHits* known = Find(hits_, text_match)) return known;
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<TextHits> made,
                        MakeHits(std::get<ir::TextMatch>(text_match->node)));
  return hits_.emplace_back(text_match, std::move(made)).second.get();
}

Result<const Bm25Scores*> ScoreTables::Bm25Of(const ir::ExprPtr& bm25) {
  if (const Bm25Scores* known = Find(bm25_, bm25)) return known;
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<Bm25Scores> made, MakeBm25(std::get<ir::Bm25>(bm25->node)));
  return bm25_.emplace_back(bm25, std::move(made)).second.get();
}

Result<const NearestScores*> ScoreTables::NearestOf(const ir::ExprPtr& nearest) {
  if (const NearestScores* known = Find(nearest_, nearest)) return known;
  TARN_ASSIGN_OR_RETURN(std::unique_ptr<NearestScores> made,
                        MakeNearest(std::get<ir::Nearest>(nearest->node)));
  return nearest_.emplace_back(nearest, std::move(made)).second.get();
}

FusedScores& ScoreTables::FusedOf(const ir::ExprPtr& rrf) {
  if (FusedScores* known = Find(fused_, rrf)) return *known;
  return *fused_.emplace_back(rrf, std::make_unique<FusedScores>()).second;
}

Result<std::unique_ptr<TextHits>> ScoreTables::MakeHits(const ir::TextMatch& match) {
  auto hits = std::make_unique<TextHits>();
  const Cell query = state_.ConstantOf(match.query);
  if (query.is_null()) return hits;
  TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state_.VerticesOf(match.field.variable));
  TARN_ASSIGN_OR_RETURN(const search::TextCorpus* corpus, state_.CorpusOf(match.field));
  std::vector<search::Dense> rows;
  if (match.kind == ir::TextMatchKind::kFuzzy) {
    TARN_ASSIGN_OR_RETURN(const uint32_t edits, EditsOf(state_, match.edits));
    TARN_ASSIGN_OR_RETURN(rows, corpus->MatchFuzzy(query.text(), edits));
  } else {
    TARN_ASSIGN_OR_RETURN(rows, corpus->Match(query.text()));
  }
  hits->hold = state_.request().Hold("text hits");
  TARN_RETURN_IF_ERROR(hits->hold.Resize(vertices->count() / 8 + 8));
  hits->rows = search::Bitmap::Of(vertices->count(), rows);
  return hits;
}

Result<std::unique_ptr<Bm25Scores>> ScoreTables::MakeBm25(const ir::Bm25& bm25) {
  auto scores = std::make_unique<Bm25Scores>();
  const Cell query = state_.ConstantOf(bm25.query);
  if (query.is_null()) return scores;
  TARN_ASSIGN_OR_RETURN(const search::TextCorpus* corpus, state_.CorpusOf(bm25.field));
  TARN_ASSIGN_OR_RETURN(scores->rows, corpus->Score(query.text()));
  scores->hold = state_.request().Hold("text scores");
  TARN_RETURN_IF_ERROR(
      scores->hold.Resize(static_cast<int64_t>(scores->rows.size() * sizeof(scores->rows[0]))));
  return scores;
}

Result<std::vector<float>> ScoreTables::QueryVector(const ir::Nearest& nearest, const Cell& query) {
  if (query.kind == Cell::Kind::kString) {
    if (!state_.options().embed) {
      return Error(ErrorId::kUnsupported,
                   "nearest() on {} got a text, and no embedding provider is configured",
                   nearest.field.property)
          .WithHint("pass a Vector parameter, or configure a provider");
    }
    return state_.options().embed(nearest, query.text());
  }
  std::vector<float> vector;
  for (int64_t i = 0; i < query.size; ++i) {
    const Cell item = ListItem(query, i);
    if (item.is_null())
      return Error(ErrorId::kInvalidArgument, "the query vector of nearest() holds a null");
    vector.push_back(static_cast<float>(AsDouble(item)));
  }
  return vector;
}

Result<std::unique_ptr<NearestScores>> ScoreTables::MakeNearest(const ir::Nearest& nearest) {
  auto scores = std::make_unique<NearestScores>();
  const Cell query = state_.ConstantOf(nearest.query);
  if (query.is_null()) return scores;
  TARN_ASSIGN_OR_RETURN(const std::vector<float> vector, QueryVector(nearest, query));
  TARN_ASSIGN_OR_RETURN(const ColumnView* stored,
                        state_.ColumnOf(nearest.field.variable, nearest.field.property));
  TARN_ASSIGN_OR_RETURN(scores->column, search::VectorColumn::Of(stored->array()));
  TARN_ASSIGN_OR_RETURN(scores->probe, search::VectorProbe::Make(nearest.metric, vector));
  if (scores->column.dimension() == scores->probe->dimension()) return scores;
  return Error(ErrorId::kInvalidArgument,
               "nearest() compares {} with {} dimensions with a query of {}",
               nearest.field.property, scores->column.dimension(), scores->probe->dimension());
}

}  // namespace tarn::exec
