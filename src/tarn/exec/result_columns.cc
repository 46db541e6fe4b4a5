#include "tarn/exec/result_columns.h"

#include <arrow/api.h>
#include <arrow/compute/api_vector.h>

#include "tarn/columnar/arrow_status.h"
#include "tarn/exec/column_view.h"
#include "tarn/plan/expr_variables.h"

namespace tarn::exec {
namespace {

std::shared_ptr<arrow::DataType> ScalarType(schema::Scalar scalar) {
  switch (scalar) {
    case schema::Scalar::kString:
    case schema::Scalar::kBlob: return arrow::utf8();
    case schema::Scalar::kBool: return arrow::boolean();
    case schema::Scalar::kI32: return arrow::int32();
    case schema::Scalar::kI64: return arrow::int64();
    case schema::Scalar::kU32: return arrow::uint32();
    case schema::Scalar::kU64: return arrow::uint64();
    case schema::Scalar::kF32:
    case schema::Scalar::kVector: return arrow::float32();
    case schema::Scalar::kF64: return arrow::float64();
    case schema::Scalar::kDate: return arrow::date32();
    case schema::Scalar::kDateTime: return arrow::date64();
  }
  TARN_UNREACHABLE("a Scalar outside its enum");
}

schema::PropertyType Nullable(schema::Scalar scalar) {
  schema::PropertyType type;
  type.scalar = scalar;
  type.nullable = true;
  return type;
}

template <typename Builder, typename T>
arrow::Status AppendAs(arrow::ArrayBuilder& builder, T value) {
  return static_cast<Builder&>(builder).Append(value);
}

arrow::Status AppendCell(arrow::ArrayBuilder& builder, const Cell& cell);

template <typename Builder>
arrow::Status AppendItems(arrow::ArrayBuilder& builder, const Cell& cell) {
  auto& list = static_cast<Builder&>(builder);
  ARROW_RETURN_NOT_OK(list.Append());
  for (int64_t i = 0; i < cell.size; ++i)
    ARROW_RETURN_NOT_OK(AppendCell(*list.value_builder(), ListItem(cell, i)));
  return arrow::Status::OK();
}

arrow::Status AppendCell(arrow::ArrayBuilder& builder, const Cell& cell) {
  if (cell.is_null()) return builder.AppendNull();
  switch (builder.type()->id()) {
    case arrow::Type::STRING: return AppendAs<arrow::StringBuilder>(builder, cell.text());
    case arrow::Type::BOOL: return AppendAs<arrow::BooleanBuilder>(builder, cell.boolean);
    case arrow::Type::INT32:
      return AppendAs<arrow::Int32Builder>(builder, static_cast<int32_t>(cell.integer));
    case arrow::Type::INT64: return AppendAs<arrow::Int64Builder>(builder, cell.integer);
    case arrow::Type::UINT32:
      return AppendAs<arrow::UInt32Builder>(builder, static_cast<uint32_t>(cell.integer));
    case arrow::Type::UINT64: return AppendAs<arrow::UInt64Builder>(builder, cell.unsigned_integer);
    case arrow::Type::FLOAT:
      return AppendAs<arrow::FloatBuilder>(builder, static_cast<float>(AsDouble(cell)));
    case arrow::Type::DOUBLE: return AppendAs<arrow::DoubleBuilder>(builder, AsDouble(cell));
    case arrow::Type::DATE32:
      return AppendAs<arrow::Date32Builder>(builder, static_cast<int32_t>(cell.integer));
    case arrow::Type::DATE64: return AppendAs<arrow::Date64Builder>(builder, cell.integer);
    case arrow::Type::LIST: return AppendItems<arrow::ListBuilder>(builder, cell);
    case arrow::Type::FIXED_SIZE_LIST:
      return AppendItems<arrow::FixedSizeListBuilder>(builder, cell);
    default:
      return arrow::Status::NotImplemented("a result column of type ", builder.type()->ToString());
  }
}

Status CheckTextFits(const ColumnView& column, std::span<const uint32_t> positions) {
  int64_t bytes = 0;
  for (const uint32_t position : positions) {
    if (!column.IsNull(position)) bytes += static_cast<int64_t>(column.StringAt(position).size());
  }
  if (bytes <= INT32_MAX) return Status::Ok();
  return Error(ErrorId::kResultTooLarge,
               "a column of the answer has {} bytes of text; one answer holds up to {}", bytes,
               INT32_MAX)
      .WithHint("add a limit");
}

}  // namespace

std::shared_ptr<arrow::DataType> ArrowTypeOf(const schema::PropertyType& type) {
  if (type.scalar == schema::Scalar::kVector) {
    return arrow::fixed_size_list(arrow::field("item", arrow::float32()),
                                  static_cast<int32_t>(type.dimension));
  }
  const std::shared_ptr<arrow::DataType> scalar = ScalarType(type.scalar);
  return type.list ? arrow::list(arrow::field("item", scalar)) : scalar;
}

schema::PropertyType ResultTypeOf(const ir::ExprPtr& expr, const ir::Query& query) {
  const ir::Expr& resolved = *plan::Resolve(expr, query);
  if (const auto* aggregate = std::get_if<ir::Aggregate>(&resolved.node)) {
    if (aggregate->fn == ir::AggregateFn::kCount) return Nullable(schema::Scalar::kI64);
    if (aggregate->fn == ir::AggregateFn::kSum || aggregate->fn == ir::AggregateFn::kAvg) {
      return Nullable(schema::Scalar::kF64);
    }
    if (aggregate->fn == ir::AggregateFn::kIsum) return Nullable(schema::Scalar::kI64);
    schema::PropertyType type = ResultTypeOf(aggregate->argument, query);
    type.nullable = true;
    type.list = aggregate->fn == ir::AggregateFn::kCollect;
    return type;
  }
  if (plan::IsRanking(expr, query)) return Nullable(schema::Scalar::kF64);
  if (std::holds_alternative<ir::EntityRef>(resolved.node))
    return Nullable(schema::Scalar::kString);
  if (std::holds_alternative<ir::Now>(resolved.node)) return Nullable(schema::Scalar::kDateTime);
  const bool is_condition = std::holds_alternative<ir::TextMatch>(resolved.node) ||
                            std::holds_alternative<ir::Compare>(resolved.node);
  return is_condition ? Nullable(schema::Scalar::kBool) : resolved.type;
}

Result<std::shared_ptr<arrow::Array>> BuildColumn(const schema::PropertyType& type,
                                                  std::span<const Cell> cells,
                                                  std::span<const uint32_t> positions) {
  TARN_ARROW_ASSIGN_OR_RETURN(std::unique_ptr<arrow::ArrayBuilder> builder,
                              arrow::MakeBuilder(ArrowTypeOf(type)));
  TARN_ARROW_RETURN_IF_ERROR(builder->Reserve(static_cast<int64_t>(positions.size())));
  for (const uint32_t position : positions)
    TARN_ARROW_RETURN_IF_ERROR(AppendCell(*builder, cells[position]));
  TARN_ARROW_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, builder->Finish());
  return array;
}

Result<std::shared_ptr<arrow::Array>> TakeColumn(const std::shared_ptr<arrow::Array>& column,
                                                 std::span<const uint32_t> positions) {
  if (column->type_id() == arrow::Type::STRING) {
    TARN_ASSIGN_OR_RETURN(const std::unique_ptr<ColumnView> view, ColumnView::Make(column));
    TARN_RETURN_IF_ERROR(CheckTextFits(*view, positions));
  }
  const auto indices =
      std::make_shared<arrow::UInt32Array>(static_cast<int64_t>(positions.size()),
                                           arrow::Buffer::Wrap(positions.data(), positions.size()));
  TARN_ARROW_ASSIGN_OR_RETURN(
      std::shared_ptr<arrow::Array> taken,
      arrow::compute::Take(*column, *indices, arrow::compute::TakeOptions::NoBoundsCheck()));
  return taken;
}

}  // namespace tarn::exec
