#pragma once

#include <string>
#include <string_view>

#include "tarn/catalog/catalog.h"

namespace tarn::changes {

/// How two commits stand to each other.
struct Relation {
  std::string base;         ///< the newest commit that both contain
  bool has_source = false;  ///< the target contains all of the source
  bool has_target = false;  ///< and the other way round
};

/// The operation of a commit that made its branch what its merged parent is, and nothing else.
inline constexpr std::string_view kFastForwardOperation = "branch:fast_forward";

/// Found from the histories of both lines, merges included. Of several newest commits that both
/// contain, none of which contains another, the one that was made last.
///
/// Errors  kCorruptData when the histories have nothing in common.
/// A fast-forward counts as the commit it brought.
Result<Relation> Relate(const Request& request, catalog::Catalog& catalog,
                        const catalog::Snapshot& source, const catalog::Snapshot& target);

}  // namespace tarn::changes
