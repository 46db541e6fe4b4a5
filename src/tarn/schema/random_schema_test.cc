// Round trips of random schemas: text -> schema -> text, typed form and digest.
#include "tarn/schema/random_schema_for_test.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tarn/schema/compile_for_test.h"
#include "tarn/schema/ids.h"
#include "tarn/schema/print.h"
#include "tarn/schema/typed_form.h"

namespace tarn::schema {
namespace {

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string File() {
    const size_t interfaces = Below(3), nodes = 1 + Below(4), edges = Below(4);
    std::vector<std::string> declarations;
    for (size_t i = 0; i < interfaces; ++i) declarations.push_back(Interface(i));
    for (size_t i = 0; i < nodes; ++i) declarations.push_back(Node(i, interfaces));
    for (size_t i = 0; i < edges; ++i) declarations.push_back(Edge(i, nodes));
    std::shuffle(declarations.begin(), declarations.end(), random_);
    std::string text;
    for (const std::string& declaration : declarations) text += declaration + Gap();
    return text;
  }

 private:
  struct Declared {
    std::string name;
    std::string type;
    bool nullable = false;
    bool list = false;
    bool has_key = false;
  };

  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  bool Chance(size_t in) { return Below(in) == 0; }
  std::string Pick(const std::vector<std::string>& from) { return from[Below(from.size())]; }
  std::string Gap() { return Pick({"\n", " ", "\n\n", " /* gap */ ", " // rest\n", "\t"}); }
  std::string Text() {
    return Pick({"\"plain\"", "\"with \\\"quotes\\\" and \\\\\"", "\"two\\nlines\\tand\\r\"",
                 "\"raw\nline\"", "\"\xC3\xA9\xE2\x82\xAC\"", "\"5\"", "\"true\""});
  }
  std::string LiteralText() {
    return Chance(2) ? Text() : Pick({"5", "0.50", "-3", "-0.5", "true", "false", "word", "007"});
  }

  std::string Opaque() {
    const std::string name = "@" + Pick({"owner", "pii", "keyed", "note", "indexing", "range"});
    if (Chance(2) || name == "@range") return " " + name;
    return " " + name + "(" + LiteralText() +
           (Chance(2) ? ", since=" + LiteralText() + ", until = " + LiteralText() : "") + ")";
  }

  std::string EnumType() {
    std::set<std::string> values;
    for (size_t i = 0; i <= Below(4); ++i) {
      values.insert(Pick({"24h", "north-sea", "a", "B_1", "-x", "7", "enum"}));
    }
    std::string out;
    for (const std::string& value : values) out += (out.empty() ? "" : ",") + value;
    return "enum(" + out + ")";
  }

  Declared Declare(const std::string& name) {
    Declared property{.name = name};
    property.type = Pick({"String", "String", "Bool", "I32", "I64", "U32", "U64", "F32", "F64",
                          "Date", "DateTime", "Blob", "Vector", "enum"});
    property.list = Chance(5) && property.type != "Blob" && property.type != "Vector" &&
                    property.type != "enum";
    property.nullable = Chance(3);
    return property;
  }

  bool IsScalar(const Declared& property) {
    return !property.list && property.type != "Blob" && property.type != "Vector";
  }
  bool IsNumber(const Declared& property) {
    return IsScalar(property) &&
           std::set<std::string>{"I32", "I64", "U32", "U64", "F32", "F64"}.contains(property.type);
  }

  std::string TypeText(const Declared& property) {
    std::string type = property.type;
    if (type == "Vector") type += "(" + std::to_string(1 + Below(5)) + ")";
    if (type == "enum") type = EnumType();
    if (property.list) type = "[" + type + "]";
    return type + (property.nullable ? "?" : "");
  }

