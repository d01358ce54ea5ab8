// Promise: many sessions are waited for and ended at once, each as if it were
// alone, and no mistake about one of them harms another.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/os/file.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

using Json = nlohmann::json;
using Lines = std::vector<std::string>;

Lines LinesOf(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

class ManyTest : public CsaTest {
 protected:
  // A session that ends with this exit code when its gate is opened.
  std::string RunGated(const Gate& gate, int exit_code) const {
    return Run(absl::StrCat("read go < ", gate.path(), "; exit ", exit_code));
  }

  std::string SpawnSleeper(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments = options;
    arguments.insert(arguments.end(), {"--", "sleep", "1000"});
    return Spawn(arguments);
  }
};

TEST_F(ManyTest, WaitTellsOfEachAsItEndsAndFailsLikeTheFirstThatFails) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string last = RunGated(gate, 5);
  const std::string good = Run("echo fine");
  const std::string bad = Run("exit 3");
  Program waiter(CsaArgv({"wait", good, bad, last}), InTest());
  waiter.AwaitOutput(absl::StrCat(bad, " failure 3\n"));
  waiter.AwaitOutput(absl::StrCat(good, " success 0 fine\n"));
  gate.Open();
  const Ended ended = waiter.Await();
  EXPECT_EQ(ended.exit_status, 3) << "the first in their order";
  EXPECT_THAT(ended.output, HasSubstr(absl::StrCat(last, " failure 5\n")));
  EXPECT_EQ(ended.error, "");
  EXPECT_EQ(Csa({"wait", last, good, bad}).exit_status, 5);
  EXPECT_EQ(Csa({"wait", good, good.substr(10), Run("true")}).exit_status, 0);
  EXPECT_EQ(Csa({"wait", "--quiet", good, bad}).output, "");
  EXPECT_EQ(Csa({"wait", good, "--session", good}).output, "fine\n")
      << "it is one";
}

TEST_F(ManyTest, WaitForAnyReturnsWithTheFirst) {
  const std::string running = SpawnSleeper();
  const Gate gate(scratch().PathOf("gate"));
  const std::string gated = RunGated(gate, 7);
  Program waiter(CsaArgv({"wait", "--any", running, gated}), InTest());
  gate.Open();
  const Ended ended = waiter.Await();
  EXPECT_EQ(ended.exit_status, 7);
  EXPECT_EQ(ended.output, absl::StrCat(gated, " failure 7\n"));
  EXPECT_TRUE(IsRunning(running));
  EXPECT_EQ(Csa({"wait", "--any", gated}).output, ended.output);
}

TEST_F(ManyTest, F14_OneOf124IsOne) {
  const std::string odd = Run("exit 124");
  const Ended ended = Csa({"wait", Run("true"), odd});
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_THAT(ended.output, HasSubstr(absl::StrCat(odd, " failure 124\n")));
}

TEST_F(ManyTest, F15_WaitTellsOfTheLost) {
  const std::string lost = SpawnSleeper();
  const std::string good = Run("true");
  Program waiter(CsaArgv({"wait", "--format=json", good, lost}), InTest());
  waiter.AwaitOutput(good);
  KillSupervisor(lost);
  const Ended ended = waiter.Await();
  EXPECT_EQ(ended.exit_status, 1);
  EXPECT_THAT(ended.error, HasSubstr(absl::StrCat(lost, " is lost")));
  const Lines lines = LinesOf(ended.output);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(Json::parse(lines[0], nullptr, false)["session_id"], good);
  EXPECT_EQ(Json::parse(lines[1], nullptr, false)["state"], "lost");
}

TEST_F(ManyTest, F12_ACorruptOneHidesNoOther) {
  const std::string corrupt = Run("true");
  const std::string good = Run("true");
  EXPECT_EQ(Csa({"wait", corrupt, good}).exit_status, 0);
  WriteFile(absl::StrCat(DirectoryOf(corrupt), "/result.toml"), "torn");
  const Ended ended = Csa({"wait", corrupt, good});
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_EQ(ended.output, absl::StrCat(good, " success 0\n"));
  EXPECT_THAT(ended.error, HasSubstr("result.toml"));
}

TEST_F(ManyTest, F03_WaitRefusesMistakesAtOnce) {
  const std::string running = SpawnSleeper();
  for (const Lines& arguments :
       {Lines{"wait", running, "ZZZZZZZZ"}, Lines{"wait", running, "!"},
        Lines{"wait"}, Lines{"wait", "--any"}}) {
    const Ended ended = Csa(arguments);
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_EQ(ended.output, "");
  }
  const Ended tail = Csa({"wait", "--tail=3", Run("true"), Run("true")});
  EXPECT_EQ(tail.exit_status, 125);
  EXPECT_THAT(tail.error, HasSubstr("--tail is for one session"));
}

