#include "tarn/schema/values.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace tarn::schema {
namespace {

// req: SCHEMA-23
// trap: 14
TEST(CanonicalTextTest, FloatsHaveTheFewestDigitsAndNoExponent) {
  EXPECT_EQ(*CanonicalText(1.0), "1");
  EXPECT_EQ(*CanonicalText(1.25), "1.25");
  EXPECT_EQ(*CanonicalText(-2.5), "-2.5");
  EXPECT_EQ(*CanonicalText(1e23), "100000000000000000000000");
  EXPECT_EQ(*CanonicalText(1e21), "1000000000000000000000");
  EXPECT_EQ(*CanonicalText(0.000001), "0.000001");
  EXPECT_EQ(*CanonicalText(1.5e-9), "0.0000000015");
  EXPECT_EQ(*CanonicalText(123456.789), "123456.789");
  EXPECT_EQ(*CanonicalText(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(*CanonicalText(std::numeric_limits<double>::denorm_min()),
            "0." + std::string(323, '0') + "5");
  EXPECT_EQ(CanonicalText(std::numeric_limits<double>::max())->size(), 309u);
}

// trap: 14
TEST(CanonicalTextTest, FloatsAreShortestInTheirOwnWidth) {
  EXPECT_EQ(*CanonicalText(0.1f), "0.1");
  EXPECT_EQ(*CanonicalText(static_cast<double>(0.1f)), "0.10000000149011612");
  EXPECT_EQ(*CanonicalText(16777216.0f), "16777216");
  EXPECT_EQ(*CanonicalText(3.4028235e38f), "340282350000000000000000000000000000000");
}

// trap: 20
TEST(CanonicalTextTest, ZerosAreEqualAndNonFiniteFloatsAreRefused) {
  EXPECT_EQ(*CanonicalText(0.0), "0");
  EXPECT_EQ(*CanonicalText(-0.0), "0");
  EXPECT_EQ(*CanonicalText(-0.0f), "0");
  EXPECT_EQ(CanonicalText(std::nan("")).status().id(), ErrorId::kValueNotKeyable);
  EXPECT_EQ(CanonicalText(std::numeric_limits<float>::infinity()).status().id(),
            ErrorId::kValueNotKeyable);
  EXPECT_EQ(CanonicalText(-std::numeric_limits<double>::infinity()).status().id(),
            ErrorId::kValueNotKeyable);
}

TEST(CanonicalTextTest, FloatsReadBackEqual) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t bits = random();
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    const std::string text = *CanonicalText(value);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    EXPECT_EQ(text.find_first_of("eE+"), std::string::npos) << text;
    const float narrow = static_cast<float>(std::fmod(value, 1e30));
    if (!std::isfinite(narrow)) continue;
    EXPECT_EQ(std::strtof(CanonicalText(narrow)->c_str(), nullptr), narrow);
  }
}

// trap: 13
TEST(CanonicalTextTest, OtherScalars) {
  EXPECT_EQ(CanonicalText(int32_t{-7}), "-7");
  EXPECT_EQ(CanonicalText(std::numeric_limits<int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(CanonicalText(std::numeric_limits<uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(CanonicalText(uint32_t{7}), "7");
  EXPECT_EQ(CanonicalText(true), "true");
  EXPECT_EQ(CanonicalText(false), "false");
  EXPECT_EQ(CanonicalText(std::string_view("a \"b\"")), "a \"b\"");
  EXPECT_EQ(CanonicalText(*ParseDate("1970-01-02")), "1");
  EXPECT_EQ(CanonicalText(*ParseDateTime("1969-12-31T23:59:59.999Z")), "-1");
}

// req: SCHEMA-23
TEST(KeyIdTest, OnePartStandsForItselfAndSeveralAreATuple) {
  const auto id = [](std::vector<std::string> parts) { return KeyId(parts); };
  EXPECT_EQ(id({"SEGOT"}), "SEGOT");
  EXPECT_EQ(id({"[\"a\"]"}), "[\"a\"]");
  EXPECT_EQ(id({"SE", "7"}), "[\"SE\",\"7\"]");
  EXPECT_NE(id({"a", "bc"}), id({"ab", "c"}));
  EXPECT_NE(id({"a\",\"b", "c"}), id({"a", "b\",\"c"}));
  EXPECT_EQ(id({"\"\\/\b\f\n\r\t\x01\x1F\x7F", "\xC3\xA9"}),
            "[\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\",\"\xC3\xA9\"]");
}

TEST(DateTest, ReadsEveryForm) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("2026-01-09"), 20462);
  EXPECT_EQ(ParseDate("2026-1-9"), 20462);
  EXPECT_EQ(ParseDate("20260109"), 20462);
  EXPECT_EQ(ParseDate("2026-01-09T23:30:00Z"), 20462);
  EXPECT_EQ(ParseDate("2026-01-09T23:30:00-01:00"), 20463);
  EXPECT_EQ(ParseDate("2026-01-09 00:30:00+01:00"), 20461);
  EXPECT_EQ(ParseDate("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(ParseDate("0000-01-01"), -719528);
  EXPECT_EQ(ParseDate("2000-02-29"), 11016);
  EXPECT_EQ(ParseDate("2024-02-29"), 19782);
  EXPECT_EQ(ParseDate("9999-12-31"), 2932896);
}

TEST(DateTest, RefusesWhatIsNoDate) {
  for (const char* text : {"",
                           "2026",
                           "2026-13-01",
                           "2026-00-10",
                           "2026-02-30",
                           "2026-01-32",
                           "2026-01-00",
                           "1900-02-29",
                           "2023-02-29",
                           "26-01-09",
                           "2026-001-09",
                           "2026-01-009",
                           "2026/01/09",
                           " 2026-01-09",
                           "2026-01-09 ",
                           "2026-01-09x",
                           "2026-W02",
                           "202601091",
                           "2026019",
                           "2026-1-9T00:00:00Z",
                           "0",
                           "20462",
                           "-1-01-01",
                           "+999999999-01-01",
                           "2026-01",
                           "\xEF\xBC\x92"
                           "026-01-09"}) {
    EXPECT_EQ(ParseDate(text), std::nullopt) << text;
  }
}

// trap: 47
TEST(DateTimeTest, ReadsEveryFormAndPrintsOne) {
  const int64_t ms = 1767947400000;
  for (const char* text :
       {"2026-01-09T08:30:00Z", "2026-01-09T09:30:00+01:00", "2026-01-09 08:30:00",
        "2026-01-09T08:30", "2026-01-09t08:30:00.000z", "2026-01-09T08:30:00.0009",
        "2026-01-09T07:00:00-0130", "2026-01-09T09:30:00+01", "2026-01-09T09:30:00 +01:00",
        "2026-01-09T08:30:00-00:00"}) {
    EXPECT_EQ(ParseDateTime(text), ms) << text;
  }
  EXPECT_EQ(FormatDateTime(ms), "2026-01-09T08:30:00.000Z");
  EXPECT_EQ(ParseDateTime("2026-01-09"), 1767916800000);
  EXPECT_EQ(ParseDateTime("2026-01-09T08:30:00.1Z"), ms + 100);
  EXPECT_EQ(ParseDateTime("2026-01-09T08:30:00.123456789Z"), ms + 123);
  EXPECT_EQ(ParseDateTime("1969-12-31T23:59:59.9999Z"), -1);
}

TEST(DateTimeTest, RefusesWhatIsNoInstant) {
  for (const char* text : {"",
                           "2026-1-9",
                           "20260109",
                           "2026-01-09T",
                           "2026-01-09T8:30",
                           "2026-01-09T24:00:00Z",
                           "2026-01-09T08:60:00Z",
                           "2026-01-09T08:30:60Z",
                           "2026-01-09T08:30:00.Z",
                           "2026-01-09T08:30:00,5Z",
                           "2026-01-09T08:30:00Zx",
                           "2026-01-09T08:30:00+1",
                           "2026-01-09T08:30:00+24:00",
                           "2026-01-09T08:30:00+01:60",
                           "2026-01-09T08:30:00+01:00x",
                           "2026-01-09T08:30:00 ",
                           "2026-01-09T08:30:00 CET",
                           "2026-01-09  08:30:00",
                           "2026-01-09Z",
                           "+999999999-01-01T00:00:00Z",
                           "2026-01-09T083000Z",
                           "1767947400000"}) {
    EXPECT_EQ(ParseDateTime(text), std::nullopt) << text;
  }
}

TEST(DateTest, PrintsWhatItReads) {
  EXPECT_EQ(FormatDate(0), "1970-01-01");
  EXPECT_EQ(FormatDate(-719528), "0000-01-01");
  EXPECT_EQ(FormatDate(-719529), "-0001-12-31");
  EXPECT_EQ(FormatDate(2932897), "+10000-01-01");
  std::mt19937_64 random(11);
  std::vector<int32_t> days = {std::numeric_limits<int32_t>::min(),
                               std::numeric_limits<int32_t>::max(), -719529, 2932897};
  for (int i = 0; i < 20'000; ++i) days.push_back(static_cast<int32_t>(random()) >> (i % 20));
  for (const int32_t day : days) EXPECT_EQ(ParseDate(FormatDate(day)), day) << FormatDate(day);
}

TEST(DateTimeTest, PrintsWhatItReads) {
  std::mt19937_64 random(13);
  std::vector<int64_t> values = {std::numeric_limits<int64_t>::min(),
                                 std::numeric_limits<int64_t>::max(), -1, 0, 1};
  for (int i = 0; i < 20'000; ++i) values.push_back(static_cast<int64_t>(random()) >> (i % 40));
  for (const int64_t value : values) {
    EXPECT_EQ(ParseDateTime(FormatDateTime(value)), value) << FormatDateTime(value);
  }
}

TEST(DateTest, EveryDayOfFourCenturiesFollowsTheOneBefore) {
  int32_t day = *ParseDate("1800-01-01");
  for (int year = 1800; year < 2200; ++year) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int lengths[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; ++month) {
      for (int d = 1; d <= lengths[month - 1]; ++d, ++day) {
        const std::string text = fmt::format("{:04}-{:02}-{:02}", year, month, d);
        ASSERT_EQ(ParseDate(text), day) << text;
        ASSERT_EQ(FormatDate(day), text);
      }
    }
  }
}

}  // namespace
}  // namespace tarn::schema
