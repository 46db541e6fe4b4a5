#include "mutation_model.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace tarn::diff {
namespace {

std::string Null(const std::optional<int64_t>& value) {
  return value ? std::to_string(*value) : "null";
}
std::string Quoted(const std::optional<std::string>& value) {
  return value ? "\"" + *value + "\"" : "null";
}

template <typename T>
bool Compare(const std::optional<T>& left, const std::string& op, const T& right) {
  if (!left) return false;
  if (op == "=") return *left == right;
  if (op == "!=") return *left != right;
  if (op == "<") return *left < right;
  if (op == "<=") return *left <= right;
  if (op == ">") return *left > right;
  return *left >= right;
}

using Statement = MutationModel::Statement;

bool Matches(const Statement& statement, const std::string& key, const MutationModel::Node& node) {
  if (statement.column == "n") return Compare(node.n, statement.op, statement.number_value);
  if (statement.column == "u") return Compare(node.u, statement.op, statement.text_value);
  return Compare(std::optional(key), statement.op, statement.text_value);
}

bool Matches(const Statement& statement, const MutationModel::Edge& edge) {
  if (edge.type != statement.edge.type) return false;
  if (statement.column == "w") return Compare(edge.w, statement.op, statement.number_value);
  const std::string& end = statement.column == "from" ? edge.from : edge.to;
  return Compare(std::optional(end), statement.op, statement.text_value);
}

using Edges = std::vector<MutationModel::Edge>;

Edges ComeOrGone(Edges before, Edges after) {
  std::ranges::sort(before);
  std::ranges::sort(after);
  Edges differing;
  std::ranges::set_symmetric_difference(before, after, std::back_inserter(differing));
  return differing;
}

std::string Where(const Statement& statement) {
  const bool is_number = statement.column == "n" || statement.column == "w";
  return fmt::format(
      " where {} {} {}", statement.column, statement.op,
      is_number ? std::to_string(statement.number_value) : "\"" + statement.text_value + "\"");
}

}  // namespace

const char* MutationModel::Schema() {
  return "node P { k: String @key  n: I32?  u: String? @unique  @range(n, 0..9) }\n"
         "edge E: P -> P { w: I32?  @unique(src, dst, w) }\n"
         "edge One: P -> P @card(1..2) { w: I32? }\n";
}

std::string Statement::Text() const {
  switch (kind) {
    case Kind::kInsertNode: {
      std::string text = fmt::format("insert P {{ k: \"{}\"", key);
      if (node.n) text += fmt::format(" n: {}", *node.n);
      if (node.u) text += fmt::format(" u: \"{}\"", *node.u);
      return text + " }";
    }
    case Kind::kInsertEdge:
      return fmt::format("insert {} {{ from: \"{}\" to: \"{}\"{} }}", edge.type, edge.from, edge.to,
                         edge.w ? fmt::format(" w: {}", *edge.w) : "");
    case Kind::kUpdate: {
      std::string sets;
      if (sets_n) sets += node.n ? fmt::format(" n: {}", *node.n) : " n: $null_n";
      if (sets_u) sets += node.u ? fmt::format(" u: \"{}\"", *node.u) : " u: $null_u";
      return "update P set {" + sets + " }" + Where(*this);
    }
    case Kind::kDeleteNode: return "delete P" + Where(*this);
    case Kind::kDeleteEdge: return "delete " + edge.type + Where(*this);
  }
  return "";
}

