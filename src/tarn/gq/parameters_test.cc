#include "tarn/gq/compile.h"
#include "tarn/gq/harbour_for_test.h"

namespace tarn::gq {
namespace {

/// Binds one parameter `x` of the type to the JSON text of its value.
Result<ir::Value> Bind(std::string_view type, std::string_view json) {
  const ir::Query query = MustRead(Read("$p: Port", "$p", "", fmt::format("$x: {}", type)));
  Result<ir::ParameterValues> values =
      BindParameters(query.parameters, fmt::format("{{\"x\": {}}}", json));
  if (!values.ok()) return values.status();
  return values->at(0);
}
/// As JSON, or the error.
std::string Bound(std::string_view type, std::string_view json) {
  const Result<ir::Value> value = Bind(type, json);
  return value.ok() ? ir::ToJson(*value) : value.status().message();
}

// req: GRAPH-1
TEST(BindParameters, String) {
  EXPECT_EQ(Bound("String", "\"a\\u00e9\\n\""), "\"a\xC3\xA9\\n\"");
  EXPECT_EQ(Bound("String", "5"), "param 'x': expected string, got number");
  EXPECT_EQ(Bound("String", "[]"), "param 'x': expected string, got array");
}

// trap: 58
TEST(BindParameters, IntegersNeverPassThroughDouble) {
  EXPECT_EQ(Bind("I64", "9007199254740993").value(), ir::Value{int64_t{9007199254740993}});
  EXPECT_EQ(Bind("I64", "\"9007199254740993\"").value(), ir::Value{int64_t{9007199254740993}});
  EXPECT_EQ(Bind("I64", "-9223372036854775808").value(), ir::Value{INT64_MIN});
  EXPECT_EQ(Bind("I64", "9223372036854775807").value(), ir::Value{INT64_MAX});
  EXPECT_EQ(Bound("I64", "9223372036854775808"),
            "param 'x': value 9223372036854775808 exceeds I64");
  EXPECT_EQ(Bound("I64", "\"-9223372036854775809\""),
            "param 'x': value -9223372036854775809 exceeds I64");
}

TEST(BindParameters, SignedIntegers) {
  EXPECT_EQ(Bind("I32", "-2147483648").value(), ir::Value{int64_t{INT32_MIN}});
  EXPECT_EQ(Bound("I32", "2147483648"), "param 'x': value 2147483648 exceeds I32");
  EXPECT_EQ(Bound("I32", "\"2147483648\""), "param 'x': value 2147483648 exceeds I32");
  EXPECT_EQ(Bound("I32", "\"007\""), "7");
  EXPECT_EQ(Bound("I32", "\"+7\""), "7");
  EXPECT_EQ(Bound("I32", "-0"), "0");
  EXPECT_EQ(Bound("I32", "\"+-7\""), "param 'x': expected integer string, got '+-7'");
  EXPECT_EQ(Bound("I32", "\"\""), "param 'x': expected integer string, got ''");
  EXPECT_EQ(Bound("I32", "\" 7\""), "param 'x': expected integer string, got ' 7'");
  EXPECT_EQ(Bound("I32", "1.0"), "param 'x': expected integer number, got 1.0");
  EXPECT_EQ(Bound("I32", "1e3"), "param 'x': expected integer number, got 1e3");
  EXPECT_EQ(Bound("I32", "true"), "param 'x': expected integer number, got boolean");
}

// Departs from the reference, which stops at the largest signed value.
TEST(BindParameters, UnsignedIntegersHaveTheirFullRange) {
  EXPECT_EQ(Bind("U64", "18446744073709551615").value(), ir::Value{uint64_t{UINT64_MAX}});
  EXPECT_EQ(Bind("U64", "\"18446744073709551615\"").value(), ir::Value{uint64_t{UINT64_MAX}});
  EXPECT_EQ(Bind("U64", "9223372036854775807").value(), ir::Value{INT64_MAX});
  EXPECT_EQ(Bound("U64", "18446744073709551616"),
            "param 'x': value 18446744073709551616 exceeds U64");
  EXPECT_EQ(Bind("U32", "4294967295").value(), ir::Value{int64_t{4294967295}});
  EXPECT_EQ(Bound("U32", "4294967296"), "param 'x': value 4294967296 exceeds U32");
  EXPECT_EQ(Bound("U32", "-1"), "param 'x': expected unsigned integer number, got -1");
  EXPECT_EQ(Bound("U64", "\"-1\""), "param 'x': expected unsigned integer number, got -1");
  EXPECT_EQ(Bound("U64", "1.5"), "param 'x': expected unsigned integer number, got 1.5");
}

TEST(BindParameters, Floats) {
  EXPECT_EQ(Bind("F64", "3").value(), ir::Value{3.0});
  EXPECT_EQ(Bind("F64", "-1.5e-3").value(), ir::Value{-0.0015});
  EXPECT_EQ(Bind("F32", "13.1").value(), ir::Value{13.1});
  EXPECT_EQ(Bind("F64", "18446744073709551616").value(), ir::Value{18446744073709551616.0});
  EXPECT_EQ(Bound("F64", "\"3\""), "param 'x': expected float, got string");
  EXPECT_EQ(Bound("F64", "1e400"), "param 'x': value 1e400 exceeds F64");
  EXPECT_EQ(Bound("F64", "1e-400"), "0.0");
  EXPECT_EQ(Bound("F32", "-1e39"), "param 'x': value -1e39 exceeds F32");
}

TEST(BindParameters, BoolsAndBlobs) {
  EXPECT_EQ(Bound("Bool", "false"), "false");
  EXPECT_EQ(Bound("Bool", "\"false\""), "param 'x': expected boolean, got string");
  EXPECT_EQ(Bound("Blob", "\"base64:AAE=\""), "\"base64:AAE=\"");
  EXPECT_EQ(Bound("Blob", "null"), "param 'x': null is not accepted for non-nullable parameter");
  EXPECT_EQ(Bound("Blob", "1"), "param 'x': expected blob URI string, got number");
}

// Departs from the reference, which looks at a date only when it is used. trap: 44
TEST(BindParameters, DatesAreReadAtOnce) {
  EXPECT_EQ(Bind("Date", "\"1970-01-02\"").value(), ir::Value{ir::Date{1}});
  EXPECT_EQ(Bind("Date", "\"1970-01-01T23:30:00-01:00\"").value(), ir::Value{ir::Date{1}});
  EXPECT_EQ(Bound("Date", "\"1970-02-30\""), "param 'x': invalid Date literal '1970-02-30'");
  EXPECT_EQ(Bound("Date", "1"), "param 'x': expected date string, got number");
  EXPECT_EQ(Bind("DateTime", "\"1970-01-01T00:00:01.5+00:00\"").value(),
            ir::Value{ir::DateTime{1500}});
  EXPECT_EQ(Bound("DateTime", "\"noon\""), "param 'x': invalid DateTime literal 'noon'");
  EXPECT_EQ(Bound("DateTime", "0"), "param 'x': expected datetime string, got number");
}

TEST(BindParameters, Lists) {
  EXPECT_EQ(Bind("[I64]", "[\"9007199254740993\", 2]").value(),
            ir::Value{(ir::ValueList{{int64_t{9007199254740993}}, {int64_t{2}}})});
  EXPECT_EQ(Bound("[String]", "[]"), "[]");
  EXPECT_EQ(Bound("[Date]", "[\"1970-01-01\"]"), "[\"1970-01-01\"]");
  EXPECT_EQ(Bound("[I64]", "5"), "param 'x': expected array for [I64], got number");
  EXPECT_EQ(Bound("[I64]", "[1, null]"), "param 'x': null is not accepted as a list element");
  EXPECT_EQ(Bound("[I64]", "[[1]]"), "param 'x': expected integer number, got array");
  EXPECT_EQ(Bound("[I64]?", "null"), "null");
}

TEST(BindParameters, Vectors) {  // trap: 42
  EXPECT_EQ(Bind("Vector(2)", "[0.5, 1]").value(), ir::Value{(ir::Vector{0.5f, 1.0f})});
  EXPECT_EQ(Bound("Vector(3)", "[1, 2]"), "param 'x': expected 3 values for Vector(3), got 2");
  EXPECT_EQ(Bound("Vector(2)", "[1, 2, 3]"), "param 'x': expected 2 values for Vector(2), got 3");
  EXPECT_EQ(Bound("Vector(2)", "[1, \"2\"]"), "param 'x': vector element is not numeric");
  EXPECT_EQ(Bound("Vector(2)", "[1, null]"), "param 'x': vector element is not numeric");
  EXPECT_EQ(Bound("Vector(1)", "[1e39]"), "param 'x': value 1e39 exceeds F32");
  EXPECT_EQ(Bound("Vector(1)", "1"), "param 'x': expected array for Vector(1), got number");
}

TEST(BindParameters, Nulls) {
  EXPECT_EQ(Bound("I64?", "null"), "null");
  EXPECT_EQ(Bound("I64", "null"), "param 'x': null is not accepted for non-nullable parameter");
  EXPECT_TRUE(Bound("I64?", "nul").starts_with("params is not valid JSON"));
}

// Departs from the reference, which returns every row when a parameter is missing.
TEST(BindParameters, AMissingRequiredParameterIsAnError) {
  const ir::Query query = MustRead(Read("$p: Port", "$p", "", "$code: String, $since: Date?"));
  for (const char* json : {"", "  ", "null", "{}", "{\"since\": null}"}) {
    const Result<ir::ParameterValues> values = BindParameters(query.parameters, json);
    EXPECT_EQ(values.status().message(), "parameter 'code' not provided") << json;
    EXPECT_EQ(values.status().id(), ErrorId::kParameterInvalid);
  }
  const Result<ir::ParameterValues> misspelt = BindParameters(query.parameters, R"({"cod": "x"})");
  EXPECT_EQ(misspelt.status().hint(), "of the keys given, did you mean `cod`?");
  const Result<ir::ParameterValues> values = BindParameters(query.parameters, R"({"code": "x"})");
  ASSERT_TRUE(values.ok());
  EXPECT_TRUE(values->at(1).is_null());
}

TEST(BindParameters, FollowsTheExampleOfTheSpecification) {
  const ir::Query query =
      MustRead(Read("$p: Port", "$p", "", "$ids: [I64], $since: Date?, $v: Vector(2)"));
  const Result<ir::ParameterValues> values =
      BindParameters(query.parameters, R"({"ids":["9007199254740993",2],"v":[0.5,1]})");
  ASSERT_TRUE(values.ok()) << values.status().ToString();
  EXPECT_EQ(ir::ToJson(values->at(0)), "[9007199254740993,2]");
  EXPECT_TRUE(values->at(1).is_null());
  EXPECT_EQ(ir::ToJson(values->at(2)), "[0.5,1.0]");
}

TEST(BindParameters, NamesWhatNobodyDeclared) {
  const Result<BoundParameters> bound = BindParametersReporting(
      {}, R"({"a": 1, "b": "x", "c": [null, [true, 1.5e3]], "d": null, "e": false})");
  ASSERT_TRUE(bound.ok()) << bound.status().ToString();
  EXPECT_EQ(bound->undeclared, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  EXPECT_EQ(BindParameters({}, R"({"a": {}})").status().message(),
            "param 'a': object is not supported");
  EXPECT_EQ(BindParameters({}, R"({"a": [{}]})").status().message(),
            "param 'a': object is not supported");
}

// trap: 57
TEST(BindParameters, RefusesAKeyWrittenTwice) {
  EXPECT_EQ(BindParameters({}, R"({"a": 1, "a": 1})").status().message(),
            "param 'a': the key is written twice");
  EXPECT_EQ(BindParameters({}, R"({"a": 1, "\u0061": 1})").status().message(),
            "param 'a': the key is written twice");
}

TEST(BindParameters, RefusesWhatIsNoJson) {
  for (const char* json : {"{", "{\"a\"}", "{\"a\": }", "{\"a\": 1,}", "{\"a\": 01}", "{\"a\": 1x}",
                           "{\"a\": 1 2}", "{\"a\": tru}", "{\"a\": nulll}", "{\"a\": \"\\q\"}",
                           "{\"a\": 1} 2", "{\"a\": .5}", "{\"a\": 5.}", "{\"a\": +5}", "{a: 1}",
                           "{\"a\": \"\xFF\"}", "{\"a\": [1,]}", "{\"a\": [1 2]}"}) {
    const Result<ir::ParameterValues> values = BindParameters({}, json);
    ASSERT_FALSE(values.ok()) << json;
    EXPECT_TRUE(values.status().message().starts_with("params is not valid JSON"))
        << json << values.status().message();
  }
  for (const char* json : {"[]", "1", "\"x\"", "true"}) {
    EXPECT_EQ(BindParameters({}, json).status().message(), "params must be a JSON object") << json;
  }
}

TEST(BindParameters, BoundsSizeAndDepth) {
  const std::string deep =
      "{\"a\": " + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
  EXPECT_EQ(BindParameters({}, deep).status().message(),
            "param 'a': arrays are nested more than 32 deep");
  const std::string large(33u << 20, ' ');
  EXPECT_EQ(BindParameters({}, large).status().id(), ErrorId::kParametersTooLarge);
}

}  // namespace
}  // namespace tarn::gq
