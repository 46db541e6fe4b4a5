#include "tarn/schema/typed_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/print.h"

namespace tarn::schema {
namespace {

using ::testing::HasSubstr;

std::string HarbourForm() { return ToTypedJson(*CompileNewSchema(HarbourText())); }

/// `text` with the one occurrence of `from` replaced.
std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// req: SCHEMA-1, SCHEMA-3
TEST(TypedFormTest, HarbourRoundTrips) {
  const std::string form = HarbourForm();
  const Result<Schema> read = FromTypedJson(form);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(ToTypedJson(*read), form);
  EXPECT_EQ(read->FindNode("Port")->key_columns, std::vector<std::string>{"code"});
}

// The shape is a contract: stored files and plans hold it.
TEST(TypedFormTest, HasItsDocumentedShape) {
  const std::string form = ToTypedJson(
      *CompileNewSchema("node N @description(\"d\") { k: I32 @key v: Vector(3)? @index(metric=l2) "
                        "e: enum(b, a) @note(1, x=0.5) l: [String]? @range(k, ..-5) }"
                        "edge E: N -> N @card(1..)"));
  EXPECT_EQ(
      form,
      R"({"format":1,"next_id":7,"interfaces":[],"nodes":[{"name":"N","id":1,"implements":[],)"
      R"("properties":[{"name":"e","id":3,"type":{"scalar":"String","nullable":false,)"
      R"("list":false,"enum_values":["a","b"]},"injected":false,)"
      R"("annotations":[{"name":"note","argument":{"integer":"1"},"keywords":[{"name":"x",)"
      R"("value":{"float":"0.5"}}]}]},{"name":"k","id":4,"type":{"scalar":"I32",)"
      R"("nullable":false,"list":false,"enum_values":null},"injected":false},{"name":"l",)"
      R"("id":5,"type":{"scalar":"String","nullable":true,"list":true,"enum_values":null},)"
      R"("injected":false},{"name":"v","id":6,"type":{"scalar":{"Vector":3},"nullable":true,)"
      R"("list":false,"enum_values":null},"injected":false}],"constraints":[{"kind":"key",)"
      R"("form":"property","columns":["k"]},{"kind":"index","form":"property",)"
      R"("columns":["v"],"metric":"l2"},{"kind":"range","property":"k",)"
      R"("high":{"integer":"-5"}}],"description":"d"}],"edges":[{"name":"E","id":2,)"
      R"("from":"N","to":"N","cardinality":{"min":1,"max":null},"properties":[],)"
      R"("constraints":[]}]})");
  EXPECT_TRUE(FromTypedJson(form).ok());
}

struct Spoilt {
  const char* from;
  const char* to;
  const char* why;
};

/// Each is one change of the harbour form, and words of the refusal.
const Spoilt kSpoilt[] = {
    {"{\"format\":1", "{\"format\":1,\"extra\":0", "member 'extra' is unknown"},
    {"{\"format\":1", "{\"format\":1,\"format\":1", "member 'format' is there twice"},
    {"{\"format\":1", "{\"format\":0", "format 0"},
    {"{\"format\":1", "{\"format\":\"1\"", "no whole number"},
    {"{\"format\":1,", "{", "member 'format' is missing"},
    {"\"next_id\":24", "\"next_id\":23", "stable ids"},
    {",\"constraints\":[]}]}", "}]}", "member 'constraints' is missing"},
    {"\"properties\":[],", "", "member 'properties' is missing"},
    {"\"next_id\":24", "\"next_id\":1", "stable ids"},
    {"\"next_id\":24", "\"next_id\":-1", "no whole number"},
    {"\"id\":8", "\"id\":9", "stable ids"},
    {"\"id\":8", "\"id\":0", "stable ids"},
    {"\"id\":8", "\"id\":8.0", "no whole number"},
    {"\"name\":\"code\"", "\"name\":\"Code\"", "no such name"},
    {"\"name\":\"code\"", "\"name\":\"code \"", "no such name"},
    {"\"name\":\"code\"", "\"name\":\"zode\"", "unknown property"},
    {"\"name\":\"code\"", "\"name\":\"_rowid\"", "reserved"},
    {"\"name\":\"code\"", "\"name\":\"depth_m\"", "declared twice"},
    {"\"name\":\"Port\"", "\"name\":\"port\"", "no such name"},
    {"\"name\":\"Port\"", "\"name\":\"Pier\"", "unknown node type"},
    {"\"implements\":[\"Tracked\"]", "\"implements\":[]", "contradict"},
    {"\"implements\":[\"Tracked\"]", "\"implements\":[\"Nothing\"]", "unknown interface"},
    {"\"implements\":[\"Tracked\"]", "\"implements\":[5]", "no list of texts"},
    {"\"injected\":false", "\"injected\":true", "contradict"},
    {"\"injected\":true", "\"injected\":1", "neither true nor false"},
    {"\"scalar\":\"F32\"", "\"scalar\":\"F16\"", "is no type"},
    {"{\"Vector\":3}", "{\"Vector\":0}", "dimension is 0"},
    {"{\"Vector\":3}", "{\"Vector\":2147483648}", "no whole number"},
    {"{\"Vector\":3}", "[3]", "it is no object"},
    {"[\"atlantic\",\"baltic\",\"north-sea\"]", "[\"baltic\",\"atlantic\"]", "values of an enum"},
    {"[\"atlantic\",\"baltic\",\"north-sea\"]", "[\"a\",\"a\"]", "values of an enum"},
    {"[\"atlantic\",\"baltic\",\"north-sea\"]", "[]", "values of an enum"},
    {"[\"atlantic\",\"baltic\",\"north-sea\"]", "[\"a b\"]", "values of an enum"},
    {"\"scalar\":\"Blob\",\"nullable\":true,\"list\":false",
     "\"scalar\":\"Blob\",\"nullable\":true,\"list\":true", "no list"},
    {"\"kind\":\"key\"", "\"kind\":\"lock\"", "no kind of constraint"},
    {"\"form\":\"property\"", "\"form\":\"side\"", "no form of a constraint"},
    {"\"columns\":[\"src\",\"dst\",\"arrived\"]", "\"columns\":[]", "wrong number of columns"},
    {"\"columns\":[\"src\",\"dst\",\"arrived\"]", "\"columns\":[\"src\",\"src\"]", "twice"},
    {"\"low\":{\"float\":\"0.5\"}", "\"low\":{\"float\":\"0.5.\"}", "number is malformed"},
    {"\"low\":{\"float\":\"0.5\"}", "\"low\":{\"float\":\"99.5\"}", "holds for no value"},
    {"\"low\":{\"float\":\"0.5\"}", "\"low\":{\"string\":\"0.5\"}", "bound is no number"},
    {"\"low\":{\"float\":\"0.5\"}", "\"low\":{\"float\":\"0.5\",\"bool\":\"true\"}", "is unknown"},
    {"^[A-Z]{5}$", "^[A-Z", "does not compile"},
    {"\"cardinality\":{\"min\":0,\"max\":1}", "\"cardinality\":{\"min\":2,\"max\":1}",
     "exceeds max"},
    {"\"cardinality\":{\"min\":0,\"max\":1}", "\"cardinality\":{\"min\":0,\"max\":4294967296}",
     "no whole number"},
    {"\"from\":\"Ship\"", "\"from\":\"Shop\"", "unknown node type"},
    {"\"embed\":{\"property\":\"log\"", "\"embed\":{\"property\":\"imo\"",
     "requires a String source"},
    {"\"description\":\"a place ships call at\"", "\"description\":\"\"", "not blank"},
    {"\"description\":\"a place ships call at\"",
     "\"annotations\":[{\"name\":\"range\",\"argument\":{\"integer\":\"1\"},\"keywords\":[]}]",
     "stored as an annotation"},
    {"\"description\":\"a place ships call at\"",
     "\"annotations\":[{\"name\":\"x\",\"argument\":{\"integer\":\"--1\"},\"keywords\":[]}]",
     "number is malformed"},
};

// req: SCHEMA-3
TEST(TypedFormTest, RefusesWhatItCannotHaveWritten) {
  const std::string form = HarbourForm();
  for (const Spoilt& spoilt : kSpoilt) {
    const Result<Schema> read = FromTypedJson(Replace(form, spoilt.from, spoilt.to));
    ASSERT_FALSE(read.ok()) << spoilt.to;
    EXPECT_EQ(read.status().id(), ErrorId::kSchemaFormCorrupt) << spoilt.to;
    EXPECT_THAT(read.status().message(), HasSubstr(spoilt.why)) << spoilt.to;
  }
}

TEST(TypedFormTest, RefusesOtherTexts) {
  for (const char* text : {"", "{", "null", "[]", "{}", "5", "{\"format\":1} x",
                           "{\"format\":1,\"next_id\":1,\"interfaces\":[],\"edges\":[]}", "\xFF"}) {
    EXPECT_EQ(FromTypedJson(text).status().id(), ErrorId::kSchemaFormCorrupt) << text;
  }
  EXPECT_EQ(FromTypedJson(Replace(HarbourForm(), "{\"format\":1", "{\"format\":2,\"news\":0"))
                .status()
                .id(),
            ErrorId::kSchemaFormUnsupported);
  EXPECT_EQ(FromTypedJson(std::string(2000, '[')).status().id(), ErrorId::kSchemaFormCorrupt);
}

TEST(TypedFormTest, EveryPrefixIsRefused) {
  const std::string form = HarbourForm();
  for (size_t size = 0; size < form.size(); size += 7) {
    EXPECT_FALSE(FromTypedJson(form.substr(0, size)).ok()) << size;
  }
}

// trap: 53
TEST(SchemaDigestTest, DoesNotSeeOrderLayoutOrHints) {
  const std::string a = SchemaDigest(MustCompile(
      "interface I { x: I32 y: I32 }\nnode N @a @b(1) implements I { p: String q: enum(u, v) "
      "@unique(p, q) @index(p) @range(x, 0.50..060) }"
      "node M { k: I32 l: I32 @key(k, l) }\nedge E: M -> N { r: I32 s: I32 @unique(src, r) }"));
  const std::string b = SchemaDigest(
      MustCompile("edge E: M -> N { s: I32 r: I32 @rename_from(old) @unique(r, src) } // edges "
                  "first\nnode M @rename_from(Was) { l: I32 k: I32 @key(l, k) }"
                  "node N @b(1) @a implements I { @range(x, 0.5..60) @index(p) @unique(q, p) q: "
                  "enum(v, u) p: String } interface I { y: I32 x: I32 }"));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.size(), 64u);
}

TEST(SchemaDigestTest, SeesWhatASchemaMeans) {
  const std::string base = "node N { a: I32 b: String? v: Vector(2) @key(a) } edge E: N -> N";
  std::set<std::string> digests = {SchemaDigest(MustCompile(base))};
  const std::vector<std::string> others = {
      "node N { a: I64 b: String? v: Vector(2) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String v: Vector(2) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(3) @key(a) } edge E: N -> N",
      "node N { a: I32 @key b: String? v: Vector(2) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @key(a) @index(b) } edge E: N -> N",
      "node N { a: I32 b: String? @index v: Vector(2) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @index(metric=l2) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @embed(b) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @key(a) } edge E: N -> N @card(0..1)",
      "node N @description(\"x\") { a: I32 b: String? v: Vector(2) @key(a) } edge E: N -> N",
      "node N @x { a: I32 b: String? v: Vector(2) @key(a) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @key(a) } edge E: N -> N node M {}",
      "node N { a: I32 b: String? v: Vector(2) @key(a) @range(a, 0..) } edge E: N -> N",
      "node N { a: I32 b: String? v: Vector(2) @key(a) @range(a, ..0) } edge E: N -> N",
      "interface I { b: String? } node N implements I { a: I32 v: Vector(2) @key(a) } edge E: N -> "
      "N",
      "interface I { b: String? } node N implements I { a: I32 b: String? v: Vector(2) @key(a) } "
      "edge E: N -> N",
  };
  for (const std::string& other : others) {
    EXPECT_TRUE(digests.insert(SchemaDigest(MustCompile(other))).second) << other;
  }
}

// Stored manifests hold digests: a change here is a change of the format.
TEST(SchemaDigestTest, IsStable) {
  Schema schema = MustCompile(HarbourText());
  const std::string digest = SchemaDigest(schema);
  AssignIds(&schema);
  EXPECT_EQ(SchemaDigest(schema), digest);
  EXPECT_EQ(digest, "750d076ecd33671beca78c3edcac110f4fe69f29e0c6742af4d8ef074356c979");
}

// req: SCHEMA-27
TEST(PrintSchemaTest, IsCanonical) {
  const std::string printed = PrintSchema(MustCompile(
      "edge Z: B -> A edge Y: A -> B @card(1..2) @note { w: I32? @unique @unique(src, dst) }\n"
      "node B implements J, I { own: [String]? } node A @description(\"say \\\"hi\\\"\\n\") { }\n"
      "interface J { j: enum(b, a) @key } interface I { i: Vector(4)? @index(metric=l2, "
      "kind=ivf_flat) }"));
  EXPECT_EQ(printed,
            "interface I {\n  i: Vector(4)? @index(kind=\"ivf_flat\", metric=\"l2\")\n}\n\n"
            "interface J {\n  j: enum(a, b) @key\n}\n\n"
            "node A @description(\"say \\\"hi\\\"\\n\") {}\n\n"
            "node B implements I, J {\n  own: [String]?\n}\n\n"
            "edge Y: A -> B @card(1..2) @note {\n  w: I32? @unique\n  @unique(src, dst)\n}\n\n"
            "edge Z: B -> A\n");
}

}  // namespace
}  // namespace tarn::schema
