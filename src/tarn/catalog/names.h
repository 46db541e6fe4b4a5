#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tarn/catalog/manifest.h"

/// Which names branches and tags may have.

namespace tarn::catalog {

/// The name without the blanks around it. kNameInvalid says what is wrong: empty, too long, `main`,
/// a name of Tarn's own (`__*`), or a segment that is empty, "." or "..", or holds other characters
/// than letters, digits and `._-`.
Result<std::string> CheckedBranchName(std::string_view name);
/// The same for a tag, which also must not look like a commit id, a version or a time.
Result<std::string> CheckedTagName(std::string_view name);

/// kBranchExists when a branch has this name or one above or below it in its path.
Status CheckFree(const std::vector<BranchEntry>& branches, const std::string& name);

/// "v12": the number. Nothing for any other text.
std::optional<uint64_t> VersionOf(std::string_view text);

}  // namespace tarn::catalog
