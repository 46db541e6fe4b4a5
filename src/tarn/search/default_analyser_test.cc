#include "tarn/search/default_analyser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::search {
namespace {

using ::testing::HasSubstr;

// req: GRAPH-10
TEST(AnalyserParameters, NameAnAnalyser) {
  const std::string standard = AnalyserParameters("").value();
  EXPECT_THAT(standard, HasSubstr(R"("base_tokenizer":"simple")"));
  EXPECT_THAT(standard, HasSubstr(R"("language":"English")"));
  EXPECT_THAT(standard, HasSubstr(R"("max_token_length":40)"));
  EXPECT_EQ(AnalyserParameters("default").value(), standard);
  EXPECT_EQ(AnalyserParameters("english").value(), standard);
  EXPECT_THAT(AnalyserParameters("german").value(), HasSubstr(R"("language":"German")"));
  EXPECT_THAT(AnalyserParameters("simple").value(),
              HasSubstr(R"("stem":false,"remove_stop_words":false)"));
  EXPECT_THAT(AnalyserParameters("ngram").value(), HasSubstr(R"("min_ngram_length":3)"));
  EXPECT_TRUE(CountsRepeats(standard));
  EXPECT_FALSE(CountsRepeats(AnalyserParameters("ngram").value()));
  const Status unknown = AnalyserParameters("klingon").status();
  EXPECT_EQ(unknown.id(), ErrorId::kInvalidArgument);
  EXPECT_THAT(unknown.message(),
              HasSubstr("there are default, simple, whitespace, raw, ngram, code, arabic"));
}

TEST(AnalyserParameters, OfAPropertyAreThoseOfItsOwnIndex) {
  schema::NodeType type;
  type.indexes = {{.columns = {"log", "name"}, .options = {.analyzer = "raw"}},
                  {.columns = {"name"}},
                  {.columns = {"log"}, .options = {.analyzer = "simple"}}};
  EXPECT_EQ(AnalyserParametersOf(type, "log").value(), AnalyserParameters("simple").value());
  EXPECT_EQ(AnalyserParametersOf(type, "name").value(), AnalyserParameters("").value());
}

}  // namespace
}  // namespace tarn::search
