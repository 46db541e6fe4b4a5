#pragma once

#include <optional>
#include <string>
#include <vector>

#include "world.h"

namespace tarn::diff {

/// One way to run the executor. Answers never depend on it.
struct Mode {
  uint32_t batch_rows = 4096;
  bool resident_keeps = true;
};

/// batch rows 1, 7, 4096; resident state kept or forgotten.
std::vector<Mode> AllModes();

/// Compiles the one query of a text; a failure of the test when it does not compile.
std::shared_ptr<const ir::Query> Compile(const World& world, const std::string& text);

/// Runs a query in one mode.
Result<exec::ResultSet> Run(World& world, const std::shared_ptr<const ir::Query>& query,
                            const ir::ParameterValues& parameters, const Mode& mode,
                            const Request& request = {});

/// The rows of a result, as naive::RowText writes them.
std::vector<std::string> RowTexts(const exec::ResultSet& result);

/// Compiles, runs in every mode, fails the test where an answer differs from the naive one, and
/// returns the rows: in order when the query orders them, else sorted.
std::vector<std::string> Ask(World& world, const std::string& text,
                             const std::string& params_json = "");
/// The same for a query that is compiled already; false when an answer differed.
bool AgreesWithNaive(World& world, const std::shared_ptr<const ir::Query>& query,
                     const ir::ParameterValues& parameters, const std::string& label,
                     std::vector<std::string>* rows);

}  // namespace tarn::diff
