#pragma once

#include <memory>

#include "world.h"

namespace tarn::diff {

/// The graph of the specification's examples: ports, ships, calls and feeder lines.
std::unique_ptr<World> MakeHarbour();

/// Rows for small graphs that a test writes by hand.
naive::Row NodeRow(std::string id, std::map<std::string, ir::Value> values);
naive::Row EdgeRow(std::string id, std::string src, std::string dst,
                   std::map<std::string, ir::Value> values = {});

ir::Value Text(std::string value);
ir::Value Whole(int64_t value);
ir::Value Real(double value);
ir::Value Single(float value);
ir::Value Day(int32_t days);
ir::Value Moment(int64_t ms);

}  // namespace tarn::diff
