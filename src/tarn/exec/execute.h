#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"
#include "tarn/ir/query.h"
#include "tarn/plan/plan.h"
#include "tarn/search/resident.h"

namespace tarn::exec {

/// What one operator did, for `explain analyze`.
struct OperatorActuals {
  uint64_t rows_out = 0;
  int64_t bytes_peak = 0;
  uint64_t store_calls = 0;
  int64_t nanos = 0;
};

/// Turns a String into a query vector for `nearest`. kUnsupported when no provider is configured.
using EmbedQuery =
    std::function<Result<std::vector<float>>(const ir::Nearest& nearest, std::string_view text)>;

struct ExecuteOptions {
  int64_t now_ms = 0;  ///< the value of now()
  EmbedQuery embed;
  uint32_t batch_rows = 4096;  ///< tuples per batch; tests set 1 and 7: answers never change
};

/// A complete answer: rows in their final order. Column i belongs to projection i.
struct ResultSet {
  std::vector<std::string> columns;
  std::vector<schema::PropertyType> types;
  std::shared_ptr<arrow::RecordBatch> rows;
  std::vector<OperatorActuals> actuals;  ///< by plan node id
  std::vector<std::string> adjacency;    ///< what was walked, and how it came to be: "Feeds out: …"
};

/// The plan as text, each operator with its estimates and with what it did.
std::string ExplainAnalyze(const plan::Plan& plan, const ResultSet& result);

/// Runs a plan on the snapshot it was made for. All or nothing: an error never comes with rows.
/// Errors  kMemoryBudget, kDeadlineExceeded, kCancelled from the request's limits; kResultTooLarge,
/// kCountOverflow;
///         kInvalidArgument for a value that only its use shows to be wrong (a negative number of
///         edits, a query vector of another dimension); kUnsupported for a text in nearest()
///         without a provider; storage errors.
Result<ResultSet> Execute(const Request& request, const catalog::Snapshot& snapshot,
                          search::Resident& resident, const plan::Plan& plan,
                          const ir::ParameterValues& parameters, const ExecuteOptions& options);

}  // namespace tarn::exec
