#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>

#include "tarn/exec/bound_expr.h"
#include "tarn/exec/limit.h"
#include "tarn/exec/make_operator.h"
#include "tarn/exec/text_arena.h"
#include "tarn/exec/tuple_store.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::exec {
namespace {

/// With a limit, what is kept is cut back to it when it has grown to twice as much, but not below
/// this.
constexpr uint32_t kCutRowsMin = 1024;

/// Orders all tuples. Keys are computed once per tuple; ties are broken by ids, so the order is
/// total up to rows that look the same.
class Sort final : public Operator {
 public:
  Sort(QueryState& state, const plan::Node& node, const plan::Sort& sort, Operator* next)
      : Operator(state, node, next),
        sort_(sort),
        limit_(LimitOf(state, sort)),
        kept_(state, "the rows of a sort"),
        texts_(std::make_unique<TextArena>(state.request().Hold("the texts of a sort"))),
        hold_(state.request().Hold("the keys of a sort")) {}

 protected:
  Result<Flow> Process(const Batch& in) override {
    if (!bound_) TARN_RETURN_IF_ERROR(Bind());
    TARN_RETURN_IF_ERROR(state_.Tick(in.rows));
    TARN_RETURN_IF_ERROR(AddKeys(in));
    TARN_RETURN_IF_ERROR(kept_.Append(in));
    NoteBytes(kept_.bytes() + hold_.bytes());
    const bool cut = limit_ && kept_.rows() > kCutRowsMin && kept_.rows() / 2 > *limit_;
    return cut ? Cut() : Result<Flow>(Flow::kMore);
  }

  Status Drain() override {
    if (kept_.rows() == 0) return Status::Ok();
    const std::vector<uint32_t> order = Ordered();
    if (sort_.per_group) return DrainGroups(order);
    uint64_t left = limit_.value_or(UINT64_MAX);
    for (size_t begin = 0; begin < order.size() && left > 0; begin += state_.batch_rows()) {
      const size_t end = std::min<size_t>(order.size(), begin + state_.batch_rows());
      const Batch picked = Pick(kept_.tuples(), order, begin, end);
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(limit_ ? FirstRows(picked, left) : picked));
      if (flow == Flow::kEnough) break;
    }
    return Status::Ok();
  }

 private:
  struct Tie {
    size_t slot = 0;
    const search::Vertices* vertices = nullptr;
  };

  /// Rows behind which nothing is asked for: those that an offset drops are still to be found.
  static std::optional<uint64_t> LimitOf(const QueryState& state, const plan::Sort& sort) {
    if (!sort.limit) return std::nullopt;
    return SaturatingAdd(sort.offset ? state.RowsOf(*sort.offset) : 0, state.RowsOf(*sort.limit));
  }

  /// Emits the first rows of every group, in the order of all.
  Status DrainGroups(const std::vector<uint32_t>& order) {
    std::vector<BoundExprPtr> keys;
    for (const ir::ExprPtr& expr : sort_.per_group->keys) {
      TARN_ASSIGN_OR_RETURN(BoundExprPtr key,
                            Binder(state_, input_live(), ItemsBelow()).Bind(expr));
      keys.push_back(std::move(key));
    }
    BudgetHold hold = state_.request().Hold("the groups of a limit");
    const uint64_t most = state_.RowsOf(sort_.per_group->rows);
    std::unordered_map<std::string, uint64_t> taken;
    std::vector<uint32_t> picked;
    std::vector<uint64_t> weights;
    for (const uint32_t tuple : order) {
      const std::string key = GroupKeyOf(keys, tuple);
      const auto [group, is_new] = taken.try_emplace(key, 0);
      if (is_new) {
        const auto bytes = static_cast<int64_t>(key.size() + kGroupOverhead);
        TARN_RETURN_IF_ERROR(hold.Resize(hold.bytes() + bytes));
      }
      const uint64_t weight = std::min(kept_.tuples().weights[0][tuple], most - group->second);
      if (weight == 0) continue;
      group->second += weight;
      picked.push_back(tuple);
      weights.push_back(weight);
    }
    TARN_RETURN_IF_ERROR(state_.Tick(order.size()));
    for (size_t begin = 0; begin < picked.size(); begin += state_.batch_rows()) {
      const size_t end = std::min<size_t>(picked.size(), begin + state_.batch_rows());
      Batch batch = Pick(kept_.tuples(), picked, begin, end);
      batch.weights[0].assign(weights.begin() + static_cast<std::ptrdiff_t>(begin),
                              weights.begin() + static_cast<std::ptrdiff_t>(end));
      TARN_ASSIGN_OR_RETURN(const Flow flow, Emit(batch));
      if (flow == Flow::kEnough) break;
    }
    return Status::Ok();
  }

