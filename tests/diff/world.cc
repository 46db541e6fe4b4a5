#include "world.h"

#include <cctype>
#include <cmath>
#include <set>

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

#include "tarn/base/json_writer.h"
#include "tarn/catalog/layout.h"
#include "tarn/catalog/physical_schema.h"
#include "tarn/columnar/row_text.h"
#include "tarn/lance/memory_table.h"
#include "tarn/schema/compile.h"
#include "tarn/search/vector_scan.h"

namespace tarn::diff {
namespace {

constexpr std::string_view kRoot = "memory://diff";

std::string JsonOf(const ir::Value& value) {
  struct Writer {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(bool held) const { return held ? "true" : "false"; }
    std::string operator()(int64_t held) const { return std::to_string(held); }
    std::string operator()(uint64_t held) const { return std::to_string(held); }
    std::string operator()(double held) const {
      if (std::isnan(held)) return "NaN";
      if (std::isinf(held)) return held > 0 ? "Infinity" : "-Infinity";
      return fmt::format("{:.17g}", held);
    }
    std::string operator()(const std::string& held) const { return JsonQuoted(held); }
    std::string operator()(ir::Date held) const { return std::to_string(held.days); }
    std::string operator()(ir::DateTime held) const { return std::to_string(held.ms); }
    std::string operator()(const ir::ValueList& held) const {
      std::string text = "[";
      for (const ir::Value& item : held) text += (text.size() > 1 ? "," : "") + JsonOf(item);
      return text + "]";
    }
    std::string operator()(const ir::Vector& held) const {
      std::string text = "[";
      for (const float item : held)
        text += fmt::format("{}{:.9g}", text.size() > 1 ? "," : "", item);
      return text + "]";
    }
  };
  return std::visit(Writer{}, value.held);
}

std::string JsonRows(const std::vector<naive::Row>& rows, bool edge) {
  std::string text = "[";
  for (const naive::Row& row : rows) {
    text += fmt::format("{}{{\"id\":{}", text.size() > 1 ? "," : "", JsonQuoted(row.id));
    if (edge)
      text += fmt::format(",\"src\":{},\"dst\":{}", JsonQuoted(row.src), JsonQuoted(row.dst));
    for (const auto& [name, value] : row.values)
      text += fmt::format(",{}:{}", JsonQuoted(name), JsonOf(value));
    text += "}";
  }
  return text + "]";
}

Result<std::vector<std::vector<std::string>>> AnalysePlainly(
    const std::vector<std::string_view>& texts, std::string_view) {
  std::vector<std::vector<std::string>> tokens;
  for (const std::string_view text : texts) tokens.push_back(PlainTokens(text));
  return tokens;
}

std::vector<float> Floats(const ir::Value& value) {
  if (const auto* vector = std::get_if<ir::Vector>(&value.held)) return *vector;
  std::vector<float> floats;
  for (const ir::Value& item : std::get<ir::ValueList>(value.held)) {
    const auto* whole = std::get_if<int64_t>(&item.held);
    floats.push_back(whole != nullptr ? static_cast<float>(*whole)
                                      : static_cast<float>(std::get<double>(item.held)));
  }
  return floats;
}

}  // namespace

std::vector<std::string> PlainTokens(std::string_view text) {
  static const std::set<std::string> kStopWords = {"the", "a", "and", "then"};
  std::vector<std::string> tokens;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!word.empty()) {
      if (!kStopWords.contains(word)) tokens.push_back(word);
      word.clear();
    }
  }
  return tokens;
}

World::World(const std::string& schema_text, naive::Graph graph)
    : manifest_(std::make_shared<catalog::Manifest>()),
      graph_(std::move(graph)),
      tables_(lance::OpenMemoryTableStore(lance::NewMemoryTables())),
      keeping_(search::MakeResident(int64_t{1} << 30, AnalysePlainly)),
      forgetting_(search::MakeResident(0, AnalysePlainly)) {
  const SourceText source("test.pg", schema_text);
  schema::Compiled compiled = schema::CompileSchema(source);
  for (const Diagnostic& diagnostic : compiled.diagnostics)
    ADD_FAILURE() << RenderDiagnostic(source, diagnostic);
  manifest_->schema = std::make_shared<const schema::Schema>(std::move(*compiled.schema));
  manifest_->head.id = "01J00000000000000000000000";
  graph_.schema = manifest_->schema.get();
  for (const schema::EdgeType& edge : schema().edges) {
    AddTable(catalog::TableKind::kEdge, edge.name, catalog::PhysicalSchema(edge),
             graph_.edges[edge.name]);
  }
  for (const schema::NodeType& node : schema().nodes) {
    AddTable(catalog::TableKind::kNode, node.name, catalog::PhysicalSchema(node),
             graph_.nodes[node.name]);
  }
}

World::~World() = default;

void World::AddTable(catalog::TableKind kind, const std::string& type_name,
                     const std::shared_ptr<arrow::Schema>& columns,
                     const std::vector<naive::Row>& rows) {
  auto batch = columnar::BatchFromJson(columns, JsonRows(rows, kind == catalog::TableKind::kEdge));
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  catalog::TableEntry entry;
  entry.id = fmt::format("{}{}", catalog::TableKindName(kind), type_name);
  entry.kind = kind;
  entry.type_name = type_name;
  entry.location = catalog::TableLocation(entry.id);
  entry.rows = rows.size();
  auto staged = tables_->StageCreate({}, catalog::Under(kRoot, entry.location),
                                     lance::StreamOf(columns, {*batch}), {});
  ASSERT_TRUE(staged.ok()) << staged.status().ToString();
  auto table = tables_->CommitCreate({}, **staged, {});
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  entry.version = (*table)->version();
  manifest_->tables.push_back(std::move(entry));
}

catalog::Snapshot World::snapshot() const {
  return catalog::Snapshot(manifest_, std::string(kRoot), tables_.get());
}

naive::Outside World::outside() {
  naive::Outside outside;
  outside.now_ms = kNowMs;
  outside.tokens = PlainTokens;
  outside.bm25 = [this](const naive::Column& column, std::string_view query,
                        size_t row) -> std::optional<double> {
    auto corpus = keeping_->CorpusOf({}, snapshot(), column.type_name, column.property);
    for (const auto& scored : corpus.value()->Score(query).value()) {
      if (scored.row == row) return scored.score;
    }
    return std::nullopt;
  };
  outside.distance = [this](const naive::Column& column, const ir::Value& query,
                            size_t row) -> std::optional<double> {
    const schema::Property* property =
        schema().FindNode(column.type_name)->FindProperty(column.property);
    const naive::Row& stored = graph_.nodes.at(column.type_name)[row];
    const auto probe = search::VectorProbe::Make(property->metric, Floats(query));
    const double distance = probe.value().DistanceTo(
        std::get<ir::Vector>(stored.values.at(column.property).held).data());
    return std::isnan(distance) ? std::nullopt : std::optional(distance);
  };
  return outside;
}

}  // namespace tarn::diff
