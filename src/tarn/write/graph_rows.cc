#include "tarn/write/graph_rows.h"

#include "tarn/base/source.h"

namespace tarn::write {

Status GraphRows::Add(const Record& record) {
  TARN_ASSIGN_OR_RETURN(TypeRows* const rows, RowsOf(record));
  if (rows == nullptr) return Status::Ok();
  rows->builder().Append(record);
  if (rows->builder().is_full()) TARN_RETURN_IF_ERROR(rows->Flush());
  if (++records_ % kCheckEveryRecords == 0 && IsCrowded()) return FlushAll();
  return Status::Ok();
}

Status GraphRows::Finish() { return FlushAll(); }

Result<TypeRows*> GraphRows::RowsOf(const Record& record) {
  if (newest_ != nullptr && newest_->layout().is_edge() == record.is_edge &&
      newest_spelling_ == record.type) {
    return newest_;
  }
  auto& spellings = record.is_edge ? edge_spellings_ : node_spellings_;
  auto found = spellings.find(record.type);
  if (found == spellings.end()) {
    TARN_ASSIGN_OR_RETURN(TypeRows* const made, MakeRows(record));
    if (made == nullptr) return made;
    found = spellings.emplace(std::string(record.type), made).first;
  }
  newest_ = found->second;
  newest_spelling_ = record.type;
  return newest_;
}

KeyLedger& GraphRows::IdsOf(const std::string& node) {
  std::unique_ptr<KeyLedger>& ledger = node_ids_[node];
  if (ledger == nullptr)
    ledger = MakeLedger(context_, TypeLayout(*context_.snapshot.schema().FindNode(node)));
  return *ledger;
}

Result<TypeRows*> GraphRows::MakeRows(const Record& record) {
  const schema::Schema& schema = context_.snapshot.schema();
  if (!record.is_edge) {
    const schema::NodeType* const node = schema.FindNode(record.type);
    if (node == nullptr) {
      ReportUnknownType(record);
      return static_cast<TypeRows*>(nullptr);
    }
    TARN_ASSIGN_OR_RETURN(
        std::unique_ptr<TypeRows> made,
        TypeRows::Make(context_, TypeLayout(*node), {.node_ids = &IdsOf(node->name)}));
    return (nodes_[node->name] = std::move(made)).get();
  }
  const schema::EdgeType* const edge = schema.FindEdge(record.type);
  if (edge == nullptr) {
    ReportUnknownType(record);
    return static_cast<TypeRows*>(nullptr);
  }
  std::unique_ptr<TypeRows>& rows = edges_[edge->name];
  if (rows == nullptr) {
    const TypeRows::Ledgers ledgers{.sources = &IdsOf(edge->from), .targets = &IdsOf(edge->to)};
    TARN_ASSIGN_OR_RETURN(rows, TypeRows::Make(context_, TypeLayout(*edge), ledgers));
  }
  return rows.get();
}

void GraphRows::ReportUnknownType(const Record& record) {
  const char* const kind = record.is_edge ? "edge" : "node";
  std::vector<std::string> known;
  for (const schema::NodeType& node : context_.snapshot.schema().nodes) {
    if (!record.is_edge) known.push_back(node.name);
  }
  for (const schema::EdgeType& edge : context_.snapshot.schema().edges) {
    if (record.is_edge) known.push_back(edge.name);
  }
  std::string reason = fmt::format("unknown {} type '{}'", kind, Shown(record.type));
  if (const std::string near = NearestName(record.type, known); !near.empty()) {
    reason += fmt::format("; did you mean '{}'?", near);
  }
  context_.problems.Add({.id = ErrorId::kUnknownRecordType,
                         .line = record.line,
                         .type = "",
                         .field = record.is_edge ? "edge" : "type",
                         .reason = std::move(reason)});
}

bool GraphRows::IsCrowded() const {
  uint64_t bytes = 0;
  for (const auto& [name, rows] : nodes_) bytes += rows->builder().bytes();
  for (const auto& [name, rows] : edges_) bytes += rows->builder().bytes();
  return bytes > static_cast<uint64_t>(context_.options.memory_bytes_max / kUnfinishedShare);
}

Status GraphRows::FlushAll() {
  for (const auto& [name, rows] : nodes_) TARN_RETURN_IF_ERROR(rows->Flush());
  for (const auto& [name, rows] : edges_) TARN_RETURN_IF_ERROR(rows->Flush());
  return Status::Ok();
}

}  // namespace tarn::write