TEST_F(ManyTest, F17_AHundredAreWaitedForAndEndedAtOnce) {
  const Gate gate(scratch().PathOf("gate"));
  Lines wait = {"wait", "--quiet"};
  Lines kill = {"kill"};
  for (int i = 0; i < 100; ++i) {
    // One of each two ignores SIGTERM, and takes the grace period.
    const std::string id = Run(absl::StrCat(i % 2 == 0 ? "trap '' TERM; " : "",
                                            "while :; do sleep 1000; done"));
    wait.push_back(id);
    kill.push_back(id);
  }
  Program waiter(CsaArgv(wait), InTest());
  const Ended killed = Csa(kill);
  EXPECT_EQ(killed.exit_status, 0) << killed.error;
  const Lines lines = LinesOf(killed.output);
  EXPECT_THAT(lines, SizeIs(100));
  for (const std::string& line : lines) {
    EXPECT_TRUE(absl::EndsWith(line, " ended")) << line;
  }
  EXPECT_EQ(waiter.Await().exit_status, 143);
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  for (size_t i = 1; i < kill.size(); ++i) {
    const absl::Time end = ResultOf(kill[i]).completed_at;
    first = std::min(first, end);
    last = std::max(last, end);
  }
  // One after the other: 250 s.
  EXPECT_LT(last - first, absl::Seconds(100));
}

TEST_F(ManyTest, KillTakesWhatMatches) {
  const std::string finished = Run("true");
  EXPECT_EQ(Wait(finished).exit_status, 0);
  const std::string lost = SpawnSleeper();
  KillSupervisor(lost);
  const std::string labelled = SpawnSleeper({"--label", "batch=7"});
  const std::string elsewhere = SpawnSleeper({"--cd", "/"});
  const std::string other = SpawnSleeper();
  const auto killed = [&](const std::string& option) {
    const Ended ended = Csa({"kill", option});
    EXPECT_EQ(ended.exit_status, 0) << ended.error;
    return LinesOf(ended.output);
  };
  EXPECT_THAT(killed("--label=batch=8"), IsEmpty());
  EXPECT_THAT(killed("--label=batch=7"), ElementsAre(labelled + " ended"));
  EXPECT_THAT(killed("--project=/"), ElementsAre(elsewhere + " ended"));
  EXPECT_TRUE(IsRunning(other));
  EXPECT_THAT(killed("--all"),
              UnorderedElementsAre(other + " ended", StartsWith(lost)))
      << "of the lost one, nothing may have been left";
  EXPECT_THAT(killed("--all"), IsEmpty());
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
}

// Who runs in a session can write what it likes into its directory.
TEST_F(ManyTest, F22_NoSessionHidesFromKill) {
  const std::string torn =
      Run("echo torn > $CSA_SESSION_DIR/result.toml; echo done; sleep 1000");
  const std::string forged =
      Run("printf 'status = \"success\"\\nexit_code = 0\\n' > "
          "$CSA_SESSION_DIR/result.toml; echo done; sleep 1000");
  for (const std::string& id : {torn, forged}) {
    Program follower(CsaArgv({"logs", "-f", id}), InTest());
    follower.AwaitOutput("done\n");
  }
  EXPECT_EQ(Csa({"gc", "--keep=0"}).output, "");
  const Ended ended = Csa({"kill", "--all"});
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_THAT(ended.output, AllOf(HasSubstr(torn), HasSubstr(forged)));
  EXPECT_FALSE(IsRunning(torn));
  EXPECT_FALSE(IsRunning(forged));
  EXPECT_EQ(Csa({"wait", torn}).exit_status, 125) << "it is not guessed";
}

TEST_F(ManyTest, F22_ASessionThatCannotBeOpenedIsSaid) {
  const std::string open = SpawnSleeper();
  const std::string other = SpawnSleeper();
  EXPECT_EQ(RunProgram({"chmod", "0777", DirectoryOf(open)}).exit_status, 0);
  const Ended ended = Csa({"kill", "--all"});
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_EQ(ended.output, absl::StrCat(other, " ended\n"));
  EXPECT_THAT(ended.error, AllOf(HasSubstr(open), HasSubstr("chmod go-w")));
  EXPECT_EQ(RunProgram({"chmod", "0700", DirectoryOf(open)}).exit_status, 0);
  EXPECT_EQ(Csa({"kill", "--all"}).output, absl::StrCat(open, " ended\n"));
}

TEST_F(ManyTest, F37_DescriptorsNeedNotGoAround) {
  Lines ids;
  for (int i = 0; i < 12; ++i) ids.push_back(SpawnSleeper());
  const auto limited = [&](const std::string& limit, const Lines& arguments) {
    Lines argv = {"sh", "-c",
                  absl::StrCat("ulimit -n ", limit, "; exec \"$@\""), "sh",
                  Tool("csa")};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
  };
  Lines wait = {"wait"};
  wait.insert(wait.end(), ids.begin(), ids.end());
  const Ended refused = RunProgram(limited("12", wait), InTest());
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("ulimit -n"));
  Program waiter(limited("24", wait), InTest());
  const Ended killed = RunProgram(limited("20", {"kill", "--all"}), InTest());
  EXPECT_EQ(killed.exit_status, 0) << killed.error;
  EXPECT_THAT(LinesOf(killed.output), SizeIs(12));
  EXPECT_EQ(waiter.Await().exit_status, 143);
}

