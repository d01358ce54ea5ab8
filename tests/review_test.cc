// Promises of csa review: a verdict is what reviewers of another family have
// stated, and never clean by accident.
//
// The agents here are scripts of the same names: tests/agents has the real
// ones.

#include <csignal>
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/os/pid_fd.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fake_agents.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kClean[] = R"({"verdict": "clean", "findings": []})";
constexpr char kBug[] =
    R"({"verdict": "findings", "findings": [{"severity": "high", )"
    R"("file": "a.cc", "line": 3, "title": "it leaks", "detail": "always"}]})";

class ReviewTest : public FakeAgentsTest {
 protected:
  ReviewTest() {
    std::filesystem::create_directory(scratch().PathOf("project"));
    WriteFile(scratch().PathOf("project/a.cc"), "the change\n");
  }

  // Runs csa review of the file a.cc, called by the agent `caller`.
  Ended Review(std::vector<std::string> arguments,
               const std::string& caller = "") {
    std::vector<std::string> argv = {"--cd", scratch().PathOf("project"),
                                     "review", "--files", "a.cc"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Csa(argv, WithAgents(caller));
  }

  std::string Start(const std::vector<std::string>& arguments) {
    return IdOf(Review(arguments));
  }
};

TEST_F(ReviewTest, WhatTheReviewerStatesIsTheVerdict) {
  Install("codex", Answer(kClean));
  Install("claude", Answer(kBug));
  const std::string clean = Start({"--reviewer=codex"});
  const Ended waited = Wait(clean);
  EXPECT_EQ(waited.exit_status, 0) << FileOf(clean, "stderr.log");
  EXPECT_THAT(waited.output, StartsWith("verdict: clean, on the files\n"));
  EXPECT_EQ(VerdictOf(clean).at("verdict"), "clean");
  EXPECT_EQ(ResultOf(clean).tool, "review");
  const std::string found = Start({"--reviewer=claude"});
  const Ended findings = Wait(found);
  EXPECT_EQ(findings.exit_status, 1) << FileOf(found, "stderr.log");
  EXPECT_THAT(findings.output, HasSubstr("high  a.cc:3  it leaks  [claude]"));
  EXPECT_EQ(VerdictOf(found).at("findings").at(0).at("title"), "it leaks");
}

TEST_F(ReviewTest, F41_NothingElseIsClean) {
  for (const std::string& script : {
           std::string("echo 'PASS. The verdict is clean.'"),
           std::string("true"),
           Answer(""),
           Answer(R"({"verdict": "clean"})"),
           Answer(R"({"verdict": "CLEAN", "findings": []})"),
           Answer(absl::StrCat(R"({"verdict": "clean", )",
                               absl::StripPrefix(kBug, "{"))),
           absl::StrCat(Answer(kClean), "\nexit 1"),
           absl::StrCat(Answer(kClean), "\nkill -9 $$"),
           absl::StrCat("mkdir $CSA_SESSION_DIR/output\n", "echo '", kBug,
                        "' > $CSA_SESSION_DIR/output/verdict.json\n",
                        Answer(kClean)),
       }) {
    Install("codex", script);
    const std::string id = Start({"--reviewer=codex"});
    EXPECT_EQ(Wait(id).exit_status, 3) << script << FileOf(id, "stderr.log");
    const Json verdict = VerdictOf(id);
    EXPECT_EQ(verdict.at("verdict"), "uncertain") << script;
    EXPECT_FALSE(verdict.at("reviewers").at(0).at("reason").is_null())
        << script;
  }
}

TEST_F(ReviewTest, AVerdictCanBeAFile) {
  Install("codex",
          absl::StrCat("mkdir $CSA_SESSION_DIR/output\n", "echo '", kBug,
                       "' > $CSA_SESSION_DIR/output/verdict.json"));
  EXPECT_EQ(Wait(Start({"--reviewer=codex"})).exit_status, 1);
}

TEST_F(ReviewTest, TheChangeIsInThePromptAndTheReviewerMayOnlyLook) {
  Install("codex",
          absl::StrCat("printf '<%s>' \"$@\"\ncat >&2\n", Answer(kClean)));
  const std::string id = Start({"--reviewer=codex:m", "--env=A=B"});
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string reviewer =
      VerdictOf(id).at("reviewers").at(0).at("session_id");
  EXPECT_THAT(FileOf(reviewer, "stdout.log"),
              HasSubstr("<--sandbox><read-only><--model><m>"));
  EXPECT_THAT(FileOf(reviewer, "stderr.log"), HasSubstr("the change\n"));
  EXPECT_EQ(FileOf(reviewer, "prompt.txt"), FileOf(id, "prompt.txt"));
  const Json spec = Json::parse(FileOf(reviewer, "session.json"));
  EXPECT_EQ(spec.at("parent"), id);
  EXPECT_EQ(spec.at("access"), "read-only");
  EXPECT_EQ(spec.at("project"), scratch().PathOf("project"));
}

TEST_F(ReviewTest, AnotherFamilyReviews) {
  Install("codex", Answer(kBug));
  Install("claude", Answer(kClean));
  const Ended by_codex = Review({"--no-daemon"}, "codex");
  EXPECT_EQ(by_codex.exit_status, 0) << by_codex.error;
  EXPECT_THAT(by_codex.output, HasSubstr("  claude: clean"));
  const Ended by_claude = Review({"--no-daemon"}, "claude");
  EXPECT_EQ(by_claude.exit_status, 1) << by_claude.error;
  EXPECT_THAT(by_claude.output, HasSubstr("  codex: findings"));
}

// What the caller runs below is told by the names of its ancestors.
TEST_F(ReviewTest, AnotherFamilyThanThatOfAnAncestorReviews) {
  Install("claude", Answer(kClean));
  Install("codex",
          absl::StrCat(Tool("csa"), " --cd ", scratch().PathOf("project"),
                       " review --no-daemon --files a.cc; exit $?"));
  const Ended ended =
      RunProgram({scratch().PathOf("bin/codex")}, InTest(WithAgents()));
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_THAT(ended.output, HasSubstr("  claude: clean"));
}

TEST_F(ReviewTest, TheOwnFamilyIsNotTakenForWantOfAnother) {
  Install("codex", Answer(kClean));
  for (const char* name : {"claude", "opencode", "gemini", "qwen"}) {
    if (FindExecutable(name).ok()) GTEST_SKIP() << name << " is installed";
  }
  const Ended refused = Review({}, "codex");
  EXPECT_EQ(refused.exit_status, 127);
  EXPECT_THAT(refused.error, HasSubstr("which is openai"));
  EXPECT_FALSE(std::filesystem::exists(Sessions()));
  const Ended named = Review({"--no-daemon", "--reviewer=codex"}, "codex");
  EXPECT_EQ(named.exit_status, 0) << named.error;
  EXPECT_THAT(named.error, HasSubstr("is of the caller's own family"));
}

// A session is no child of the agent that has started it.
TEST_F(ReviewTest, AnotherFamilyThanThatOfASessionAroundReviews) {
  Install("claude", Answer(kClean));
  Install("codex", absl::StrCat("SID=$(", Tool("csa"), " run --tool sh 'cd ",
                                scratch().PathOf("project"), "; ", Tool("csa"),
                                " review --no-daemon --files a.cc') || exit\n",
                                Tool("csa"), " wait $SID"));
  const Ended run =
      Csa({"run", "--no-daemon", "--tool=codex", "x"}, WithAgents());
  EXPECT_EQ(run.exit_status, 0) << run.error;
  EXPECT_THAT(run.output, HasSubstr("  claude: clean"));
}

TEST_F(ReviewTest, WhatIsAskedForIsReviewed) {
  Install("codex", absl::StrCat("cat >&2\n", Answer(kClean)));
  const Ended made = RunProgram(
      {"sh", "-ec",
       absl::StrCat("cd ", scratch().PathOf("project"),
                    "; git init -q -b main; git config user.name t;"
                    "git config user.email t; git add .; git commit -qm first;"
                    "git checkout -qb topic; echo of-topic > b;"
                    "git add b; git commit -qm second; echo of-now > c")});
  ASSERT_EQ(made.exit_status, 0) << made.error;
  for (const auto& [option, has, has_not] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"--diff", "+of-now", "+of-topic"},
           {"--commit=HEAD", "second", "+of-now"},
           {"--branch", "+of-topic", "+of-now"},
           {"--branch=main", "+of-topic", "+of-now"},
           {"--range=main...topic", "+of-topic", "+of-now"}}) {
    const Ended started = Csa({"--cd", scratch().PathOf("project"), "review",
                               option, "--reviewers=1"},
                              WithAgents());
    ASSERT_EQ(started.exit_status, 0) << option << started.error;
    const std::string id(absl::StripSuffix(started.output, "\n"));
    EXPECT_EQ(Wait(id).exit_status, 0) << option;
    EXPECT_THAT(FileOf(id, "prompt.txt"),
                AllOf(HasSubstr(has), testing::Not(HasSubstr(has_not))))
        << option;
  }
}

