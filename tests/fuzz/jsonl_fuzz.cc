// Fuzzes graph JSONL: whatever the bytes, the reader and the row builders answer with records or
// problems, the same however the input is cut into reads, and never crash.

#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include <arrow/record_batch.h>

#include "tarn/base/clock.h"
#include "tarn/schema/ids.h"
#include "tarn/write/record_reader.h"
#include "tarn/write/row_builder.h"

namespace {

using namespace tarn;

const schema::Schema& FuzzSchema() {
  static const schema::Schema schema = schema::CompileNewSchema(R"(
node N { k: String @key  b: Bool?  i: I32?  j: I64?  u: U32?  w: U64?  f: F32?  g: F64?  d: Date?  t: DateTime?
  e: enum(a, b-c)?  v: Vector(2)?  x: Blob?  l: [String]?  m: [I32]?  q: [DateTime]?
  @range(i, -5..5)  @range(g, 0.5..)  @check(k, "^[a-z]*$") }
edge E: N -> N { w: F64? }
)")
                                           .value();
  return schema;
}

/// Reads all of `text`; the number of good records and of problems.
std::pair<size_t, size_t> ReadAll(const std::string& text) {
  std::istringstream input(text);
  write::ProblemList problems("fuzz.jsonl");
  FixedClock clock(0, 1);
  UlidFactory ulids(clock);
  const write::TypeLayout node(FuzzSchema().nodes[0]), edge(FuzzSchema().edges[0]);
  auto nodes = write::RowBuilder::Make(node, ulids, problems).value();
  auto edges = write::RowBuilder::Make(edge, ulids, problems).value();
  write::RecordReader reader(input, problems);
  size_t records = 0;
  while (true) {
    const Result<bool> more = reader.Next();
    if (!more.ok() || !*more) break;
    ++records;
    (reader.record().is_edge ? edges : nodes)->Append(reader.record());
  }
  for (auto* builder : {nodes.get(), edges.get()}) {
    if (builder->rows() == 0) continue;
    const auto batch = builder->Flush();
    if (!batch.ok() || !batch->rows->ValidateFull().ok()) std::abort();
  }
  (void)problems.ToStatus();
  return {records, problems.problems().size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto found = ReadAll(text);
  if (found != ReadAll(text + "\n\n \r\n")) std::abort();  // blank lines say nothing
  return 0;
}
