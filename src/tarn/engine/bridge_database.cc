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

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The path of a file:// address, whose bytes may be written as %20 and the like; any other text as
/// it is.
Result<std::string> PathOf(std::string_view uri) {
  constexpr std::string_view kScheme = "file://";
  if (uri.rfind(kScheme, 0) != 0) return std::string(uri);
  std::string_view rest = uri.substr(kScheme.size());
  if (rest.rfind("localhost/", 0) == 0) rest.remove_prefix(std::string_view("localhost").size());
  if (rest.empty() || rest[0] != '/') {
    return Error(ErrorId::kInvalidArgument, "'{}' names a host, and this build opens local folders",
                 uri)
        .WithHint("three slashes before an absolute path: file:///data/harbour");
  }
  std::string path;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') {
      path += rest[i];
      continue;
    }
    const int high = i + 2 < rest.size() ? HexDigit(rest[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(rest[i + 2]) : -1;
    if (low < 0) {
      return Error(ErrorId::kInvalidArgument, "'{}' holds a '%' without two hex digits", uri)
          .WithHint("write %25 for the character itself, or give the plain path");
    }
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return path;
}

/// An absolute folder for what a user may write: a relative path, a path, or a file:// address.
Result<std::string> RootOf(std::string_view uri) {
  TARN_ASSIGN_OR_RETURN(const std::string path, PathOf(uri));
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
      store::Session::Open(environment,
                           {.through_store = options.count_local_calls,
                            .durable_puts = options.durability == catalog::Durability::kFull}));
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
