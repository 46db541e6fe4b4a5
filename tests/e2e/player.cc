#include "player.h"

#include <algorithm>
#include <fstream>

namespace tarn::e2e {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "    " + line + "\n";
  return out;
}

/// Runs the steps of one file and keeps what they say.
class Player {
 public:
  Player(const TarnFile& file, const Mode& mode, std::filesystem::path data,
         std::filesystem::path work)
      : file_(file), mode_(mode), data_(std::move(data)), work_(std::move(work)) {}

  std::vector<std::string> Run() {
    for (const Step& step : file_.steps) {
      RunStep(step);
      if (mode_.reopen_after_each_step && door_ != nullptr) Expect(step, door_->Reopen());
    }
    return std::move(problems_);
  }

 private:
  void RunStep(const Step& step) {
    if (step.verb == "schema") return Schema(step);
    if (door_ == nullptr) return Problem(step, "the first step must be a schema");
    if (step.verb == "apply") return Apply(step);
    if (step.verb == "load") return Load(step);
    if (step.verb == "gq" || step.verb == "mutate" || step.verb == "explain") return Query(step);
    if (step.verb == "reopen") return Expect(step, door_->Reopen());
    if (step.verb == "as-of") return AsOf(step);
    if (step.verb == "head") target_.as_of.reset();
    if (step.verb == "on") return On(step);
    if (step.verb == "branch" || step.verb == "tag") return Name(step);
    if (step.verb == "branches") return Branches(step);
    if (step.verb == "merge") return Merge(step);
    if (step.verb == "commits") return Commits(step);
    if (step.verb == "export") return Compare(step, door_->Export(target_), true);
  }

  /// schema FILE | schema + body
  void Schema(const Step& step) {
    const std::filesystem::path folder = work_ / ("warehouse-" + std::to_string(step.line));
    const bool cli = mode_.door == "cli";
    door_ = cli ? OpenCliDoor(mode_, folder) : OpenEngineDoor(mode_, folder);
    target_ = {};
    const std::string path = step.words.empty() || step.words[0] == "error"
                                 ? Write(step, "schema.pg")
                                 : (data_ / step.words[0]).string();
    const Status made = door_->Init(path);
    if (!step.words.empty() && step.words[0] == "error") return CompareError(step, made, 1);
    Expect(step, made);
  }

  /// apply [error WORD...] + body; each expected line is part of a line of the answer
  void Apply(const Step& step) {
    const Reply reply = door_->Apply(Write(step, "next.pg"), target_.branch);
    if (!step.words.empty() && step.words[0] == "error") return CompareError(step, reply.status, 1);
    Contains(step, reply);
  }

  /// load MODE [FILE] [error WORD...] + body
  void Load(const Step& step) {
    if (step.words.empty()) return Problem(step, "load needs a mode");
    size_t at = 1;
    std::string path;
    if (step.words.size() > 1 && step.words[1] != "error") {
      path = (data_ / step.words[1]).string();
      ++at;
    } else {
      path = Write(step, "data.jsonl");
    }
    const Reply reply = door_->Load(step.words[0], path, target_.branch);
    if (at < step.words.size() && step.words[at] == "error")
      return CompareError(step, reply.status, at + 1);
    Expect(step, reply.status);
    if (!step.expected.empty()) Compare(step, reply, false);
  }

  /// gq [ordered] [NAME] [error WORD...] [{params}] + body; mutate and explain the same
  void Query(const Step& step) {
    std::string name, params;
    bool ordered = false;
    size_t error_at = 0;
    for (size_t i = 0; i < step.words.size(); ++i) {
      const std::string& word = step.words[i];
      if (word == "ordered")
        ordered = true;
      else if (word == "error")
        error_at = ++i;
      else if (word[0] == '{')
        params = word;
      else if (error_at == 0)
        name = word;
    }
    if (step.verb == "explain") return Contains(step, door_->Explain(step.body, name, params));
    const Reply reply = step.verb == "mutate"
                            ? door_->Mutate(step.body, name, params, target_.branch)
                            : door_->Query(step.body, name, params, target_);
    if (error_at > 0) return CompareError(step, reply.status, error_at);
    Compare(step, reply, ordered);
  }

  /// as-of N: later queries run at the N-th commit of the branch, 1 = the init; as-of v2, @TIME,
  /// TAG as the program takes them
  void AsOf(const Step& step) {
    if (step.words.empty()) return Problem(step, "as-of names a commit");
    const std::string& word = step.words[0];
    if (word.find_first_not_of("0123456789") != std::string::npos) {
      target_.as_of = word;
      return;
    }
    const auto ids = door_->CommitIds(target_.branch);
    if (!ids.ok()) return Expect(step, ids.status());
    const size_t index = static_cast<size_t>(std::stoul(word));
    if (index < 1 || index > ids->size())
      return Problem(step, "there are " + std::to_string(ids->size()) + " commits");
    target_ = {.as_of = (*ids)[index - 1]};
  }

