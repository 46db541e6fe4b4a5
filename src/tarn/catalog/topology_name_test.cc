#include "tarn/catalog/topology_name.h"

#include <gtest/gtest.h>

namespace tarn::catalog {
namespace {

// req: GRAPH-7
TEST(TopologyName, IsReadBackFromItsKey) {
  const TableEntry edge{.id = "01E", .location = "tables/01E.lance", .version = 12};
  const TableEntry fork{.id = "01N", .location = "tables/01N.lance/tree/b_01F", .version = 3};
  for (const bool out : {true, false}) {
    const TopologyName name = TopologyNameOf(edge, fork, edge, out);
    EXPECT_EQ(ParseTopologyKey(TopologyKey(name)), name);
  }
  EXPECT_EQ(TopologyKey(TopologyNameOf(edge, fork, edge, false)),
            "_topology/01E/in-main.b_01F.main-12-3-12.csr");
}

TEST(TopologyName, IsNothingElse) {
  for (const char* key :
       {"", "_topology/01E/x", "_topology/01E/out-a.b.c-1-2.csr", "_topology/01E/out-a-1-2-3.csv",
        "other/01E/out-a-1-2-3.csr", "_topology/01E/up-a-1-2-3.csr",
        "_topology/01E/out-a-01-2-3.csr", "_topology/01E/out-a-1-2-99999999999999999999.csr",
        "-1-2-3.csr", "_topology/out-a-1-2-3.csr"}) {
    EXPECT_EQ(ParseTopologyKey(key), std::nullopt) << key;
  }
}

TEST(TopologyName, TellsLinesApart) {
  const TopologyName name{.edge_table = "01E", .forks = "main.main.main", .edge_version = 1};
  TopologyName other = name;
  other.edge_version = 2;
  EXPECT_TRUE(name.IsSameLine(other));
  other.out = false;
  EXPECT_FALSE(name.IsSameLine(other));
  other = name;
  other.forks = "main.b_01F.main";
  EXPECT_FALSE(name.IsSameLine(other));
}

}  // namespace
}  // namespace tarn::catalog
