#include "tarn/lance/bridge_dataset.h"

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "tarn/columnar/c_data.h"
#include "tarn/lance/bridge_rows.h"
#include "tarn/lance/bridge_spec.h"
#include "tarn/lance/checks.h"
#include "tarn/store/bridge_call.h"
#include "tarn/store/bridge_status.h"

namespace tarn::lance {

using store::BridgeCall;
using store::CallBridge;
using store::Str;

Result<std::unique_ptr<Table>> BridgeTable::Make(std::shared_ptr<const store::Session> session,
                                                 std::string uri, store::DatasetHandle handle) {
  columnar::CSchema c_schema;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_ds_schema, handle.get(), c_schema.get()));
  TARN_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Schema> schema, columnar::ImportSchema(c_schema));
  return std::make_unique<BridgeTable>(std::move(session), std::move(uri), std::move(handle),
                                       std::move(schema));
}

Result<TableFacts> BridgeTable::Facts() const {
  store::BridgeBytes bytes;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_ds_info, handle(), bytes.Out()));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array fragments;
  TableFacts facts;
  if (parser.parse(bytes.view().data(), bytes.view().size()).get(json) != simdjson::SUCCESS ||
      json["rows"].get(facts.rows) != simdjson::SUCCESS ||
      json["bytes"].get(facts.bytes) != simdjson::SUCCESS ||
      json["fragments"].get(fragments) != simdjson::SUCCESS) {
    return Error(ErrorId::kInternal, "the bridge's facts of {} are not what they should be", uri_);
  }
  facts.fragments = fragments.size();
  return facts;
}

namespace {

/// The names of the files of a fragment. They are unique; what is before them says from which fork
/// they are seen.
bool ReadContent(const simdjson::dom::element& item, Fragment& fragment) {
  simdjson::dom::array files;
  if (item["files"].get(files) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element file : files) {
    std::string_view path;
    if (file.get(path) != simdjson::SUCCESS) return false;
    fragment.data += path.substr(path.rfind('/') + 1);
    fragment.data += ' ';
  }
  std::string_view deletions;
  if (item["deletion_file"].get(deletions) == simdjson::SUCCESS)
    fragment.deletions = deletions.substr(deletions.rfind('/') + 1);
  return true;
}

}  // namespace

Result<std::vector<Fragment>> BridgeTable::Fragments() const {
  store::BridgeBytes bytes;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_ds_info, handle(), bytes.Out()));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  simdjson::dom::array listed;
  bool is_whole =
      parser.parse(bytes.view().data(), bytes.view().size()).get(json) == simdjson::SUCCESS &&
      json["fragments"].get(listed) == simdjson::SUCCESS;
  std::vector<Fragment> fragments;
  for (const simdjson::dom::element item : listed) {
    Fragment& fragment = fragments.emplace_back();
    is_whole = is_whole && item["id"].get(fragment.id) == simdjson::SUCCESS &&
               item["physical_rows"].get(fragment.rows) == simdjson::SUCCESS &&
               item["deleted_rows"].get(fragment.gone) == simdjson::SUCCESS &&
               fragment.gone <= fragment.rows && ReadContent(item, fragment);
    fragment.rows -= fragment.gone;
  }
  if (!is_whole) {
    return Error(ErrorId::kInternal,
                 "the bridge's list of fragments of {} is not what it should be", uri_);
  }
  std::sort(fragments.begin(), fragments.end(),
            [](const Fragment& a, const Fragment& b) { return a.id < b.id; });
  return fragments;
}

std::unique_ptr<Table> BridgeTable::Clone() const {
  return std::make_unique<BridgeTable>(session_, uri_, store::DatasetHandle(tlb_ds_clone(handle())),
                                       schema_);
}

Result<std::unique_ptr<BatchStream>> BridgeTable::Scan(const Request& request,
                                                       const ScanSpec& spec) const {
  TARN_RETURN_IF_ERROR(request.Check());
  TARN_RETURN_IF_ERROR(CheckScan(*schema_, spec));
  store::StreamHandle stream;
  TARN_RETURN_IF_ERROR(
      CallBridge(tlb_scan, BridgeCall(request).get(), handle(), Str(ScanJson(spec)), stream.Out()));
  return ReadBridgeStream(request, std::move(stream));
}

Result<std::shared_ptr<arrow::RecordBatch>> BridgeTable::Take(
    const Request& request, std::span<const uint64_t> row_ids,
    const std::vector<std::string>& columns) const {
  TARN_RETURN_IF_ERROR(request.Check());
  TARN_RETURN_IF_ERROR(CheckTakeColumns(*schema_, columns));
  columnar::CArray array;
  columnar::CSchema schema;
  TARN_RETURN_IF_ERROR(CallBridge(tlb_take, BridgeCall(request).get(), handle(), TLB_TAKE_ROW_ID,
                                  row_ids.data(), row_ids.size(), Str(ColumnsJson(columns)),
                                  array.get(), schema.get()));
  return columnar::ImportBatch(array, schema);
}

Result<const BridgeTable*> AsBridgeTable(const Table& table) {
  if (const auto* ours = dynamic_cast<const BridgeTable*>(&table)) return ours;
  return Error(ErrorId::kInvalidArgument, "the table {} belongs to another kind of store",
               table.uri());
}

}  // namespace tarn::lance
