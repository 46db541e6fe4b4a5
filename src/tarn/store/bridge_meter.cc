#include <utility>

#include <simdjson.h>

#include "tarn/store/bridge_session.h"
#include "tarn/store/bridge_status.h"

namespace tarn::store {
namespace {

uint64_t NumberAt(const simdjson::dom::element& json, std::string_view key) {
  uint64_t number = 0;
  return json[key].get(number) == simdjson::SUCCESS ? number : 0;
}

class BridgeMeter final : public Meter {
 public:
  BridgeMeter(std::shared_ptr<const Environment> environment, MeterHandle handle)
      : environment_(std::move(environment)), handle_(std::move(handle)) {}
  void* bridge_handle() const override { return handle_.get(); }

  Cost Read() const override {
    BridgeBytes bytes;
    const Status status = CallBridge(tlb_meter_read, handle_.get(), bytes.Out());
    TARN_CHECK(status.ok(), status.ToString());
    simdjson::dom::parser parser;
    simdjson::dom::element json;
    TARN_CHECK(
        parser.parse(bytes.view().data(), bytes.view().size()).get(json) == simdjson::SUCCESS,
        "the bridge's meter is not JSON");
    Cost cost;
    cost.bytes_read = NumberAt(json, "bytes_read");
    cost.bytes_written = NumberAt(json, "bytes_written");
    cost.failures = NumberAt(json, "failures");
    cost.fsyncs = NumberAt(json, "fsyncs");
    cost.barriers = NumberAt(json, "barriers");
    cost.depth = NumberAt(json, "depth");
    simdjson::dom::object calls;
    if (json["calls"].get(calls) != simdjson::SUCCESS) return cost;
    for (const auto& [key, value] : calls) {
      uint64_t count = 0;
      if (value.get(count) == simdjson::SUCCESS) cost.calls.emplace(key, count);
    }
    return cost;
  }

 private:
  const std::shared_ptr<const Environment> environment_;
  const MeterHandle handle_;
};

}  // namespace

std::unique_ptr<Meter> NewBridgeMeter(std::shared_ptr<const Environment> environment) {
  MeterHandle handle(tlb_meter_new(environment->handle()));
  return std::make_unique<BridgeMeter>(std::move(environment), std::move(handle));
}

}  // namespace tarn::store
