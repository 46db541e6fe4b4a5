#include "tarn/write/export.h"

#include <algorithm>

#include <arrow/api.h>
#include <fmt/ranges.h>

#include "tarn/base/json_writer.h"
#include "tarn/base/source.h"
#include "tarn/write/cell_json.h"
#include "tarn/write/problems.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {
namespace {

using Sink = std::function<Status(std::string_view line)>;

/// "did you mean Port?", or all there are.
std::string NearTypes(const schema::Schema& schema, const std::string& name) {
  std::vector<std::string> names;
  for (const schema::NodeType& node : schema.nodes) names.push_back(node.name);
  for (const schema::EdgeType& edge : schema.edges) names.push_back(edge.name);
  const std::string near = NearestName(name, names);
  return near.empty() ? fmt::format("the schema has {}", fmt::join(names, ", "))
                      : fmt::format("did you mean {}?", near);
}

Result<std::vector<TypeLayout>> ChooseTypes(const schema::Schema& schema,
                                            const std::vector<std::string>& types) {
  for (const std::string& name : types) {
    const bool is_node =
        std::ranges::find(schema.nodes, name, &schema::NodeType::name) != schema.nodes.end();
    const bool is_edge =
        std::ranges::find(schema.edges, name, &schema::EdgeType::name) != schema.edges.end();
    if (!is_node && !is_edge)
      return Error(ErrorId::kUnknownType, "unknown export type '{}'", Shown(name))
          .WithHint(NearTypes(schema, name));
  }
  const auto wanted = [&types](const std::string& name) {
    return types.empty() || std::ranges::find(types, name) != types.end();
  };
  std::vector<TypeLayout> layouts;
  for (const schema::NodeType& node : schema.nodes) {
    if (wanted(node.name)) layouts.emplace_back(node);
  }
  for (const schema::EdgeType& edge : schema.edges) {
    if (wanted(edge.name)) layouts.emplace_back(edge);
  }
  return layouts;
}

/// Writes the lines of one batch of one type.
class LineWriter {
 public:
  explicit LineWriter(const TypeLayout& layout) : layout_(layout) {
    head_ = layout.is_edge() ? "{\"edge\":" : "{\"type\":";
    AppendJsonQuoted(layout.name(), head_);
    for (const schema::Property& property : layout.properties()) {
      AppendJsonQuoted(property.name, names_.emplace_back(","));
      names_.back() += ':';
    }
  }

  Status Bind(const arrow::RecordBatch& batch) {
    batch_ = &batch;
    cells_.clear();
    int column = layout_.first_property_column();
    for (const schema::Property& property : layout_.properties()) {
      TARN_ASSIGN_OR_RETURN(CellJson cells, CellJson::Make(property.type, batch.column(column++)));
      cells_.push_back(std::move(cells));
    }
    return Status::Ok();
  }

  std::string_view Line(int64_t row) {
    line_ = head_;
    if (layout_.is_edge()) {
      AppendText(",\"from\":", 1, row);
      AppendText(",\"to\":", 2, row);
    }
    AppendText(",\"data\":{\"id\":", 0, row);
    for (size_t i = 0; i < cells_.size(); ++i) {
      line_ += names_[i];
      cells_[i].Append(row, line_);
    }
    line_ += "}}";
    return line_;
  }

 private:
  void AppendText(std::string_view before, int column, int64_t row) {
    line_ += before;
    AppendJsonQuoted(static_cast<const arrow::StringArray&>(*batch_->column(column)).GetView(row),
                     line_);
  }

  const TypeLayout& layout_;  // outlives this
  std::string head_;
  std::vector<std::string> names_;  // ,"name":
  std::vector<CellJson> cells_;
  const arrow::RecordBatch* batch_ = nullptr;
  std::string line_;
};

Status ExportType(const Request& request, const catalog::Snapshot& snapshot,
                  const TypeLayout& layout, const Sink& sink) {
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::Table> table,
                        snapshot.OpenTable(request, layout.kind, layout.name()));
  TARN_ASSIGN_OR_RETURN(const std::unique_ptr<lance::BatchStream> stream,
                        table->Scan(request, {.columns = layout.table_schema->field_names()}));
  LineWriter writer(layout);
  while (true) {
    TARN_RETURN_IF_ERROR(request.Check());
    TARN_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, stream->Next());
    if (batch == nullptr) return Status::Ok();
    TARN_RETURN_IF_ERROR(writer.Bind(*batch));
    for (int64_t row = 0; row < batch->num_rows(); ++row)
      TARN_RETURN_IF_ERROR(sink(writer.Line(row)));
  }
}

}  // namespace

Status Export(const Request& request, const catalog::Snapshot& snapshot,
              const std::vector<std::string>& types, const Sink& sink) {
  TARN_ASSIGN_OR_RETURN(const std::vector<TypeLayout> layouts,
                        ChooseTypes(snapshot.schema(), types));
  for (const TypeLayout& layout : layouts) {
    Status exported = ExportType(request, snapshot, layout, sink);
    if (!exported.ok())
      return std::move(exported).While(fmt::format("exporting {}", layout.label()));
  }
  return Status::Ok();
}

}  // namespace tarn::write
