#include "tarn/engine/memory_warehouse.h"

#include <cctype>

#include "tarn/engine/warehouse_database.h"
#include "tarn/lance/memory_table.h"
#include "tarn/store/memory_meter.h"
#include "tarn/store/memory_store.h"

namespace tarn::engine {
namespace {

/// Splits at what is no letter or digit and lowers ASCII: enough for tests that do not lean on
/// stems or stop words.
Result<std::vector<std::vector<std::string>>> PlainTokens(
    const std::vector<std::string_view>& texts, std::string_view) {
  std::vector<std::vector<std::string>> out;
  for (const std::string_view text : texts) {
    std::vector<std::string>& tokens = out.emplace_back();
    std::string token;
    for (const char c : text) {
      const unsigned char byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) || byte >= 0x80) {
        token += static_cast<char>(std::tolower(byte));
      } else if (!token.empty()) {
        tokens.push_back(std::exchange(token, {}));
      }
    }
    if (!token.empty()) tokens.push_back(token);
  }
  return out;
}

class Warehouse final : public MemoryWarehouse {
 public:
  Status Init(const Request& request, const SourceText& schema) override {
    return InitWarehouse(request, MakeStores(), schema, false, catalog::Durability::kProcess);
  }
  Result<std::unique_ptr<Database>> Open(const Request& request,
                                         const OpenOptions& options) override {
    return OpenWarehouse(request, MakeStores(), options);
  }

 private:
  Stores MakeStores() {
    Stores stores{.root = "/memory"};
    stores.objects = store::OpenMemoryStore(objects_);
    stores.tables = lance::OpenMemoryTableStore(tables_);
    stores.analyser = PlainTokens;
    stores.make_meter = [] { return store::NewMemoryMeter(); };
    stores.clock = &clock_;
    return stores;
  }

  FixedClock clock_{1'700'000'000'000'000, 1, 1000};
  std::shared_ptr<store::MemoryObjects> objects_ = store::NewMemoryObjects();
  std::shared_ptr<lance::MemoryTables> tables_ = lance::NewMemoryTables();
};

}  // namespace

std::unique_ptr<MemoryWarehouse> MemoryWarehouse::Make() { return std::make_unique<Warehouse>(); }

}  // namespace tarn::engine