  std::string GroupKeyOf(const std::vector<BoundExprPtr>& keys, uint32_t tuple) {
    GatherSlots(kept_.tuples(), tuple, slots_);
    GatherValues(kept_.tuples(), tuple, values_);
    std::string text;
    for (const BoundExprPtr& key : keys)
      AppendKey(key->Eval(Env{slots_.data(), values_.data()}), text);
    return text;
  }

  Status Bind() {
    bound_ = true;
    slots_.resize(input_live().size());
    const std::vector<plan::AggregateItem>* items = ItemsBelow();
    values_.resize(items == nullptr ? 0 : items->size());
    const Binder binder(state_, input_live(), items);
    for (const plan::SortKey& key : sort_.keys) {
      TARN_ASSIGN_OR_RETURN(BoundExprPtr bound, binder.Bind(key.expr));
      keys_.push_back(std::move(bound));
      descending_.push_back(key.descending);
      const ir::ExprPtr& resolved = plan::Resolve(key.expr, state_.query());
      if (!std::holds_alternative<ir::Rrf>(resolved->node)) continue;
      // Equal fused scores keep the order of the fusion's arms, whichever way the scores run.
      keys_.push_back(binder.BindFusedPosition(resolved));
      descending_.push_back(false);
    }
    for (const plan::VarId variable : sort_.ties) {
      TARN_ASSIGN_OR_RETURN(const search::Vertices* vertices, state_.VerticesOf(variable));
      ties_.push_back({SlotOf(input_live(), variable), vertices});
    }
    return Status::Ok();
  }

  const std::vector<plan::AggregateItem>* ItemsBelow() const {
    const plan::Node* below = node_.inputs.front().get();
    if (std::holds_alternative<plan::Having>(below->op)) below = below->inputs.front().get();
    const auto* aggregate = std::get_if<plan::Aggregate>(&below->op);
    return aggregate == nullptr ? nullptr : &aggregate->items;
  }

  Status AddKeys(const Batch& in) {
    const size_t wanted = cells_.size() + size_t{in.rows} * keys_.size();
    if (wanted > cells_.capacity()) {
      const size_t grown = std::max(wanted, 2 * cells_.capacity());
      TARN_RETURN_IF_ERROR(hold_.Resize(static_cast<int64_t>(grown * sizeof(Cell))));
      cells_.reserve(grown);
    }
    for (uint32_t row = 0; row < in.rows; ++row) {
      GatherSlots(in, row, slots_);
      GatherValues(in, row, values_);
      for (const BoundExprPtr& key : keys_) {
        Cell cell = key->Eval(Env{slots_.data(), values_.data()});
        if (key->transient()) {
          TARN_ASSIGN_OR_RETURN(cell, texts_->Keep(cell));
        }
        cells_.push_back(cell);
      }
    }
    return Status::Ok();
  }