TEST_F(ReviewTest, F41_AChangeThatIsNotShownWholeIsNotClean) {
  Install("codex", Answer(kClean));
  WriteFile(scratch().PathOf("project/a.cc"), std::string(500 * 1024, 'x'));
  const Ended ended = Review({"--no-daemon", "--reviewer=codex"});
  EXPECT_EQ(ended.exit_status, 3) << ended.error;
  EXPECT_THAT(ended.error, HasSubstr("the verdict will not be clean"));
  EXPECT_THAT(ended.output, HasSubstr("codex: clean"));
}

TEST_F(ReviewTest, F39_TheEnvironmentIsNotStored) {
  Install("codex", absl::StrCat("test \"$API_KEY\" = not-to-be-kept || exit\n",
                                Answer(kClean)));
  const std::string id =
      Start({"--reviewer=codex", "--env=API_KEY=not-to-be-kept"});
  EXPECT_EQ(Wait(id).exit_status, 0);
  const std::string reviewer =
      VerdictOf(id).at("reviewers").at(0).at("session_id");
  for (const std::string& session : {id, reviewer}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(DirectoryOf(session))) {
      if (!entry.is_regular_file()) continue;
      EXPECT_THAT(ReadFile(entry.path()),
                  testing::Not(HasSubstr("not-to-be-kept")))
          << entry.path();
    }
  }
}

