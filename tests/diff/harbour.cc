#include "harbour.h"

namespace tarn::diff {
namespace {

constexpr const char* kSchema = R"(
interface Tracked { seen_at: DateTime? }
node Port @description("a place ships call at") implements Tracked {
  code: String @key
  name: String @index
  region: enum(baltic, north-sea, atlantic)? @index
  depth_m: F32?
  tags: [String]?
}
node Ship implements Tracked {
  imo: I64 @key
  name: String
  built: Date?
  log: String? @index
  log_vec: Vector(3)? @embed("log", model="acme/embed-1") @index
}
edge CallsAt: Ship -> Port @card(0..) {
  berth: I32?
  arrived: DateTime
}
edge Feeds: Port -> Port { nm: F64 }
edge Flagship: Port -> Ship @card(0..1)
)";

ir::Value Tags(const std::vector<std::string>& tags) {
  ir::ValueList list;
  for (const std::string& tag : tags) list.push_back(Text(tag));
  return ir::Value{list};
}

constexpr int64_t kHour = 3'600'000;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kNewYear2026 = 1'767'225'600'000;

}  // namespace

naive::Row NodeRow(std::string id, std::map<std::string, ir::Value> values) {
  return {std::move(id), "", "", std::move(values)};
}
naive::Row EdgeRow(std::string id, std::string src, std::string dst,
                   std::map<std::string, ir::Value> values) {
  return {std::move(id), std::move(src), std::move(dst), std::move(values)};
}

ir::Value Text(std::string value) { return ir::Value{std::move(value)}; }
ir::Value Whole(int64_t value) { return ir::Value{value}; }
ir::Value Real(double value) { return ir::Value{value}; }
ir::Value Single(float value) { return ir::Value{static_cast<double>(value)}; }
ir::Value Day(int32_t days) { return ir::Value{ir::Date{days}}; }
ir::Value Moment(int64_t ms) { return ir::Value{ir::DateTime{ms}}; }

std::unique_ptr<World> MakeHarbour() {
  naive::Graph graph;
  const auto port = [](const char* code, const char* name, const char* region) {
    return NodeRow(code, {{"code", Text(code)}, {"name", Text(name)}, {"region", Text(region)}});
  };
  naive::Row gothenburg = port("SEGOT", "Gothenburg", "north-sea");
  gothenburg.values["depth_m"] = Single(19.0F);
  gothenburg.values["tags"] = Tags({"ferry", "box"});
  naive::Row gdansk = port("PLGDN", "Gdansk", "baltic");
  gdansk.values["depth_m"] = Single(15.0F);
  naive::Row helsinki = port("FIHEL", "Helsinki", "baltic");
  helsinki.values["depth_m"] = Single(13.5F);
  helsinki.values["tags"] = Tags({});
  graph.nodes["Port"] = {gothenburg, gdansk, port("EETLL", "Tallinn", "baltic"), helsinki};
  graph.nodes["Ship"] = {NodeRow("9300001", {{"imo", Whole(9300001)},
                                             {"name", Text("Alma")},
                                             {"built", Day(12539)},
                                             {"log", Text("calm seas then dense fog")},
                                             {"log_vec", ir::Value{ir::Vector{1, 0, 0}}}}),
                         NodeRow("9300002", {{"imo", Whole(9300002)},
                                             {"name", Text("Birk")},
                                             {"built", Day(15247)},
                                             {"log", Text("heavy fog near strait")},
                                             {"log_vec", ir::Value{ir::Vector{0, 1, 0}}}}),
                         NodeRow("9300003", {{"imo", Whole(9300003)}, {"name", Text("Cato")}})};
  const auto arrived = [](int64_t days, int64_t hours) {
    return Moment(kNewYear2026 + (days - 1) * kDay + hours * kHour);
  };
  graph.edges["CallsAt"] = {
      EdgeRow("c1", "9300001", "SEGOT", {{"berth", Whole(4)}, {"arrived", arrived(2, 8)}}),
      EdgeRow("c2", "9300001", "SEGOT", {{"berth", Whole(7)}, {"arrived", arrived(33, 8)}}),
      EdgeRow("c3", "9300001", "PLGDN", {{"berth", Whole(1)}, {"arrived", arrived(9, 8)}}),
      EdgeRow("c4", "9300002", "PLGDN",
              {{"arrived", Moment(kNewYear2026 + 8 * kDay + 8 * kHour + kHour / 2)}})};
  graph.edges["Feeds"] = {EdgeRow("f1", "SEGOT", "PLGDN", {{"nm", Real(330.0)}}),
                          EdgeRow("f2", "PLGDN", "EETLL", {{"nm", Real(410.0)}}),
                          EdgeRow("f3", "EETLL", "FIHEL", {{"nm", Real(43.0)}}),
                          EdgeRow("f4", "FIHEL", "PLGDN", {{"nm", Real(400.0)}})};
  graph.edges["Flagship"] = {EdgeRow("g1", "SEGOT", "9300001")};
  return std::make_unique<World>(kSchema, std::move(graph));
}

}  // namespace tarn::diff
