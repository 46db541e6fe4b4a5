#pragma once

#include <string>

namespace tarn::engine {

struct BuildInfo {
  std::string tarn;         ///< "0.1.0"
  std::string bridge_json;  ///< versions and features of the bridge and what it is built on, as a
                            ///< JSON object
};

BuildInfo GetBuildInfo();

}  // namespace tarn::engine