TEST_F(ManyTest, F07_WhatASessionSaysIsOneLine) {
  const std::string id = SpawnSleeper();
  EXPECT_EQ(Kill(id).exit_status, 0);
  WriteFile(absl::StrCat(DirectoryOf(id), "/result.toml"),
            absl::StrReplaceAll(
                FileOf(id, "result.toml"),
                {{"summary = \"\"", "summary = \"a\\nb\\u001b[31m\""}}));
  EXPECT_EQ(Csa({"wait", "--any", id}).output,
            absl::StrCat(id, " killed 143 a\\x0Ab\\x1B[31m\n"));
}

TEST_F(ManyTest, KillTakesATree) {
  const std::string csa = Tool("csa");
  // The middle one ends by itself, and its nested session goes on.
  const std::string root = Run(absl::StrCat(
      csa, " run --tool sh '", csa, " run --tool sh \"sleep 1000\"'; ", csa,
      " wait --quiet latest; echo done; sleep 1000"));
  Program follower(CsaArgv({"attach", root}), InTest());
  follower.AwaitOutput("done\n");
  const std::string other = SpawnSleeper();
  const Lines running =
      LinesOf(Csa({"list", "--ids", "--state", "running"}).output);
  ASSERT_THAT(running, SizeIs(3));
  const Ended ended = Csa({"kill", "--tree", root});
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  EXPECT_THAT(LinesOf(ended.output), SizeIs(2));
  EXPECT_THAT(LinesOf(Csa({"list", "--ids", "--state", "running"}).output),
              ElementsAre(other));
  EXPECT_EQ(follower.Await().exit_status, 143);
}

// Without the one in the middle, nobody would know of the outermost.
TEST_F(ManyTest, F35_TheLineOfARunningSessionIsKept) {
  const std::string csa = Tool("csa");
  const std::string root = Run(absl::StrCat(
      csa, " run --tool sh '", csa, " run --tool sh \"echo go; sleep 1000\"'; ",
      csa, " wait --quiet latest; echo done"));
  EXPECT_EQ(Wait(root).exit_status, 0);
  EXPECT_EQ(Csa({"gc", "--keep=0"}).output, "");
  EXPECT_THAT(LinesOf(Csa({"kill", "--tree", root}).output), SizeIs(1));
  EXPECT_THAT(LinesOf(Csa({"gc", "--keep=0"}).output), SizeIs(3));
}

TEST_F(ManyTest, KillSparesTheCallersOwnUnlessItIsNamed) {
  const std::string other = SpawnSleeper();
  const std::string own =
      Run(absl::StrCat(Tool("csa"), " kill --all; echo status $?"));
  const Ended ended = Wait(own);
  EXPECT_EQ(ended.exit_status, 0);
  EXPECT_EQ(ended.output, absl::StrCat(other, " ended\nstatus 0\n"));
  EXPECT_THAT(Csa({"logs", "--stderr", own}).output,
              HasSubstr(absl::StrCat(own, " goes on")));
}

TEST_F(ManyTest, F28_AMistakeProtectsNobody) {
  const std::string one = SpawnSleeper();
  const std::string two = SpawnSleeper();
  const Ended ended = Csa({"kill", one, "ZZZZZZZZ", two});
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_THAT(LinesOf(ended.output),
              UnorderedElementsAre(one + " ended", two + " ended"));
  EXPECT_THAT(ended.error, HasSubstr("no such session: ZZZZZZZZ"));
  for (const Lines& arguments :
       {Lines{"kill"}, Lines{"kill", "--all", two}, Lines{"kill", "--label=x"},
        Lines{"kill", "--tree", "ZZZZZZZZ"}}) {
    const Ended refused = Csa(arguments);
    EXPECT_EQ(refused.exit_status, 125);
    EXPECT_EQ(refused.output, "");
  }
}

TEST_F(ManyTest, F32_WhatCannotBeSaidIsDoneAllTheSame) {
  const std::string one = SpawnSleeper();
  const std::string two = SpawnSleeper();
  const Ended ended = RunProgram({"sh", "-c", "exec \"$@\" > /dev/full", "sh",
                                  Tool("csa"), "kill", one, two},
                                 InTest());
  EXPECT_EQ(ended.exit_status, 125);
  EXPECT_THAT(ended.error, AllOf(HasSubstr("stdout"), HasSubstr("space")));
  EXPECT_EQ(ResultOf(one).status, SessionStatus::kKilled);
  EXPECT_EQ(ResultOf(two).status, SessionStatus::kKilled);
}

}  // namespace
}  // namespace csa
