#include "tarn/schema/lexer.h"

#include <gtest/gtest.h>

namespace tarn::schema {
namespace {

std::string Kinds(std::string_view text) {
  std::string out;
  for (const Token& token : Lex(text).tokens) {
    if (!out.empty()) out += ' ';
    out += DescribeToken(token);
  }
  return out;
}

std::string CodesOf(std::string_view text) {
  std::string out;
  for (const Diagnostic& error : Lex(text).errors) {
    EXPECT_LT(error.span.begin, error.span.end);
    out += (out.empty() ? "" : " ") + error.code;
  }
  return out;
}

// req: SCHEMA-1
TEST(LexerTest, SplitsWordsByTheirFirstLetter) {
  EXPECT_EQ(Kinds("node Port_2 _x match $p_1 $_"),
            "identifier 'node' type name 'Port_2' identifier '_x' identifier 'match' variable "
            "'$p_1' variable '$_' "
            "end of file");
}

TEST(LexerTest, SplitsSymbolsLongestFirst) {
  EXPECT_EQ(Kinds("->-> - .. . != <= < >= > = | * + / [ ] ( ) { } : , ? @"),
            "'->' '->' '-' '..' '.' '!=' '<=' '<' '>=' '>' '=' '|' '*' '+' '/' '[' ']' '(' ')' '{' "
            "'}' ':' ',' '?' "
            "'@' end of file");
}

// trap: 8
TEST(LexerTest, RangeIsNotAFraction) {
  EXPECT_EQ(Kinds("1..5"), "integer '1' '..' integer '5' end of file");
  EXPECT_EQ(Kinds("0.5..60.0"), "number '0.5' '..' number '60.0' end of file");
  EXPECT_EQ(Kinds("0 .. 9"), "integer '0' '..' integer '9' end of file");
  EXPECT_EQ(Kinds("..5"), "'..' integer '5' end of file");
  EXPECT_EQ(Kinds("0...9"), "integer '0' '..' '.' integer '9' end of file");
}

// trap: 8
TEST(LexerTest, RejectsAPointWithoutDigits) {
  EXPECT_EQ(CodesOf("5."), "E005");
  EXPECT_EQ(CodesOf("0.5."), "E005");
  EXPECT_EQ(CodesOf("5.x 1"), "E005");
  EXPECT_EQ(CodesOf("0.5..1"), "");
}

// trap: 9
TEST(LexerTest, KeepsNeighboursApartByTheirSpace) {
  const std::vector<Token> tokens = Lex("24h a -b").tokens;
  ASSERT_EQ(tokens.size(), 6u);
  EXPECT_EQ(tokens[0].text, "24");
  EXPECT_EQ(tokens[1].text, "h");
  EXPECT_FALSE(tokens[1].space_before);
  EXPECT_TRUE(tokens[2].space_before);
  EXPECT_TRUE(tokens[3].space_before);
  EXPECT_FALSE(tokens[4].space_before);
}

TEST(LexerTest, UnescapesStrings) {
  const std::vector<Token> tokens = Lex("\"a\\\"b\\\\c\\n\\r\\td\ne \xC3\xA9\"").tokens;
  ASSERT_EQ(tokens.size(), 2u);
  EXPECT_EQ(tokens[0].kind, TokenKind::kString);
  EXPECT_EQ(tokens[0].text, "a\"b\\c\n\r\td\ne \xC3\xA9");
}

TEST(LexerTest, RejectsOtherEscapesAndGoesOn) {
  const LexResult result = Lex("\"a\\xb\\u0041\" next");
  ASSERT_EQ(result.errors.size(), 2u);
  EXPECT_EQ(result.errors[0].code, "E002");
  EXPECT_EQ(result.errors[0].message, "unsupported escape sequence: \\x");
  EXPECT_EQ(result.errors[0].span, (SourceSpan{2, 4}));
  EXPECT_EQ(result.errors[1].message, "unsupported escape sequence: \\u");
  ASSERT_EQ(result.tokens.size(), 3u);
  EXPECT_EQ(result.tokens[1].text, "next");
  EXPECT_EQ(Lex("\"\\\xC3\xA9\"").errors[0].message, "unsupported escape sequence: \\\xC3\xA9");
}

TEST(LexerTest, RejectsWhatIsNotClosed) {
  EXPECT_EQ(CodesOf("a \"b"), "E003");
  EXPECT_EQ(CodesOf("\"\\"), "E003");
  EXPECT_EQ(CodesOf("\"\\\""), "E003");
  EXPECT_EQ(CodesOf("a /* b * / /"), "E004");
  EXPECT_EQ(CodesOf("/*/"), "E004");
}

// trap: 64
TEST(LexerTest, CommentsStandBetweenTokensAndDoNotNest) {
  EXPECT_EQ(Kinds("a /* x /* y */ b // c \"\n/**/d"),
            "identifier 'a' identifier 'b' identifier 'd' end of file");
  EXPECT_EQ(Kinds("// only a comment"), "end of file");
  EXPECT_EQ(Kinds(" \t\r\n"), "end of file");
  EXPECT_EQ(CodesOf("# not a comment"), "E001");
}

// trap: 64
TEST(LexerTest, NothingMayStandInsideAToken) {
  EXPECT_EQ(CodesOf("$ p"), "E001");
  EXPECT_EQ(CodesOf("$/**/p"), "E001");
  EXPECT_EQ(CodesOf("$Port"), "E001");
  EXPECT_EQ(CodesOf("$"), "E001");
}

TEST(LexerTest, RejectsOtherLettersOncePerWord) {
  const LexResult result =
      Lex("gr\xC3\xB6\xC3\x9F"
          "e: String \xE2\x80\x9Cx\xE2\x80\x9D ; !");
  std::string codes;
  for (const Diagnostic& error : result.errors) codes += error.code + " ";
  EXPECT_EQ(codes, "E001 E001 E001 E001 ");
  EXPECT_EQ(result.errors[0].span, (SourceSpan{2, 7}));
  EXPECT_EQ(result.errors[0].message, "unexpected character '\xC3\xB6' (U+00F6)");
}

TEST(LexerTest, RejectsByteOrderMarkAndControlCharacters) {
  EXPECT_NE(Lex("\xEF\xBB\xBFnode").errors.at(0).suggestion.find("byte-order mark"),
            std::string::npos);
  EXPECT_EQ(Lex(std::string_view("\0", 1)).errors.at(0).message, "unexpected character (U+0000)");
}

TEST(LexerTest, NamesTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(CodesOf("a \"\xFF\" \xC3 // \x80"), "E006");
  EXPECT_EQ(Lex("a \"\xFF\"").errors[0].span, (SourceSpan{3, 4}));
}

TEST(LexerTest, SpansCoverTheToken) {
  const std::string_view text = "a \"x\\n\" $v 1.5 ->";
  std::string out;
  for (const Token& token : Lex(text).tokens) {
    out +=
        "[" + std::string(text.substr(token.span.begin, token.span.end - token.span.begin)) + "]";
  }
  EXPECT_EQ(out, "[a][\"x\\n\"][$v][1.5][->][]");
}

TEST(LexerTest, BoundsTextTokensAndErrors) {
  EXPECT_EQ(CodesOf(std::string(kSourceBytesMax + 1, ' ')), "E007");
  EXPECT_EQ(CodesOf(std::string(kSourceBytesMax, ' ')), "");
  EXPECT_EQ(CodesOf(std::string(kTokensMax, '{')), "");
  EXPECT_EQ(CodesOf(std::string(kTokensMax + 1, '{')), "E007");
  std::string bad;
  for (int i = 0; i < 1000; ++i) bad += "# ";
  EXPECT_EQ(Lex(bad).errors.size(), kLexErrorsMax);
}

TEST(LexerTest, DescribesLongTokensShortly) {
  EXPECT_EQ(DescribeToken(Lex(std::string(100, 'a')).tokens[0]),
            "identifier '" + std::string(40, 'a') + "...'");
  EXPECT_EQ(DescribeToken(Lex("\"" + std::string(39, 'a') + "\xC3\xA9\"").tokens[0]),
            "string \"" + std::string(39, 'a') + "...\"");
}

}  // namespace
}  // namespace tarn::schema
