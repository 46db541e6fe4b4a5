#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "tarn/base/status.h"

namespace tarn::search {

/// Dense number of a row in one version of a table: 0 .. count-1, in storage order of its live
/// rows. Numbers mean nothing across versions; row ids are neither dense nor unique across
/// branches, so plans carry these instead.
using Dense = uint32_t;

/// The live rows of one table version: dense number -> id string and stable row id, and back from
/// an id. Immutable, thread safe.
class Vertices {
 public:
  virtual ~Vertices() = default;
  virtual Dense count() const = 0;
  virtual std::string_view IdOf(Dense row) const = 0;
  /// Builds the id -> number map on first use (16 bytes a row), then one probe.
  virtual std::optional<Dense> Find(std::string_view id) const = 0;
  virtual std::span<const uint64_t> row_ids() const = 0;
  virtual int64_t bytes() const = 0;
};

}  // namespace tarn::search