Statement MutationModel::Random(std::mt19937_64& random) {
  const auto below = [&random](uint64_t end) { return static_cast<int64_t>(random() % end); };
  const auto key = [&] { return std::string(1, static_cast<char>('a' + below(8))); };
  const auto maybe = [&](int64_t value) {
    return below(4) == 0 ? std::nullopt : std::optional(value);
  };
  const std::vector<std::string> ops = {"=", "=", "=", "!=", "<", "<=", ">", ">="};
  Statement statement{.kind = Statement::Kind::kInsertNode};
  const int64_t dice = below(16);
  statement.kind = dice < 5    ? Statement::Kind::kInsertNode
                   : dice < 9  ? Statement::Kind::kInsertEdge
                   : dice < 12 ? Statement::Kind::kUpdate
                   : dice < 14 ? Statement::Kind::kDeleteNode
                               : Statement::Kind::kDeleteEdge;
  statement.key = key();
  statement.node.n = maybe(below(11));  // 10 breaks the range
  if (below(3) == 0) statement.node.u = "u" + std::to_string(below(5));
  statement.sets_n = below(2) == 0;
  statement.sets_u = !statement.sets_n || below(3) == 0;
  statement.edge = {below(3) == 0 ? "One" : "E", key(), key(), maybe(below(3))};
  const bool on_edges = statement.kind == Statement::Kind::kDeleteEdge;
  const std::vector<std::string> columns = on_edges ? std::vector<std::string>{"from", "to", "w"}
                                                    : std::vector<std::string>{"k", "k", "n", "u"};
  statement.column = columns[static_cast<size_t>(below(columns.size()))];
  statement.op = ops[static_cast<size_t>(below(ops.size()))];
  statement.text_value = statement.column == "u" ? "u" + std::to_string(below(5)) : key();
  statement.number_value = below(10);
  return statement;
}

MutationModel::Outcome MutationModel::Run(const std::vector<Statement>& statements) {
  const MutationModel before = *this;
  Outcome outcome;
  for (const Statement& statement : statements) RunOne(statement, outcome);
  outcome.accepted = Holds(before);
  if (!outcome.accepted) *this = before;
  return outcome;
}

void MutationModel::RunOne(const Statement& statement, Outcome& outcome) {
  switch (statement.kind) {
    case Statement::Kind::kInsertNode:
      nodes_[statement.key] = statement.node;
      ++outcome.nodes;
      return;
    case Statement::Kind::kInsertEdge:
      edges_.push_back(statement.edge);
      ++outcome.edges;
      return;
    case Statement::Kind::kUpdate:
      for (auto& [key, node] : nodes_) {
        if (!Matches(statement, key, node)) continue;
        if (statement.sets_n) node.n = statement.node.n;
        if (statement.sets_u) node.u = statement.node.u;
        ++outcome.nodes;
      }
      return;
    case Statement::Kind::kDeleteNode:
    case Statement::Kind::kDeleteEdge: break;
  }
  std::set<std::string> gone;
  if (statement.kind == Statement::Kind::kDeleteNode) {
    for (const auto& [key, node] : nodes_) {
      if (Matches(statement, key, node)) gone.insert(key);
    }
    for (const std::string& key : gone) nodes_.erase(key);
    outcome.nodes += gone.size();
  }
  outcome.edges += std::erase_if(edges_, [&](const Edge& edge) {
    if (statement.kind == Statement::Kind::kDeleteEdge) return Matches(statement, edge);
    return gone.contains(edge.from) || gone.contains(edge.to);
  });
}

bool MutationModel::Holds(const MutationModel& before) const {
  std::set<std::string> held;
  for (const auto& [key, node] : nodes_) {
    if (node.n && (*node.n < 0 || *node.n > 9)) return false;
    if (node.u && !held.insert(*node.u).second) return false;
  }
  std::map<std::string, int> count_by_source;
  for (const Edge& edge : edges_) {
    if (!nodes_.contains(edge.from) || !nodes_.contains(edge.to)) return false;
    if (edge.type == "One") ++count_by_source[edge.from];
    const std::string tuple = fmt::format("{} {} {}", edge.from, edge.to, Null(edge.w));
    if (edge.type == "E" && edge.w && !held.insert(tuple).second) return false;
  }
  for (const Edge& edge : ComeOrGone(before.edges_, edges_)) {
    const int count = count_by_source[edge.from];
    const bool judged = edge.type == "One" && nodes_.contains(edge.from);
    if (judged && (count < 1 || count > 2)) return false;
  }
  return true;
}

std::vector<std::string> MutationModel::Lines() const {
  std::vector<std::string> lines;
  for (const auto& [key, node] : nodes_) {
    lines.push_back(fmt::format(R"({{"type":"P","data":{{"id":"{}","k":"{}","n":{},"u":{}}}}})",
                                key, key, Null(node.n), Quoted(node.u)));
  }
  for (const Edge& edge : edges_) {
    lines.push_back(fmt::format(R"({{"edge":"{}","from":"{}","to":"{}","data":{{"w":{}}}}})",
                                edge.type, edge.from, edge.to, Null(edge.w)));
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace tarn::diff
