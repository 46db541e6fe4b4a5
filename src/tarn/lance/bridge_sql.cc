#include "tarn/lance/bridge_sql.h"

#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/lance/bridge_dataset.h"
#include "tarn/lance/bridge_rows.h"
#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {
namespace {

using store::BridgeCall;
using store::CallBridge;
using store::Str;

class BridgeSql final : public Sql {
 public:
  BridgeSql(std::shared_ptr<const store::Environment> environment, store::SqlHandle handle)
      : environment_(std::move(environment)), handle_(std::move(handle)) {}

  Status AddTable(std::string_view name, const Table& table) override {
    TARN_ASSIGN_OR_RETURN(const BridgeTable* ours, AsBridgeTable(table));
    return CallBridge(tlb_sql_add_dataset, handle_.get(), Str(name), ours->handle());
  }

  Status AddParquet(const Request& request, std::string_view name, std::string_view path) override {
    TARN_RETURN_IF_ERROR(request.Check());
    if (!path.starts_with('/')) {
      return Error(ErrorId::kInvalidArgument,
                   "the Parquet file '{}' is not named by an absolute path", path);
    }
    Status status = CallBridge(tlb_sql_add_parquet, BridgeCall(request).get(), handle_.get(),
                               Str(name), Str(path));
    if (status.ok() || status.id() != ErrorId::kSqlRefused) return status;
    return Error(ErrorId::kCorruptData, "'{}' is not a Parquet file: {}", path, status.message());
  }

  Result<std::unique_ptr<BatchStream>> Run(const Request& request, std::string_view sql) override {
    TARN_RETURN_IF_ERROR(request.Check());
    if (sql.size() > kSqlBytesMax) {
      return Error(ErrorId::kSqlRefused, "the SQL text has {} bytes; {} are allowed", sql.size(),
                   kSqlBytesMax);
    }
    store::StreamHandle stream;
    Status status =
        CallBridge(tlb_sql_run, BridgeCall(request).get(), handle_.get(), Str(sql), stream.Out());
    // What the planner does not implement is a text it refuses: two statements in one, for
    // instance.
    if (!status.ok() && status.id() == ErrorId::kUnsupported)
      return Status(ErrorId::kSqlRefused, status.message());
    TARN_RETURN_IF_ERROR(std::move(status));
    return ReadBridgeStream(request, std::move(stream));
  }

 private:
  const std::shared_ptr<const store::Environment> environment_;
  const store::SqlHandle handle_;
};

}  // namespace

Result<std::unique_ptr<Sql>> Sql::Open(std::shared_ptr<const store::Environment> environment,
                                       const SqlOptions& options) {
  JsonWriter json;
  json.BeginObject();
  json.Key("memory_bytes").Uint(options.memory_bytes).Key("spill_bytes").Uint(options.spill_bytes);
  json.Key("partitions").Uint(options.partitions).Key("batch_rows").Uint(options.batch_rows);
  json.EndObject();
  store::SqlHandle handle;
  TARN_RETURN_IF_ERROR(
      CallBridge(tlb_sql_new, environment->handle(), Str(json.text()), handle.Out()));
  return std::make_unique<BridgeSql>(std::move(environment), std::move(handle));
}

}  // namespace tarn::lance
