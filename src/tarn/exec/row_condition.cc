#include <algorithm>

#include "tarn/exec/bound_expr.h"
#include "tarn/exec/order_range.h"
#include "tarn/exec/row_predicate.h"
#include "tarn/exec/score_tables.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::exec {
namespace {

/// Gives KeepRange to a condition whose Pass the compiler can see through.
template <typename Condition>
class RunCondition : public RowCondition {
 public:
  bool Pass(Dense row) const final { return Self().Test(row); }
  void KeepRange(Dense begin, Dense end, uint8_t* keep) const final {
    for (Dense row = begin; row < end; ++row)
      keep[row - begin] &= static_cast<uint8_t>(Self().Test(row));
  }

 private:
  const Condition& Self() const { return static_cast<const Condition&>(*this); }
};

class Never final : public RunCondition<Never> {
 public:
  bool Test(Dense) const { return false; }
};

/// A fixed-width column whose order key lies in a range. Nulls never pass.
template <typename T, typename Wide>
class InRange final : public RunCondition<InRange<T, Wide>> {
 public:
  InRange(const ColumnView* column, OrderRange range)
      : column_(column), values_(column->values<T>()), range_(range) {}
  bool Test(Dense row) const {
    return range_.Has(OrderKey(static_cast<Wide>(values_[row]))) && !column_->IsNull(row);
  }

 private:
  const ColumnView* const column_;
  const T* const values_;
  const OrderRange range_;
};

class TextEquals final : public RunCondition<TextEquals> {
 public:
  TextEquals(const ColumnView* column, std::string_view text) : column_(column), text_(text) {}
  bool Test(Dense row) const { return column_->StringAt(row) == text_ && !column_->IsNull(row); }

 private:
  const ColumnView* const column_;
  const std::string_view text_;
};

class TextHit final : public RunCondition<TextHit> {
 public:
  explicit TextHit(const TextHits* hits) : hits_(hits) {}
  bool Test(Dense row) const { return hits_->rows && hits_->rows->Has(row); }

 private:
  const TextHits* const hits_;
};

/// Any condition, interpreted.
class Interpreted final : public RunCondition<Interpreted> {
 public:
  explicit Interpreted(BoundExprPtr expr) : expr_(std::move(expr)) {}
  bool Test(Dense row) const {
    const Cell cell = expr_->Eval(Env{&row, nullptr});
    return cell.kind == Cell::Kind::kBool && cell.boolean;
  }

 private:
  const BoundExprPtr expr_;
};

class NotNull final : public RunCondition<NotNull> {
 public:
  explicit NotNull(BoundExprPtr expr) : expr_(std::move(expr)) {}
  bool Test(Dense row) const { return !expr_->Eval(Env{&row, nullptr}).is_null(); }

