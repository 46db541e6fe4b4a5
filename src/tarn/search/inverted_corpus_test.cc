#include "tarn/search/inverted_corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <arrow/array.h>
#include <arrow/builder.h>

#include "tarn/search/default_analyser.h"
#include "tarn/search/edit_distance.h"
#include "tarn/search/limits.h"
#include "tarn/search/test_analyser.h"

namespace tarn::search {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Texts = std::vector<std::optional<std::string>>;

Result<std::shared_ptr<const InvertedCorpus>> Build(const Texts& texts, BudgetHold hold = {},
                                                    const std::string& parameters = "") {
  arrow::StringBuilder builder;
  for (const auto& text : texts)
    EXPECT_TRUE((text ? builder.Append(*text) : builder.AppendNull()).ok());
  const auto array = builder.Finish().ValueOrDie();
  CorpusBuilder corpus({AnalysePlainly, parameters, /*hash_seed=*/3}, std::move(hold));
  // In two parts, the second a slice.
  const auto cut = array->length() / 3;
  const auto first = array->Slice(0, cut);
  const auto second = array->Slice(cut);
  for (const auto& part : {first, second}) {
    TARN_ASSIGN_OR_RETURN(const TextView view, TextView::Of(*part, "text"));
    TARN_RETURN_IF_ERROR(corpus.Append(view));
  }
  return corpus.Finish();
}

/// BM25 by its formula, text by text, in doubles.
std::map<Dense, double> NaiveScores(const Texts& texts, std::string_view query) {
  double documents = 0, tokens = 0;
  std::vector<std::vector<std::string>> words;
  for (const auto& text : texts) {
    words.push_back(text ? PlainWords(*text) : std::vector<std::string>());
    documents += words.back().empty() ? 0 : 1;
    tokens += static_cast<double>(words.back().size());
  }
  std::map<Dense, double> scores;
  for (const std::string& token : PlainWords(query)) {
    double holding = 0;
    for (const auto& text : words)
      holding += std::count(text.begin(), text.end(), token) > 0 ? 1 : 0;
    const double idf = std::log((documents - holding + 0.5) / (holding + 0.5) + 1);
    for (Dense row = 0; row < words.size(); ++row) {
      const auto f = static_cast<double>(std::count(words[row].begin(), words[row].end(), token));
      if (f == 0) continue;
      const double norm =
          1.2 * (0.25 + 0.75 * static_cast<double>(words[row].size()) / (tokens / documents));
      scores[row] += idf * f * 2.2 / (f + norm);
    }
  }
  return scores;
}

const Texts kLogs = {"Heavy fog, fog and ice", std::nullopt, "The ship of fog", "", "of the",
                     "Calm sea; no ice"};

// req: GRAPH-10, trap: 39
TEST(InvertedCorpus, MatchesRowsThatHoldAnyToken) {
  const auto corpus = Build(kLogs).value();
  EXPECT_THAT(corpus->Match("FOG").value(), ElementsAre(0u, 2u));
  EXPECT_THAT(corpus->Match("ice ship").value(), ElementsAre(0u, 2u, 5u));
  EXPECT_THAT(corpus->Match("storm").value(), IsEmpty());
}

// trap: 41
TEST(InvertedCorpus, AQueryOfStopWordsMatchesNothing) {
  const auto corpus = Build(kLogs).value();
  EXPECT_THAT(corpus->Match("of the").value(), IsEmpty());
  EXPECT_THAT(corpus->Match("").value(), IsEmpty());
  EXPECT_THAT(corpus->MatchFuzzy("the", 2).value(), IsEmpty());
  EXPECT_THAT(corpus->Score("a").value(), IsEmpty());
}

// req: GRAPH-10
TEST(InvertedCorpus, ScoresByTheFormula) {
  const auto corpus = Build(kLogs).value();
  // Three documents of 4, 2 and 4 tokens (the null, the empty text and the one of stop words are
  // none): avgdl 10/3.
  const auto scores = corpus->Score("fog").value();
  ASSERT_EQ(scores.size(), 2u);
  const double idf = std::log((3 - 2 + 0.5) / (2 + 0.5) + 1);
  EXPECT_NEAR(scores[0].score, idf * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / (11.0 / 3))), 1e-6);
  EXPECT_NEAR(scores[1].score, idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / (11.0 / 3))), 1e-6);
  const auto twice = corpus->Score("fog fog").value();
  EXPECT_EQ(twice[0].score, 2 * scores[0].score) << "a repeated token counts again";
  const auto in_place = Build(kLogs, {}, AnalyserParameters("ngram").value()).value();
  EXPECT_EQ(in_place->Score("fog fog").value()[0].score, scores[0].score) << "but not at one position";
}

