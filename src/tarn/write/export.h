#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/base/request.h"
#include "tarn/catalog/snapshot.h"

namespace tarn::write {

/// Writes strict graph JSONL, nodes before edges, types by name, rows in storage order, one record
/// a line (given to `sink` without a line end): loading it into an empty warehouse of the same
/// schema reproduces ids and content. `types` empty = all; a name of both a node and an edge type
/// selects both.
///
/// Errors  kUnknownType for a name that is neither; kUnsupported for blobs on a storage that scans
/// only descriptors;
///         the sink's own. What was written before an error is not a whole export.
Status Export(const Request& request, const catalog::Snapshot& snapshot,
              const std::vector<std::string>& types,
              const std::function<Status(std::string_view line)>& sink);

}  // namespace tarn::write
