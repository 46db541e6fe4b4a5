#pragma once

#include <vector>

#include "tarn/base/source.h"
#include "tarn/schema/schema.h"

namespace tarn::schema {

/// Which accepted property a wanted one continues. Either may be missing: then it is new, or
/// dropped.
struct PropertyMatch {
  const Property* before = nullptr;
  const Property* after = nullptr;
};

template <typename Type>
struct TypeMatch {
  const Type* before = nullptr;
  const Type* after = nullptr;
  std::vector<PropertyMatch> properties;  ///< wanted ones by name, then dropped ones by name
};

/// Wanted types by name, then dropped ones by name. Points into both schemas.
struct SchemaMatch {
  std::vector<TypeMatch<Interface>> interfaces;
  std::vector<TypeMatch<NodeType>> nodes;
  std::vector<TypeMatch<EdgeType>> edges;
  std::vector<Diagnostic> diagnostics;
};

/// Pairs the declarations of two schemas: by name, and by `@rename_from` where the name is new.
/// Diagnostics as PlanMigration documents them.
SchemaMatch MatchDeclarations(const Schema& accepted, const Schema& wanted);

/// The wanted schema with stable ids: matched declarations keep theirs; new types, then new
/// properties take the next ones, in the order of AssignIds.
Schema CarryIds(const SchemaMatch& match, const Schema& accepted, const Schema& wanted);

}  // namespace tarn::schema
