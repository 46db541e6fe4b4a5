// Opens warehouses on real storage: the one place where the engine meets the bridge.
#include <algorithm>
#include <filesystem>

#include "tarn/engine/build_info.h"
#include "tarn/engine/warehouse_database.h"
#include "tarn/lance/bridge_table.h"
#include "tarn/lance/bridge_tokenize.h"
#include "tarn/store/bridge_session.h"

namespace tarn::engine {
namespace {

constexpr std::string_view kVersion = "0.1.0";

/// An absolute folder for what a user may write: a relative path, a path, or a file:// address.
Result<std::string> RootOf(std::string_view uri) {
  std::string path(uri);
  if (path.rfind("file://", 0) == 0) path = path.substr(7);
  if (path.empty())
    return Error(ErrorId::kInvalidArgument, "the address of the warehouse is empty");
  if (path.find("://") != std::string::npos) {
    return Error(ErrorId::kUnsupported,
                 "'{}' is not a local folder, and this build opens no other storage", uri);
  }
  std::error_code failed;
  std::string root = std::filesystem::absolute(path, failed).lexically_normal().string();
  if (failed)
    return Error(ErrorId::kInvalidArgument, "'{}' is no usable path: {}", uri, failed.message());
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  return root;
}

Result<Stores> OpenStores(std::string_view uri, const OpenOptions& options) {
  TARN_ASSIGN_OR_RETURN(std::string root, RootOf(uri));
  TARN_ASSIGN_OR_RETURN(const auto environment, store::Environment::Open({}));
  TARN_ASSIGN_OR_RETURN(
      const auto session,
      store::Session::Open(environment, {.through_store = options.count_local_calls}));
  TARN_ASSIGN_OR_RETURN(auto objects, store::OpenBridgeStore(session, root));
  Stores stores{.root = std::move(root)};
  stores.session = std::const_pointer_cast<store::Session>(session);
  stores.objects = std::move(objects);
  stores.tables = lance::OpenBridgeTableStore(session);
  stores.analyser = [](const std::vector<std::string_view>& texts, std::string_view analyser) {
    return lance::Tokenize(texts, analyser);
  };
  stores.make_meter = [environment] { return store::NewBridgeMeter(environment); };
  stores.clock = &SystemClock();
  return stores;
}

}  // namespace

Status Database::Init(const Request& request, std::string_view uri, const SourceText& schema,
                      bool force, const OpenOptions& options) {
  TARN_ASSIGN_OR_RETURN(const Stores stores, OpenStores(uri, options));
  return InitWarehouse(request, stores, schema, force, options.durability);
}

Result<std::unique_ptr<Database>> Database::Open(const Request& request, std::string_view uri,
                                                 const OpenOptions& options) {
  TARN_ASSIGN_OR_RETURN(Stores stores, OpenStores(uri, options));
  return OpenWarehouse(request, std::move(stores), options);
}

BuildInfo GetBuildInfo() { return {std::string(kVersion), std::string(store::BridgeBuildInfo())}; }

}  // namespace tarn::engine
