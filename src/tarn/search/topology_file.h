#pragma once

#include <string>
#include <string_view>

#include "tarn/search/topology.h"

namespace tarn::search {

/// A topology as the bytes of a file, with a checksum over all of them.
std::string EncodeTopology(const Topology& topology);

/// What such bytes say. The lists stay where they are: the topology takes over the text.
///
/// Errors  kCorruptData for bytes that EncodeTopology did not write, naming what is wrong with
/// them: nothing of them is used then.
Result<Topology> DecodeTopology(std::string bytes);

}  // namespace tarn::search