  std::string IndexForm(const Declared& property) {
    if (Chance(2)) return " @index";
    if (property.type == "Vector") {
      return " @index(kind=ivf_pq, metric=\"" + Pick({"cosine", "l2", "dot"}) + "\")";
    }
    if (property.type == "String") return " @index(kind=\"ngram\", analyzer=simple)";
    return " @index(kind=btree)";
  }

  /// `key` may stand behind at most one property of a node.
  std::string PropertyText(const Declared& property, bool& key, const std::string& embed_source,
                           bool on_edge) {
    std::string out = property.name + ": " + TypeText(property);
    if (IsScalar(property) && !property.nullable && !key && Chance(4)) {
      key = true;
      out += " @key";
    }
    if (IsScalar(property) && Chance(5)) out += " @unique";
    if (property.type != "Blob" && !property.list && Chance(3)) out += IndexForm(property);
    const bool embeds = property.type == "Vector" && !embed_source.empty() && !on_edge && Chance(2);
    if (embeds) out += " @embed(" + embed_source + (Chance(2) ? ", model=\"m/1\")" : ")");
    if (Chance(6)) out += " @description(" + Text() + ")";
    if (Chance(8)) out += " @rename_from(\"was_" + property.name + "\")";
    if (Chance(4)) out += Opaque();
    return out;
  }

  std::string Columns(std::vector<std::string> names) {
    std::shuffle(names.begin(), names.end(), random_);
    names.resize(1 + Below(std::min<size_t>(3, names.size())));
    std::string out;
    for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
  }

  std::string Constraints(const std::vector<Declared>& properties, bool key, bool on_edge) {
    std::vector<std::string> scalars, keyable;
    std::string out;
    if (on_edge) scalars = {"src", "dst"};
    for (const Declared& property : properties) {
      if (IsScalar(property)) scalars.push_back(property.name);
      if (IsScalar(property) && !property.nullable) keyable.push_back(property.name);
      if (!on_edge && IsNumber(property) && Chance(3)) {
        out += "@range(" + property.name + ", " +
               Pick({"0..9", "-1.5..2", "..7", "3..", "-4..-4.0"}) + ")\n";
      }
      if (!on_edge && property.type == "String" && !property.list && Chance(4)) {
        out += "@check(" + property.name + ", \"^[a-z]+\\\\d\")\n";
      }
    }
    if (!scalars.empty() && Chance(2)) out += "@unique(" + Columns(scalars) + ")\n";
    if (!scalars.empty() && Chance(2)) out += "@index(" + Columns(scalars) + ")\n";
    if (!on_edge && !key && !keyable.empty() && Chance(2)) {
      out += "@key(" + Columns(keyable) + ")\n";
    }
    return out;
  }

  std::string Body(const std::string& prefix, bool key_taken, bool on_edge,
                   std::vector<std::string> extra = {}) {
    std::vector<Declared> properties;
    for (size_t i = 0; i < Below(7); ++i) properties.push_back(Declare(prefix + std::to_string(i)));
    std::string source;
    for (const Declared& property : properties) {
      if (property.type == "String" && !property.list) source = property.name;
    }
    bool key = key_taken;
    std::vector<std::string> parts = std::move(extra);
    for (const Declared& property : properties) {
      parts.push_back(PropertyText(property, key, source, on_edge));
    }
    std::shuffle(parts.begin(), parts.end(), random_);
    std::string out = "{" + Gap();
    for (const std::string& part : parts) out += part + Gap();
    return out + Constraints(properties, key, on_edge) + "}";
  }

  std::string Interface(size_t i) {
    bool key = true;  // of an interface, so that no node takes over two
    std::string out = "interface I" + std::to_string(i) + " {" + Gap();
    for (size_t p = 0; p < 1 + Below(3); ++p) {
      out +=
          PropertyText(Declare("i" + std::to_string(i) + "_" + std::to_string(p)), key, "", false) +
          Gap();
    }
    return out + "}";
  }

