#pragma once

#include <cstddef>
#include <string_view>

#include "tarn/base/status.h"

namespace tarn::store {

inline constexpr size_t kKeyBytesMax = 1024;  ///< of a whole key
inline constexpr size_t kKeySegmentMax =
    200;  ///< of one segment: file systems stop at 255, staging names add some

/// Is `key` one that every storage keeps under the same name? Segments of letters, digits and
/// `._-=`, parted by single slashes, none of them "." or "..". kInvalidArgument says what is wrong.
Status CheckKey(std::string_view key);

/// The same for the folder a listing starts from; "" is the root, one trailing slash is allowed.
Status CheckPrefix(std::string_view prefix);
/// And for a key to list after; "" = from the start.
Status CheckListing(std::string_view prefix, std::string_view after);

/// Is `address` an absolute folder or a URI, without ".."? A relative path would mean another
/// folder after a chdir, so whoever takes one from a user makes it absolute first.
Status CheckAddress(std::string_view address);

/// The meter's class of an object, told from its path as the bridge tells it: the innermost marker
/// folder decides, and everything below `__manifest` is "manifest". "other" when nothing marks it.
std::string_view ClassOf(std::string_view path);

}  // namespace tarn::store
