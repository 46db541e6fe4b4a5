#include "ask.h"

#include <algorithm>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "tarn/gq/compile.h"
#include "tarn/plan/plan.h"

namespace tarn::diff {
namespace {

template <typename ArrayType>
auto At(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

ir::Value CellOf(const arrow::Array& array, int64_t row);

ir::Value ListOf(const arrow::Array& items) {
  ir::ValueList list;
  for (int64_t i = 0; i < items.length(); ++i) list.push_back(CellOf(items, i));
  return ir::Value{list};
}

ir::Value CellOf(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return ir::Value{};
  switch (array.type_id()) {
    case arrow::Type::BOOL: return ir::Value{At<arrow::BooleanArray>(array, row)};
    case arrow::Type::INT32: return ir::Value{int64_t{At<arrow::Int32Array>(array, row)}};
    case arrow::Type::INT64: return ir::Value{At<arrow::Int64Array>(array, row)};
    case arrow::Type::UINT32: return ir::Value{int64_t{At<arrow::UInt32Array>(array, row)}};
    case arrow::Type::UINT64: {
      const uint64_t value = At<arrow::UInt64Array>(array, row);
      return value <= static_cast<uint64_t>(INT64_MAX) ? ir::Value{static_cast<int64_t>(value)}
                                                       : ir::Value{value};
    }
    case arrow::Type::FLOAT: return ir::Value{double{At<arrow::FloatArray>(array, row)}};
    case arrow::Type::DOUBLE: return ir::Value{At<arrow::DoubleArray>(array, row)};
    case arrow::Type::STRING:
      return ir::Value{static_cast<const arrow::StringArray&>(array).GetString(row)};
    case arrow::Type::DATE32: return ir::Value{ir::Date{At<arrow::Date32Array>(array, row)}};
    case arrow::Type::DATE64: return ir::Value{ir::DateTime{At<arrow::Date64Array>(array, row)}};
    case arrow::Type::LIST:
      return ListOf(*static_cast<const arrow::ListArray&>(array).value_slice(row));
    case arrow::Type::FIXED_SIZE_LIST:
      return ListOf(*static_cast<const arrow::FixedSizeListArray&>(array).value_slice(row));
    default:
      ADD_FAILURE() << "a result column of type " << array.type()->ToString();
      return ir::Value{};
  }
}

/// What is wrong with the rows of one run, or "".
std::string Difference(const ir::Query& query, const naive::Answer& answer,
                       std::vector<std::string> rows) {
  std::vector<std::string> expected;
  for (const auto& row : answer.rows) expected.push_back(naive::RowText(row));
  if (rows.size() != answer.rows_kept)
    return fmt::format("{} rows instead of {}", rows.size(), answer.rows_kept);
  if (!query.order.empty()) {
    return rows == expected ? ""
                            : fmt::format("in order:\n  {}\nnaive:\n  {}", fmt::join(rows, "\n  "),
                                          fmt::join(expected, "\n  "));
  }
  std::sort(rows.begin(), rows.end());
  std::sort(expected.begin(), expected.end());
  const bool included = std::includes(expected.begin(), expected.end(), rows.begin(), rows.end());
  return included ? ""
                  : fmt::format("as a set:\n  {}\nnaive:\n  {}", fmt::join(rows, "\n  "),
                                fmt::join(expected, "\n  "));
}

}  // namespace

std::vector<Mode> AllModes() {
  return {{4096, true}, {7, true}, {1, true}, {4096, false}, {7, false}, {1, false}};
}

std::shared_ptr<const ir::Query> Compile(const World& world, const std::string& text) {
  const SourceText source("test.gq", text);
  auto query = gq::CompileRead(source, "", world.schema());
  if (!query.ok()) {
    ADD_FAILURE() << query.status().ToString() << "\n" << text;
    return nullptr;
  }
  return std::make_shared<const ir::Query>(std::move(query).value());
}

Result<exec::ResultSet> Run(World& world, const std::shared_ptr<const ir::Query>& query,
                            const ir::ParameterValues& parameters, const Mode& mode,
                            const Request& request) {
  const catalog::Snapshot snapshot = world.snapshot();
  TARN_ASSIGN_OR_RETURN(const plan::Plan plan, plan::Choose(query, snapshot));
  exec::ExecuteOptions options;
  options.now_ms = kNowMs;
  options.batch_rows = mode.batch_rows;
  return exec::Execute(request, snapshot, world.resident(mode.resident_keeps), plan, parameters,
                       options);
}

std::vector<std::string> RowTexts(const exec::ResultSet& result) {
  std::vector<std::string> texts;
  for (int64_t row = 0; row < result.rows->num_rows(); ++row) {
    std::vector<ir::Value> cells;
    for (const auto& column : result.rows->columns()) cells.push_back(CellOf(*column, row));
    texts.push_back(naive::RowText(cells));
  }
  return texts;
}

bool AgreesWithNaive(World& world, const std::shared_ptr<const ir::Query>& query,
                     const ir::ParameterValues& parameters, const std::string& label,
                     std::vector<std::string>* rows) {
  const naive::Answer answer = naive::Evaluate(*query, world.graph(), parameters, world.outside());
  for (const Mode& mode : AllModes()) {
    const auto result = Run(world, query, parameters, mode);
    const std::string where = fmt::format("{}\nbatch_rows {} resident {}\n{}", label,
                                          mode.batch_rows, mode.resident_keeps, ir::ToText(*query));
    if (answer.failed) {
      // Without an order a limit may be reached before the row that fails.
      const bool may_end_early = query->order.empty() && query->limit.has_value();
      if (may_end_early && result.ok()) continue;
      if (!result.ok() && result.status().id() == ErrorId::kNotComputable) continue;
      ADD_FAILURE() << where << "naive: not computable\n"
                    << (result.ok() ? "answered" : result.status().ToString());
      return false;
    }
    if (!result.ok()) {
      ADD_FAILURE() << where << result.status().ToString();
      return false;
    }
    const std::string difference = Difference(*query, answer, RowTexts(*result));
    if (!difference.empty()) {
      const auto plan = plan::Choose(query, world.snapshot());
      ADD_FAILURE() << where << plan::Explain(*plan) << difference;
      return false;
    }
    if (rows != nullptr) *rows = RowTexts(*result);
  }
  if (rows != nullptr && query->order.empty()) std::sort(rows->begin(), rows->end());
  return true;
}

std::vector<std::string> Ask(World& world, const std::string& text,
                             const std::string& params_json) {
  std::vector<std::string> rows;
  const std::shared_ptr<const ir::Query> query = Compile(world, text);
  if (query == nullptr) return {"did not compile"};
  const auto parameters = gq::BindParameters(query->parameters, params_json);
  if (!parameters.ok()) {
    ADD_FAILURE() << parameters.status().ToString();
    return {"did not bind"};
  }
  AgreesWithNaive(world, query, *parameters, text, &rows);
  return rows;
}

}  // namespace tarn::diff