  std::string TypeAnnotations() {
    std::string out;
    if (Chance(3)) out += " @description(" + Text() + ")";
    if (Chance(4)) out += " @instruction(" + Text() + ")";
    if (Chance(4)) out += " @rename_from(Was)";
    if (Chance(3)) out += Opaque() + Opaque();
    return out;
  }

  std::string Node(size_t i, size_t interfaces) {
    std::string out = "node N" + std::to_string(i) + TypeAnnotations();
    std::string names;
    for (size_t k = 0; k < interfaces; ++k) {
      if (Chance(2)) names += (names.empty() ? " implements I" : ", I") + std::to_string(k);
    }
    return out + names + " " + Body("p", /*key_taken=*/false, /*on_edge=*/false);
  }

  std::string Edge(size_t i, size_t nodes) {
    std::string out = "edge E" + std::to_string(i) + ": N" + std::to_string(Below(nodes)) +
                      " -> N" + std::to_string(Below(nodes));
    if (Chance(2)) out += " @card(" + Pick({"0..1", "1..", "0..", "2..7"}) + ")";
    out += TypeAnnotations();
    return Chance(3) ? out : out + Body("q", /*key_taken=*/true, /*on_edge=*/true);
  }

  std::mt19937_64 random_;
};

constexpr uint64_t kSeeds = 1500;

}  // namespace

std::string RandomSchemaText(uint64_t seed) { return Generator(seed).File(); }

namespace {

// req: SCHEMA-1
TEST(RandomSchemaTest, TextsRoundTripThroughPrint) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const std::string text = RandomSchemaText(seed);
    const Schema schema = MustCompile(text);
    const std::string printed = PrintSchema(schema);
    const Schema again = MustCompile(printed);
    ASSERT_EQ(ToTypedJson(again), ToTypedJson(schema)) << "seed " << seed << "\n"
                                                       << text << "\n-- printed:\n"
                                                       << printed;
    ASSERT_EQ(PrintSchema(again), printed) << "seed " << seed;
    ASSERT_EQ(SchemaDigest(again), SchemaDigest(schema)) << "seed " << seed;
  }
}

// req: SCHEMA-1, SCHEMA-3
TEST(RandomSchemaTest, TypedFormsRoundTrip) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    Schema schema = MustCompile(RandomSchemaText(seed));
    if (seed % 2 == 0) AssignIds(&schema);
    const std::string json = ToTypedJson(schema);
    const Result<Schema> read = FromTypedJson(json);
    ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.status().ToString();
    ASSERT_EQ(ToTypedJson(*read), json) << "seed " << seed;
    ASSERT_EQ(SchemaDigest(*read), SchemaDigest(schema)) << "seed " << seed;
    for (size_t i = 0; i < schema.nodes.size(); ++i) {
      ASSERT_EQ(read->nodes[i].key_columns, schema.nodes[i].key_columns) << "seed " << seed;
      for (size_t p = 0; p < schema.nodes[i].properties.size(); ++p) {
        ASSERT_EQ(read->nodes[i].properties[p].metric, schema.nodes[i].properties[p].metric)
            << "seed " << seed;
      }
    }
  }
}

// Cut and spoilt texts: any verdict will do, but it comes with places and without a crash.
TEST(RandomSchemaTest, SpoiltTextsAreRefusedWithPlaces) {
  std::mt19937_64 random(5);
  const std::string_view letters = "{}()[]@:,?.-\"/*\\\n aA0_$";
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    std::string text = RandomSchemaText(seed);
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = letters[random() % letters.size()];
    const Compiled compiled = CompileText(text);
    ASSERT_EQ(compiled.schema.has_value(), compiled.diagnostics.empty()) << text;
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
      ASSERT_LT(diagnostic.span.begin, diagnostic.span.end) << diagnostic.message << "\n" << text;
      ASSERT_LE(diagnostic.span.end, text.size()) << diagnostic.message << "\n" << text;
    }
  }
}

}  // namespace
}  // namespace tarn::schema
