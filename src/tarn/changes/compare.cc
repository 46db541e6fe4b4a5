#include "tarn/changes/compare.h"

#include <algorithm>
#include <utility>

#include "tarn/base/json_writer.h"
#include "tarn/changes/feed.h"
#include "tarn/changes/limits.h"
#include "tarn/changes/token.h"
#include "tarn/write/export.h"

namespace tarn::changes {
namespace {

using catalog::Snapshot;
using catalog::TableKind;

Status CheckFits(const DiffToken& token, const DiffToken& wanted) {
  if (token.before != wanted.before || token.after != wanted.after)
    return Rejected("it is of other commits");
  return token.filter == wanted.filter ? Status::Ok() : Rejected("it was made with other filters");
}

}  // namespace

Result<Compared> Compare(const Request& request, Snapshot before, Snapshot after,
                         const Filter& filter, const std::string& page_token, size_t changes_max) {
  if (changes_max == 0) return Error(ErrorId::kInvalidArgument, "a page of nothing: a limit of 0");
  DiffToken here{.before = before.commit().id,
                 .after = after.commit().id,
                 .filter = FilterDigest(filter),
                 .position = {}};
  std::optional<Position> from;
  if (!page_token.empty()) {
    TARN_ASSIGN_OR_RETURN(const DiffToken token, DecodeDiffToken(page_token));
    TARN_RETURN_IF_ERROR(CheckFits(token, here));
    from = token.position;
  }
  TARN_ASSIGN_OR_RETURN(ChangePage page,
                        ReadPage(request.In(Phase::kRead), std::move(before), std::move(after),
                                 filter, from, std::min(changes_max, kPageChangesMax)));
  Compared compared{.page = std::move(page), .next_page_token = ""};
  if (compared.page.last) {
    here.position = *compared.page.last;
    TARN_ASSIGN_OR_RETURN(compared.next_page_token, EncodeDiffToken(here));
  }
  return compared;
}

Result<Compared> ChangesOf(const Request& request, catalog::Catalog& catalog,
                           const std::string& commit, const Filter& filter,
                           const std::string& page_token, size_t changes_max) {
  TARN_ASSIGN_OR_RETURN(Snapshot after, catalog.At(request, commit));
  const std::optional<std::string> parent = after.commit().parent_id;
  if (!parent) {
    JsonWriter detail;
    detail.BeginObject().Key("reason").String("parentless_commit");
    detail.Key("graph_commit_id").String(after.commit().id).EndObject();
    return Error(ErrorId::kDiffRefused, "commit {} has no parent to compare it with",
                 after.commit().id)
        .WithDetail("change_diff_refusal", detail.Take());
  }
  TARN_ASSIGN_OR_RETURN(Snapshot before, catalog.At(request, *parent));
  return Compare(request, std::move(before), std::move(after), filter, page_token, changes_max);
}

Result<Baseline> TakeBaseline(const Request& request, catalog::Catalog& catalog,
                              const std::string& branch, const Filter& filter,
                              const std::function<Status(std::string_view)>& sink) {
  TARN_ASSIGN_OR_RETURN(const Snapshot head, catalog.Head(request, branch));
  std::vector<std::string> types;
  for (const catalog::TableEntry& table : head.manifest().tables) {
    if (filter.Admits(table.kind, table.type_name)) types.push_back(table.type_name);
  }
  // A node and an edge type may share a name, which then means both.
  const auto of_wanted_kind = [&](std::string_view line) {
    const TableKind kind = line.starts_with("{\"edge\"") ? TableKind::kEdge : TableKind::kNode;
    const bool wanted = filter.kinds.empty() || std::find(filter.kinds.begin(), filter.kinds.end(),
                                                          kind) != filter.kinds.end();
    return wanted ? sink(line) : Status::Ok();
  };
  // No types at all would mean all of them.
  if (!types.empty())
    TARN_RETURN_IF_ERROR(write::Export(request.In(Phase::kRead), head, types, of_wanted_kind));
  Baseline baseline{.commit = head.commit().id, .cursor = ""};
  TARN_ASSIGN_OR_RETURN(baseline.cursor, CursorAt(catalog, head, filter));
  return baseline;
}

}  // namespace tarn::changes
