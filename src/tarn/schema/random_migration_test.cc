// Random pairs of schemas: what a plan says is enough to get from one to the other, and nothing
// more.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/constraint_texts.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/migration.h"
#include "tarn/schema/print.h"
#include "tarn/schema/random_schema_for_test.h"
#include "tarn/schema/typed_form.h"

namespace tarn::schema {
namespace {

constexpr uint64_t kPairs = 1200;

/// What a type is, as far as steps change it.
struct Shape {
  std::set<std::string> implements;
  std::map<std::string, std::string> properties;  // name to type
  std::set<std::string> constraints;
  bool operator==(const Shape&) const = default;
};
using Shapes = std::map<std::string, Shape>;  // by "node A"

std::string KeyOf(DeclarationKind kind, const std::string& name) {
  return fmt::format("{} {}", DeclarationWord(kind), name);
}

template <typename Type>
Shape ShapeOf(const Type& type) {
  Shape shape;
  for (const Property& property : type.properties) {
    shape.properties[property.name] = TypeName(property.type);
  }
  if constexpr (!std::is_same_v<Type, Interface>) {
    for (const auto& [text, columns] :
         ConstraintTexts(type, [](const std::string& column) { return column; })) {
      shape.constraints.insert(text);
    }
  }
  if constexpr (std::is_same_v<Type, NodeType>) {
    shape.implements = {type.interfaces.begin(), type.interfaces.end()};
  }
  return shape;
}

Shapes ShapesOf(const Schema& schema) {
  Shapes shapes;
  for (const auto& type : schema.interfaces) {
    shapes[KeyOf(DeclarationKind::kInterface, type.name)] = ShapeOf(type);
  }
  for (const auto& type : schema.nodes) {
    shapes[KeyOf(DeclarationKind::kNode, type.name)] = ShapeOf(type);
  }
  for (const auto& type : schema.edges) {
    shapes[KeyOf(DeclarationKind::kEdge, type.name)] = ShapeOf(type);
  }
  return shapes;
}

/// Replays the steps by what they say; only a new type's body is looked up.
Shapes Replay(Shapes shapes, const Migration& migration) {
  const Shapes wanted = ShapesOf(migration.next);
  for (const MigrationStep& step : migration.steps) {
    const std::string key = KeyOf(step.type_kind, step.type_name);
    switch (step.kind) {
      case StepKind::kAddType: shapes[key] = wanted.at(key); continue;
      case StepKind::kDropType: EXPECT_EQ(shapes.erase(key), 1u) << key; continue;
      case StepKind::kRespell: continue;
      case StepKind::kRenameType: {
        auto moved = shapes.extract(KeyOf(step.type_kind, step.from));
        moved.key() = key;
        shapes.insert(std::move(moved));
        continue;
      }
      default: break;
    }
    Shape& shape = shapes.at(key);
    switch (step.kind) {
      case StepKind::kChangeImplements:
        shape.implements = {step.interfaces.begin(), step.interfaces.end()};
        break;
      case StepKind::kAddProperty:
        EXPECT_TRUE(
            shape.properties.emplace(step.property_name, TypeName(*step.type_after)).second);
        break;
      case StepKind::kRenameProperty: {
        auto moved = shape.properties.extract(step.from);
        moved.key() = step.property_name;
        shape.properties.insert(std::move(moved));
        break;
      }
      case StepKind::kExtendEnum:
        shape.properties.at(step.property_name) = wanted.at(key).properties.at(step.property_name);
        break;
      case StepKind::kChangePropertyType:
        EXPECT_EQ(shape.properties.at(step.property_name), TypeName(*step.type_before));
        shape.properties.at(step.property_name) = TypeName(*step.type_after);
        break;
      case StepKind::kDropConstraint: shape.constraints.erase(step.constraint); break;
      case StepKind::kAddConstraint: shape.constraints.insert(step.constraint); break;
      case StepKind::kDropProperty:
        EXPECT_EQ(shape.properties.erase(step.property_name), 1u);
        break;
      case StepKind::kUnsupported:  // as if it were possible, so that every pair counts
        if (!step.property_name.empty()) {
          shape.properties[step.property_name] = wanted.at(key).properties.at(step.property_name);
        }
        break;
      default: break;
    }
  }
  return shapes;
}

std::vector<uint64_t> IdsOf(const Schema& schema) {
  std::vector<uint64_t> ids;
  const auto add = [&ids](const auto& types) {
    for (const auto& type : types) {
      ids.push_back(type.id);
      for (const Property& property : type.properties) ids.push_back(property.id);
    }
  };
  add(schema.interfaces);
  add(schema.nodes);
  add(schema.edges);
  return ids;
}

Schema Accepted(uint64_t seed) {
  Schema schema = MustCompile(RandomSchemaText(seed));
  AssignIds(&schema);
  return schema;
}

// req: SCHEMA-8, SCHEMA-10
TEST(RandomMigrationTest, StepsLeadFromOneSchemaToTheOther) {
  uint64_t supported = 0;
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    SCOPED_TRACE(seed);
    const Schema before = Accepted(seed);
    Schema wanted = MustCompile(RandomSchemaText(seed + 1));
    // Hints of random texts name nothing: they are tested by hand.
    for (auto& node : wanted.nodes) node.metadata.rename_from.reset();
    for (auto& edge : wanted.edges) edge.metadata.rename_from.reset();
    const auto drop_hints = [](auto& types) {
      for (auto& type : types) {
        for (Property& property : type.properties) property.rename_from.reset();
      }
    };
    drop_hints(wanted.interfaces);
    drop_hints(wanted.nodes);
    drop_hints(wanted.edges);
    const Migration migration = PlanMigration(before, wanted);
    ASSERT_TRUE(migration.is_valid());
    EXPECT_EQ(SchemaDigest(migration.next), SchemaDigest(wanted));
    std::vector<uint64_t> ids = IdsOf(migration.next);
    std::sort(ids.begin(), ids.end());
    EXPECT_TRUE(std::adjacent_find(ids.begin(), ids.end()) == ids.end()) << "an id twice";
    EXPECT_TRUE(ids.empty() || ids.back() < migration.next.next_id);
    EXPECT_TRUE(FromTypedJson(ToTypedJson(migration.next)).ok());
    supported += migration.is_supported();
    EXPECT_EQ(Replay(ShapesOf(before), migration), ShapesOf(migration.next));
  }
  EXPECT_GE(supported, kPairs / 100);
}

// req: SCHEMA-10
TEST(RandomMigrationTest, APlanToTheSameSchemaIsEmptyWhateverTheOrder) {
  for (uint64_t seed = 0; seed < kPairs; ++seed) {
    const Schema before = Accepted(seed);
    for (const std::string& text : {RandomSchemaText(seed), PrintSchema(before)}) {
      const Migration migration = PlanMigration(before, MustCompile(text));
      ASSERT_TRUE(migration.is_supported()) << seed;
      ASSERT_TRUE(migration.steps.empty()) << seed << "\n" << StepText(migration.steps[0]);
      ASSERT_EQ(ToTypedJson(migration.next).size(), ToTypedJson(before).size()) << seed;
    }
  }
}

// req: SCHEMA-10: a hundred runs and any order of declarations make the same plan.
TEST(RandomMigrationTest, PlansAreDeterministic) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Schema before = Accepted(seed);
    const Schema wanted = MustCompile(RandomSchemaText(seed + 7));
    const Schema printed = MustCompile(PrintSchema(wanted));  // the same in canonical order
    const Migration first = PlanMigration(before, wanted);
    Migration other = PlanMigration(before, printed);
    ASSERT_EQ(first.steps.size(), other.steps.size());
    for (size_t i = 0; i < first.steps.size(); ++i) other.steps[i].span = first.steps[i].span;
    EXPECT_EQ(first.steps, other.steps) << seed;
    EXPECT_EQ(ToTypedJson(first.next), ToTypedJson(other.next)) << seed;
  }
}

}  // namespace
}  // namespace tarn::schema