TEST_F(ReviewTest, SeveralReviewAtTheSameTime) {
  const Gate codex(scratch().PathOf("codex-is-there"));
  const Gate claude(scratch().PathOf("claude-is-there"));
  const auto meet = [](const Gate& own, const Gate& other) {
    return absl::StrCat("echo > ", own.path(), "; read go < ", other.path(),
                        "\n");
  };
  Install("codex", absl::StrCat(meet(codex, claude), Answer(kBug)));
  Install("claude", absl::StrCat(meet(claude, codex), Answer(kClean)));
  const std::vector<std::string> both = {"--reviewer=codex",
                                         "--reviewer=claude"};
  const auto with = [&](const std::string& option) {
    std::vector<std::string> arguments = both;
    arguments.push_back(option);
    return Wait(Start(arguments)).exit_status;
  };
  EXPECT_EQ(with("--consensus=any"), 1);
  EXPECT_EQ(with("--consensus=majority"), 3);
  EXPECT_EQ(with("--consensus=unanimous"), 3);
}

TEST_F(ReviewTest, TheReviewCanBeJsonAndSarif) {
  Install("codex", Answer(kBug));
  const Ended json =
      Review({"--no-daemon", "--reviewer=codex", "--output=json"});
  EXPECT_EQ(json.exit_status, 1) << json.error;
  EXPECT_EQ(Json::parse(json.output).at("findings").size(), 1);
  const Ended sarif =
      Review({"--no-daemon", "--reviewer=codex", "--output=sarif"});
  EXPECT_EQ(sarif.exit_status, 1) << sarif.error;
  EXPECT_EQ(Json::parse(sarif.output).at("version"), "2.1.0");
}

TEST_F(ReviewTest, F22_KillEndsTheReviewers) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  Install("codex", absl::StrCat("exec ", Hostile(), " ", lifeline.path(),
                                " setsid,ignore-term"));
  const std::string id = Start({"--reviewer=codex"});
  lifeline.AwaitReady(2);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

TEST_F(ReviewTest, F22_NoReviewerOutlivesAReviewThatWasKilled) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  Install("codex", absl::StrCat("exec ", Hostile(), " ", lifeline.path(),
                                " setsid,ignore-term"));
  const std::string id = Start({"--reviewer=codex"});
  lifeline.AwaitReady(2);
  // csa-review itself: the only child of the supervisor when it has started.
  const std::vector<pid_t> children = ChildrenOf(SupervisorOf(id));
  for (const pid_t child : children) {
    if (!absl::StrContains(CommandLineOf(child), "--conduct")) continue;
    const absl::StatusOr<PidFd> review = PidFd::Open(child);
    ASSERT_TRUE(review.ok()) << review.status();
    EXPECT_TRUE(review->Signal(SIGKILL).ok());
  }
  EXPECT_EQ(Wait(id).exit_status, 128 + SIGKILL);
  EXPECT_TRUE(lifeline.AllDead());
  const Ended list = Csa({"list", "--ids", "--state=running"});
  EXPECT_EQ(list.output, "");
}

TEST_F(ReviewTest, F03_NothingToReviewIsNoReview) {
  Install("codex", Answer(kClean));
  WriteFile(scratch().PathOf("project/a.cc"), "\n");
  std::filesystem::remove(scratch().PathOf("project/a.cc"));
  const Ended refused = Review({"--reviewer=codex"});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("a.cc"));
  EXPECT_FALSE(std::filesystem::exists(Sessions()));
}

}  // namespace
}  // namespace csa