// req: GRAPH-10, GRAPH-12
TEST(InvertedCorpus, AgreesWithANaiveScanOfManyTexts) {
  std::mt19937 random(11);
  Texts texts;
  for (int row = 0; row < 9000; ++row) {  // several windows of rows
    if (random() % 10 == 0) {
      texts.push_back(std::nullopt);
      continue;
    }
    std::string text;
    for (uint32_t i = random() % 12; i > 0; --i)
      text += fmt::format(" w{}", random() % (1 + random() % 800));
    texts.push_back(text);
  }
  const auto corpus = Build(texts).value();
  for (const char* query :
       {"w0", "w1 w2 w3", "w700", "w5 w5 w790", "w1 nothing", "w799 w798 w797 w796"}) {
    const std::map<Dense, double> expected = NaiveScores(texts, query);
    const auto scores = corpus->Score(query).value();
    std::vector<Dense> rows;
    for (const TextCorpus::Scored& scored : scores) {
      rows.push_back(scored.row);
      ASSERT_EQ(expected.count(scored.row), 1u);
      EXPECT_NEAR(scored.score, expected.at(scored.row), 2e-5);
    }
    EXPECT_EQ(rows.size(), expected.size()) << query;
    EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
    EXPECT_EQ(corpus->Match(query).value(), rows) << query;
  }
}

uint32_t NaiveDistance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<uint32_t>> table(a.size() + 1, std::vector<uint32_t>(b.size() + 1));
  for (uint32_t i = 0; i <= a.size(); ++i) {
    for (uint32_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      table[i][j] = std::min({table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1),
                              table[i - 1][j] + 1, table[i][j - 1] + 1});
    }
  }
  return table[a.size()][b.size()];
}

// req: GRAPH-10
TEST(EditDistance, AgreesWithTheWholeTable) {
  const std::vector<std::string> letters = {"a", "b", "ö", "漢"};
  std::mt19937 random(5);
  const auto draw = [&] {
    std::string word;
    for (uint32_t i = random() % 9; i > 0; --i) word += letters[random() % letters.size()];
    return word;
  };
  for (int i = 0; i < 3000; ++i) {
    const std::string a = draw();
    const std::string b = draw();
    const uint32_t exact = NaiveDistance(CodePoints(a), CodePoints(b));
    for (uint32_t edits : {0u, 1u, 2u, 3u, kEditsMax}) {
      EXPECT_EQ(EditDistance(a, edits).Near(b), exact <= edits) << a << " " << b << " " << edits;
    }
  }
  EXPECT_EQ(CodePoints("a\xFF\xE6\xBC").size(), 3u) << "broken text is compared byte by byte";
}

// req: GRAPH-10
TEST(InvertedCorpus, MatchesTokensWithinSomeEdits) {
  const auto corpus =
      Build({"harbour", "harbor", "arbour", "harbouring", "sea", "se", "Größe"}).value();
  EXPECT_THAT(corpus->MatchFuzzy("harbour", 0).value(), ElementsAre(0u));
  EXPECT_THAT(corpus->MatchFuzzy("harbour", 1).value(), ElementsAre(0u, 1u, 2u));
  EXPECT_THAT(corpus->MatchFuzzy("harbour", 3).value(), ElementsAre(0u, 1u, 2u, 3u));
  EXPECT_THAT(corpus->MatchFuzzy("Größen", 1).value(), ElementsAre(6u))
      << "an edit is a character, not a byte";
  EXPECT_THAT(corpus->MatchFuzzy("x", 2).value(), ElementsAre(5u));
  EXPECT_EQ(corpus->MatchFuzzy("sea", kEditsMax + 1).status().id(), ErrorId::kInvalidArgument);
}

TEST(InvertedCorpus, OfNoTexts) {
  for (const Texts& texts : {Texts{}, Texts{std::nullopt, ""}}) {
    const auto corpus = Build(texts).value();
    EXPECT_THAT(corpus->Match("fog").value(), IsEmpty());
    EXPECT_THAT(corpus->MatchFuzzy("fog", 16).value(), IsEmpty());
    EXPECT_THAT(corpus->Score("fog").value(), IsEmpty());
  }
}

// req: GRAPH-25
TEST(InvertedCorpus, IsChargedToTheRequestWhileItIsBuilt) {
  Texts texts;
  for (int i = 0; i < 2000; ++i) texts.push_back(fmt::format("w{} w{} x", i, i / 2));
  MemoryBudget small(50'000);
  MemoryBudget enough(1'000'000);
  EXPECT_EQ(Build(texts, BudgetHold(&small, "words")).status().id(), ErrorId::kMemoryBudget);
  const auto corpus = Build(texts, BudgetHold(&enough, "words")).value();
  EXPECT_GE(enough.bytes_peak(), corpus->bytes());
  EXPECT_EQ(enough.bytes_used(), 0);
}

TEST(InvertedCorpus, PassesOnWhatTheAnalyserRefuses) {
  const Analyser refuses = [](const auto&,
                              std::string_view) -> Result<std::vector<std::vector<std::string>>> {
    return Error(ErrorId::kInvalidArgument, "no such tokenizer");
  };
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append("text").ok());
  const auto array = builder.Finish().ValueOrDie();
  CorpusBuilder corpus({refuses, "", 0}, {});
  EXPECT_EQ(corpus.Append(TextView::Of(*array, "text").value()).id(), ErrorId::kInvalidArgument);
}

}  // namespace
}  // namespace tarn::search
