#pragma once

#include <set>
#include <string>
#include <vector>

#include "tarn/catalog/snapshot.h"
#include "tarn/lance/table.h"
#include "tarn/schema/migration.h"
#include "tarn/write/type_layout.h"

namespace tarn::write {

/// What rows of one type have to show before the migration is allowed.
struct RowRules {
  std::set<std::string> not_null;  ///< properties that may be null no longer
  std::set<std::string> values;    ///< properties whose enum, range or pattern is new
  std::vector<std::vector<std::string>> uniques;  ///< tuples that no two rows may share
  bool key = false;                               ///< ids have to be what the key makes of the row
  bool cardinality = false;  ///< edges of each source have to be as many as @card says

  bool empty() const {
    return not_null.empty() && values.empty() && uniques.empty() && !key && !cardinality;
  }
};

/// What a migration makes of the table of one type. Points into the snapshot's manifest and into
/// the schema it leads to.
struct TableMigration {
  TypeLayout layout;                           ///< of the type as it becomes
  const catalog::TableEntry* entry = nullptr;  ///< null: the type is new
  std::vector<lance::TableColumn> columns;     ///< of the table as it becomes; none for a new type
  bool moves = false;                          ///< the columns differ from those there are
  bool is_renamed = false;
  RowRules rules;
};

/// One for every node and edge type of `migration.next`, nodes first. The tables are opened to see
/// their columns. Precondition: the migration is supported and was planned on `head`.
Result<std::vector<TableMigration>> PlanTables(const Request& request,
                                               const catalog::Snapshot& head,
                                               const schema::Migration& migration);

/// Ids of the tables whose types the migration drops, in the order of its manifest.
std::vector<std::string> DroppedTables(const catalog::Snapshot& head,
                                       const schema::Migration& migration);

}  // namespace tarn::write