 private:
  const BoundExprPtr expr_;
};

using Made = std::unique_ptr<RowCondition>;

/// `property op constant` with the property on the left.
struct PropertyTest {
  const ir::PropertyRef* property = nullptr;
  ir::CompareOp op = ir::CompareOp::kEqual;
  ir::ExprPtr constant;
};

std::optional<ir::CompareOp> Mirrored(ir::CompareOp op) {
  switch (op) {
    case ir::CompareOp::kEqual:
    case ir::CompareOp::kNotEqual: return op;
    case ir::CompareOp::kLess: return ir::CompareOp::kGreater;
    case ir::CompareOp::kLessEqual: return ir::CompareOp::kGreaterEqual;
    case ir::CompareOp::kGreater: return ir::CompareOp::kLess;
    case ir::CompareOp::kGreaterEqual: return ir::CompareOp::kLessEqual;
    case ir::CompareOp::kContains:
    case ir::CompareOp::kStartsWith: return std::nullopt;
  }
  TARN_UNREACHABLE("a CompareOp outside its enum");
}

PropertyTest PropertyTestOf(const QueryState& state, const ir::ExprPtr& condition) {
  const auto* compare = std::get_if<ir::Compare>(&condition->node);
  if (compare == nullptr) return {};
  const auto* left = std::get_if<ir::PropertyRef>(&compare->left->node);
  if (left != nullptr && plan::VariablesOf(compare->right, state.query()).empty()) {
    return {left, compare->op, compare->right};
  }
  const auto* right = std::get_if<ir::PropertyRef>(&compare->right->node);
  const std::optional<ir::CompareOp> mirrored = Mirrored(compare->op);
  if (right != nullptr && mirrored && plan::VariablesOf(compare->left, state.query()).empty()) {
    return {right, *mirrored, compare->left};
  }
  return {};
}

template <typename T, typename Wide>
Made MakeInRange(const ColumnView* column, ir::CompareOp op, const Cell& constant,
                 KeyDomain domain) {
  const std::optional<OrderRange> range = RangeOf(op, constant, domain);
  if (!range) return nullptr;
  return std::make_unique<InRange<T, Wide>>(column, *range);
}

/// A test of the raw column, or nullptr when there is none for this layout and operator.
Made MakeRaw(const ColumnView* column, ir::CompareOp op, const Cell& constant) {
  switch (column->layout()) {
    case ColumnView::Layout::kInt32:
    case ColumnView::Layout::kDate32:
      return MakeInRange<int32_t, int64_t>(column, op, constant, KeyDomain::kSigned);
    case ColumnView::Layout::kInt64:
    case ColumnView::Layout::kDate64:
      return MakeInRange<int64_t, int64_t>(column, op, constant, KeyDomain::kSigned);
    case ColumnView::Layout::kUint32:
      return MakeInRange<uint32_t, int64_t>(column, op, constant, KeyDomain::kSigned);
    case ColumnView::Layout::kUint64:
      return MakeInRange<uint64_t, uint64_t>(column, op, constant, KeyDomain::kUnsigned);
    case ColumnView::Layout::kFloat32:
      return MakeInRange<float, double>(column, op, constant, KeyDomain::kSingle);
    case ColumnView::Layout::kFloat64:
      return MakeInRange<double, double>(column, op, constant, KeyDomain::kFloat);
    case ColumnView::Layout::kString32:
    case ColumnView::Layout::kString64:
      if (op == ir::CompareOp::kEqual) return std::make_unique<TextEquals>(column, constant.text());
      return nullptr;
    case ColumnView::Layout::kBool:
    case ColumnView::Layout::kList32:
    case ColumnView::Layout::kList64:
    case ColumnView::Layout::kFixedList:
    case ColumnView::Layout::kNull: return nullptr;
  }
  TARN_UNREACHABLE("a Layout outside its enum");
}

}  // namespace

Result<Made> MakeRowCondition(QueryState& state, plan::VarId variable,
                              const ir::ExprPtr& condition) {
  if (std::holds_alternative<ir::TextMatch>(condition->node)) {
    TARN_ASSIGN_OR_RETURN(const TextHits* hits, state.scores().HitsOf(condition));
    return Made(std::make_unique<TextHit>(hits));
  }
  const PropertyTest test = PropertyTestOf(state, condition);
  if (test.property != nullptr) {
    const Cell constant = state.ConstantOf(test.constant);
    if (constant.is_null()) return Made(std::make_unique<Never>());
    TARN_ASSIGN_OR_RETURN(const ColumnView* column,
                          state.ColumnOf(variable, test.property->property));
    if (Made raw = MakeRaw(column, test.op, constant)) return raw;
  }
  const std::vector<plan::VarId> live{variable};
  TARN_ASSIGN_OR_RETURN(BoundExprPtr expr, Binder(state, live).Bind(condition));
  return Made(std::make_unique<Interpreted>(std::move(expr)));
}

Result<Made> MakeNotNull(QueryState& state, plan::VarId variable, const ir::ExprPtr& argument) {
  const std::vector<plan::VarId> live{variable};
  TARN_ASSIGN_OR_RETURN(BoundExprPtr expr, Binder(state, live).Bind(argument));
  return Made(std::make_unique<NotNull>(std::move(expr)));
}

}  // namespace tarn::exec