  /// on BRANCH: later steps work on its head
  void On(const Step& step) {
    if (step.words.empty()) return Problem(step, "on names a branch");
    target_ = {.branch = step.words[0]};
  }

  /// branch|tag create NAME [from REF] [error WORD...]; branch|tag delete NAME [error WORD...]
  void Name(const Step& step) {
    const std::vector<std::string>& words = step.words;
    if (words.size() < 2) return Problem(step, "create or delete, and a name");
    size_t at = 2;
    std::string from = "main";
    if (words.size() > 3 && words[2] == "from") {
      from = words[3];
      at = 4;
    }
    const Status status = words[0] == "create" ? door_->MakeName(step.verb, words[1], from)
                                               : door_->DeleteName(step.verb, words[1]);
    if (at < words.size() && words[at] == "error") return CompareError(step, status, at + 1);
    Expect(step, status);
  }

  /// merge SOURCE [keep ours|theirs] [error WORD...]: into the branch that later steps work on;
  /// each expected line is part of a line of the answer
  void Merge(const Step& step) {
    const std::vector<std::string>& words = step.words;
    if (words.empty()) return Problem(step, "merge names a branch");
    const bool keeps = words.size() > 2 && words[1] == "keep";
    const Reply reply = door_->Merge(words[0], target_.branch,
                                     keeps ? std::vector{words[2]} : std::vector<std::string>());
    const size_t at = keeps ? 3 : 1;
    if (at < words.size() && words[at] == "error") return CompareError(step, reply.status, at + 1);
    Contains(step, reply);
  }

  /// branches NAME...
  void Branches(const Step& step) {
    const auto names = door_->BranchNames();
    if (!names.ok()) return Expect(step, names.status());
    if (*names != step.words) Problem(step, "there are\n" + Joined(*names));
  }

  void Commits(const Step& step) {
    const auto ids = door_->CommitIds(target_.branch);
    if (!ids.ok()) return Expect(step, ids.status());
    if (step.words.empty() || std::to_string(ids->size()) != step.words[0]) {
      Problem(step, "there are " + std::to_string(ids->size()) + " commits");
    }
  }

  void Compare(const Step& step, const Reply& reply, bool ordered) {
    if (!reply.status.ok()) return Expect(step, reply.status);
    std::vector<std::string> got = reply.lines;
    std::vector<std::string> want = step.expected;
    if (!ordered) {
      if (!got.empty()) std::sort(got.begin() + 1, got.end());
      if (!want.empty()) std::sort(want.begin() + 1, want.end());
    }
    if (got != want) Problem(step, "expected\n" + Joined(want) + "  got\n" + Joined(got));
  }

  void Contains(const Step& step, const Reply& reply) {
    if (!reply.status.ok()) return Expect(step, reply.status);
    for (const std::string& want : step.expected) {
      const bool found = std::any_of(
          reply.lines.begin(), reply.lines.end(),
          [&](const std::string& line) { return line.find(want) != std::string::npos; });
      if (!found) Problem(step, "no line holds '" + want + "' in\n" + Joined(reply.lines));
    }
  }

  /// The words behind `error` and every expected line must stand in the error.
  void CompareError(const Step& step, const Status& status, size_t word) {
    if (status.ok()) return Problem(step, "succeeded, but an error was expected");
    const std::string text = status.ToString();
    std::vector<std::string> want(step.words.begin() + static_cast<ptrdiff_t>(word),
                                  step.words.end());
    want.insert(want.end(), step.expected.begin(), step.expected.end());
    for (const std::string& part : want) {
      if (part[0] != '{' && text.find(part) == std::string::npos)
        Problem(step, "no '" + part + "' in: " + text);
    }
  }

  void Expect(const Step& step, const Status& status) {
    if (!status.ok()) Problem(step, status.ToString());
  }

  std::string Write(const Step& step, const std::string& name) {
    std::filesystem::create_directories(work_);
    const std::filesystem::path path = work_ / (std::to_string(step.line) + "-" + name);
    std::ofstream(path) << step.body;
    return path.string();
  }

  void Problem(const Step& step, const std::string& what) {
    problems_.push_back(file_.path + ":" + std::to_string(step.line) + " [" + mode_.name + "] " +
                        step.verb + ": " + what);
  }

  const TarnFile& file_;
  const Mode& mode_;
  const std::filesystem::path data_;
  const std::filesystem::path work_;
  std::unique_ptr<Door> door_;
  engine::ReadTarget target_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> Play(const TarnFile& file, const Mode& mode,
                              const std::filesystem::path& data_folder,
                              const std::filesystem::path& work_folder) {
  return Player(file, mode, data_folder, work_folder).Run();
}

}  // namespace tarn::e2e
