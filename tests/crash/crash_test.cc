// Every kind of writer x every mutating call of it x {the process ends before, after, the answer is
// lost} x {read-only, second writer, the recovery crashes too}, on real storage.
//
// TARN_CRASH_CASES=all (or a number) and TARN_CRASH_SEED choose another sample.
//
// req: WRITE-2, WRITE-8, WRITE-18, INDEX-26, WRITE-25, WRITE-57, WRITE-63, PROC-2, OPS-18, OPS-22,
// ING-9

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child.h"
#include "oracle.h"
#include "tarn/store/meter.h"
#include "warehouse.h"

namespace tarn::crash {
namespace {

constexpr size_t kSampledCases = 24;
constexpr uint32_t kSeed = 20261121;

enum class Event : uint8_t { kEndsBefore, kEndsAfter, kFails, kAnswerLost };
constexpr Event kEvents[] = {Event::kEndsBefore, Event::kEndsAfter, Event::kFails,
                             Event::kAnswerLost};

struct Case {
  std::string writer;
  std::string verb;
  std::string object;  ///< the class of the object, as meters name it
  uint64_t nth = 1;
  Event event = Event::kEndsBefore;
};

std::string NameOf(const Case& c) {
  static const char* events[] = {"ends before", "ends after", "fails", "answer lost"};
  return fmt::format("{}: {} {} of {} {}", c.writer, events[static_cast<int>(c.event)], c.nth,
                     c.verb, c.object);
}

std::string ScriptOf(const std::string& verb, const std::string& object, uint64_t nth,
                     Event event) {
  const char* action = event == Event::kFails        ? "fail"
                       : event == Event::kAnswerLost ? "lose_answer"
                                                     : "abort";
  return fmt::format(
      R"([{{"verb":"{}","class":"{}","nth":{},"action":"{}","error":"io","after":{}}}])", verb,
      object, nth, action, event == Event::kEndsAfter ? "true" : "false");
}

bool IsMutating(const std::string& verb) {
  for (const char* other : {"get", "range", "head", "list"}) {
    if (verb == other) return false;
  }
  return true;
}

/// How often a writer makes each mutating call, by (verb, class).
std::map<std::pair<std::string, std::string>, uint64_t> CallsOf(const store::Cost& cost) {
  std::map<std::pair<std::string, std::string>, uint64_t> calls;
  for (const auto& [key, count] : cost.calls) {
    const std::string verb = key.substr(0, key.find('/'));
    const std::string object = key.substr(verb.size() + 1, key.find('@') - verb.size() - 1);
    if (IsMutating(verb)) calls[{verb, object}] += count;
  }
  return calls;
}

class CrashTest : public testing::Test {
 protected:
  /// Every case of every writer; also learns what each leaves behind when nothing happens.
  std::vector<Case> AllCases() {
    std::vector<Case> cases;
    for (const Writer& writer : Writers()) {
      Scratch scratch;
      const auto folder = scratch.path() / "wh";
      oracle_.Prepare(writer, folder);
      auto database = OpenAt(folder, Path::kThroughStore, catalog::Access::kReadWrite).value();
      const auto meter = database->MakeMeter();
      Request request;
      request.meter = meter.get();
      oracle_.Learn(writer, request, *database, folder);
      database.reset();
      for (const auto& [call, count] : CallsOf(meter->Read())) {
        for (uint64_t nth = 1; nth <= count; ++nth) {
          for (Event event : kEvents) {
            cases.push_back({writer.name, call.first, call.second, nth, event});
          }
        }
      }
    }
    return cases;
  }

  void Check(const Case& c, std::mt19937& random) {
    SCOPED_TRACE(NameOf(c));
    Scratch scratch;
    const auto folder = scratch.path() / "wh";
    oracle_.Prepare(WriterOf(c.writer), folder);
    const Answer answer =
        RunAndWait({"write", folder, c.writer, ScriptOf(c.verb, c.object, c.nth, c.event)});
    oracle_.ExpectEither(folder, c.writer, answer);
    if (random() % 2 == 0) CrashARecovery(folder, c.writer, answer, random);
    oracle_.ExpectWhole(folder, c.writer, answer);
  }

  /// The next opener ends in the middle too, at some call that changes something.
  void CrashARecovery(const std::filesystem::path& folder, const std::string& writer, Answer answer,
                      std::mt19937& random) {
    static const char* verbs[] = {"put*", "delete", "put*"};
    const Event event = random() % 2 == 0 ? Event::kEndsBefore : Event::kEndsAfter;
    RunAndWait({"recover", folder, ScriptOf(verbs[random() % 3], "*", 1 + random() % 3, event)});
    oracle_.ExpectEither(folder, writer, answer);
  }

  Oracle oracle_;
};

TEST_F(CrashTest, OldOrNewAndNeverBetween) {
  std::vector<Case> cases = AllCases();
  ASSERT_GE(cases.size(), 200u);
  const char* wanted = std::getenv("TARN_CRASH_CASES");
  const char* seed = std::getenv("TARN_CRASH_SEED");
  std::mt19937 random(seed == nullptr ? kSeed : static_cast<uint32_t>(std::atoll(seed)));
  const size_t all = cases.size();
  if (wanted == nullptr || std::string(wanted) != "all") {
    std::shuffle(cases.begin(), cases.end(), random);
    const size_t most = wanted == nullptr ? kSampledCases : std::atoll(wanted);
    cases.resize(std::min(cases.size(), most));
  }
  std::printf("%zu of %zu cases, seed %u\n", cases.size(), all, seed == nullptr ? kSeed : 0);
  for (const Case& c : cases) {
    Check(c, random);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace tarn::crash
