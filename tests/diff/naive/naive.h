#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/ir/query.h"
#include "tarn/schema/schema.h"

/// A second opinion about what a query answers: nested loops over plain rows, written from the
/// specification of the language and from nothing else. Slow on purpose; shares no code with the
/// planner or the executor.

namespace tarn::naive {

/// A stored row. A property that is missing is null. Floats of a 32-bit property are 32-bit values
/// already.
struct Row {
  std::string id;
  std::string src;  ///< edges
  std::string dst;
  std::map<std::string, ir::Value> values;
};

struct Graph {
  const schema::Schema* schema = nullptr;  ///< outlives the graph
  std::map<std::string, std::vector<Row>> nodes;
  std::map<std::string, std::vector<Row>> edges;
};

/// A property of a node type.
struct Column {
  std::string type_name;
  std::string property;
};

/// What belongs to other rooms and has oracles of its own there. Rows are positions in
/// Graph::nodes.
struct Outside {
  int64_t now_ms = 0;
  std::function<std::vector<std::string>(std::string_view text)> tokens;
  std::function<std::optional<double>(const Column& column, std::string_view query, size_t row)>
      bm25;
  std::function<std::optional<double>(const Column& column, const ir::Value& query, size_t row)>
      distance;
};

/// All rows; in order when the query orders them. Without an order but with a limit, `rows` are all
/// rows and `rows_kept` says how many of them an answer has.
struct Answer {
  std::vector<std::vector<ir::Value>> rows;
  size_t rows_kept = 0;
  bool failed = false;  ///< a value could not be computed: there are no rows
};

Answer Evaluate(const ir::Query& query, const Graph& graph, const ir::ParameterValues& parameters,
                const Outside& outside);

/// One cell, so that two texts are equal exactly when the cells look the same in a result.
std::string CellText(const ir::Value& value);
std::string RowText(const std::vector<ir::Value>& row);

}  // namespace tarn::naive