  bool Before(uint32_t a, uint32_t b) const {
    const Cell* a_keys = cells_.data() + size_t{a} * keys_.size();
    const Cell* b_keys = cells_.data() + size_t{b} * keys_.size();
    for (size_t i = 0; i < keys_.size(); ++i) {
      const int order = CompareCells(a_keys[i], b_keys[i]);
      if (order != 0) return descending_[i] ? order > 0 : order < 0;
    }
    for (const Tie& tie : ties_) {
      const Dense a_row = kept_.tuples().columns[tie.slot][a];
      const Dense b_row = kept_.tuples().columns[tie.slot][b];
      if (a_row == kNoRow || b_row == kNoRow) {
        if (a_row != b_row) return a_row == kNoRow;
        continue;
      }
      if (a_row != b_row) return tie.vertices->IdOf(a_row) < tie.vertices->IdOf(b_row);
    }
    return false;
  }

  /// Positions of the kept tuples, first row first; no more than the limit asks for.
  std::vector<uint32_t> Ordered() const {
    std::vector<uint32_t> order(kept_.rows());
    std::iota(order.begin(), order.end(), 0);
    const auto before = [this](uint32_t a, uint32_t b) { return Before(a, b); };
    if (limit_ && *limit_ < order.size()) {
      const auto end = order.begin() + static_cast<std::ptrdiff_t>(*limit_);
      std::partial_sort(order.begin(), end, order.end(), before);
      order.erase(end, order.end());
    } else {
      std::sort(order.begin(), order.end(), before);
    }
    return order;
  }

  /// Drops what can no longer be among the first rows: every tuple stands for at least one row.
  Result<Flow> Cut() {
    const std::vector<uint32_t> order = Ordered();
    std::vector<Cell> cells;
    cells.reserve(cells_.capacity());
    auto texts = std::make_unique<TextArena>(state_.request().Hold("the texts of a sort"));
    for (const uint32_t at : order) {
      for (size_t i = 0; i < keys_.size(); ++i) {
        Cell cell = cells_[at * keys_.size() + i];
        if (keys_[i]->transient()) {
          TARN_ASSIGN_OR_RETURN(cell, texts->Keep(cell));
        }
        cells.push_back(cell);
      }
    }
    texts_ = std::move(texts);
    const Batch best = Pick(kept_.tuples(), order, 0, order.size());
    kept_.Clear();
    TARN_RETURN_IF_ERROR(kept_.Append(best));
    cells_ = std::move(cells);
    return Flow::kMore;
  }

  template <typename T>
  static std::vector<std::vector<T>> PickColumns(const std::vector<std::vector<T>>& columns,
                                                 const std::vector<uint32_t>& order, size_t begin,
                                                 size_t end) {
    std::vector<std::vector<T>> picked;
    for (const std::vector<T>& column : columns) {
      std::vector<T>& to = picked.emplace_back();
      to.reserve(end - begin);
      for (size_t i = begin; i < end; ++i) to.push_back(column[order[i]]);
    }
    return picked;
  }

  static Batch Pick(const Batch& kept, const std::vector<uint32_t>& order, size_t begin,
                    size_t end) {
    return {static_cast<uint32_t>(end - begin), PickColumns(kept.columns, order, begin, end),
            PickColumns(kept.weights, order, begin, end),
            PickColumns(kept.values, order, begin, end)};
  }

  /// Of one entry of the map of groups, beside the key's bytes.
  static constexpr size_t kGroupOverhead = 64;

  const plan::Sort& sort_;
  const std::optional<uint64_t> limit_;
  bool bound_ = false;
  std::vector<BoundExprPtr> keys_;
  std::vector<bool> descending_;
  std::vector<Tie> ties_;
  TupleStore kept_;
  std::vector<Cell> cells_;  // the keys of the kept tuples, tuple by tuple
  std::unique_ptr<TextArena> texts_;
  BudgetHold hold_;
  std::vector<Dense> slots_;
  std::vector<Cell> values_;
};

}  // namespace

OperatorPtr MakeOperator(QueryState& state, const plan::Node& node, const plan::Sort& sort,
                         Operator* next) {
  return std::make_unique<Sort>(state, node, sort, next);
}

}  // namespace tarn::exec
