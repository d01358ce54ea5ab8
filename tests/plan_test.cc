// Promises of csa plan: every step is a session of its own, conditions and
// loops do what they say, nothing outlives the plan, and it can be gone on
// with.

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/plan_frame.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(PlanTest, EveryStepIsASessionBelowThePlans) {
  const std::string plan =
      Start({Compile(Bash("One", "echo 1") + Bash("Two", "echo 2 >&2"))});
  const Ended waited = Wait(plan);
  EXPECT_EQ(waited.exit_status, 0) << waited.error;
  EXPECT_THAT(waited.output, HasSubstr("\nw: 2 done in "));
  EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 done", "2 done"));
  EXPECT_EQ(OutputOf(plan, 1), "1\n");
  EXPECT_EQ(FileOf(SessionOf(plan, 2), "stderr.log"), "2\n");
  const Json spec = Json::parse(FileOf(SessionOf(plan, 2), "session.json"));
  EXPECT_EQ(spec.at("parent"), plan);
  EXPECT_EQ(spec.at("tool"), "bash");
  EXPECT_EQ(spec.at("description"), "2. Two");
  EXPECT_THAT(FileOf(plan, "stderr.log"),
              AllOf(HasSubstr("step 1 of 2 (One): bash, session "),
                    HasSubstr("step 2 of 2 (Two): done in ")));
}

TEST_F(PlanTest, TheDirectoryIsTheCallers) {
  const std::string plan = Start({Compile(Bash("Where", "pwd"))});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_EQ(OutputOf(plan, 1), std::filesystem::current_path().string() + "\n");
}

TEST_F(PlanTest, WithinASessionItIsPartOfThat) {
  const std::string workflow = Compile(Bash("One", "echo within"));
  const std::string outer = Run(absl::StrCat(
      Tool("csa"), " plan run ", workflow, " && echo it has ended"));
  const Ended waited = Wait(outer);
  EXPECT_EQ(waited.exit_status, 0) << waited.error;
  EXPECT_THAT(waited.output,
              AllOf(HasSubstr("w: 1 done in "), EndsWith("it has ended\n")));
}

TEST_F(PlanTest, F44_AConditionIsAboutValues) {
  const std::string steps =
      absl::StrCat("## IF ${X} == \"true\"\n", Bash("Yes", "true"), "## ELSE\n",
                   Bash("No", "true"), "## ENDIF\n");
  const std::string workflow = Compile(steps);
  for (const auto& [value, yes] :
       std::map<std::string, bool>{{"true", true},
                                   {"text", false},
                                   {"", false},
                                   {R"(" || "a" == "a)", false},
                                   {"${X}", false},
                                   {"true && true", false},
                                   {"true\n", false}}) {
    const std::string plan = Start({workflow, "--var", "X=" + value});
    EXPECT_EQ(Wait(plan).exit_status, 0);
    if (yes) {
      EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 done", "2 left_out"));
    } else {
      EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 left_out", "2 done"))
          << value;
    }
  }
}

TEST_F(PlanTest, F44_AnIfIsDecidedOnce) {
  const std::string plan = Start({Compile(
      absl::StrCat(Bash("Set", "echo CSA_VAR:X=true"), "## IF ${X}\n",
                   Bash("Unset", "echo CSA_VAR:X=false"), Bash("Go on", "true"),
                   "## ELSE\n", Bash("Other", "true"), "## ENDIF\n",
                   "## IF ${X}\n", Bash("Again", "true"), "## ENDIF\n"))});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 done", "2 done", "3 done",
                                            "4 left_out", "5 left_out"));
}

TEST_F(PlanTest, F44_LoopsAreRun) {
  const std::string workflow = Compile(absl::StrCat(
      "## FOR a IN ${LIST}\n## FOR b IN 1 2\n",
      Bash("Each", R"(printf '%s.%s\n' "${a}" "$b")", "MaxIterations: 3\n"),
      "## ENDFOR\n## IF ${a} == \"y z\"\n", Bash("Once", "true"),
      "## ENDIF\n## ENDFOR\n"));
  const std::string plan = Start({workflow, "--var=LIST=x\ny z\n"});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_THAT(OutcomesOf(plan),
              ElementsAre("1.1.1 done", "1.1.2 done", "2.1 left_out",
                          "1.2.1 done", "1.2.2 done", "2.2 done"));
  EXPECT_EQ(OutputOf(plan, 1), "y z.2\n");
  const std::string empty = Start({workflow, "--var=LIST="});
  EXPECT_EQ(Wait(empty).exit_status, 0);
  EXPECT_THAT(OutcomesOf(empty), ElementsAre("1 left_out", "2 left_out"));
}

TEST_F(PlanTest, ALoopThatIsTooLongDoesNotBegin) {
  const std::string plan =
      Start({Compile(absl::StrCat("## FOR a IN ${LIST}\n", Bash("Each", "true"),
                                  "## ENDFOR\n")),
             "--var=LIST=1 2 3 4 5 6 7 8 9 10 11"});
  EXPECT_EQ(Wait(plan).exit_status, 125);
  EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 failed"));
  EXPECT_THAT(FileOf(plan, "stderr.log"),
              HasSubstr("there are 11 items, and MaxIterations is 10"));
}

TEST_F(PlanTest, ValuesReachAScriptByteForByte) {
  const std::string odd = "a  'b' \"c\" $(touch x) `d` ${X} && || \\ \n#; é *";
  const std::string plan = Start(
      {Compile(Bash("Print", "printf %s \"${X}\"")), "--var", "X=" + odd});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_EQ(OutputOf(plan, 1), odd);
}

TEST_F(PlanTest, AStepSetsVariables) {
  const std::string plan = Start({Compile(absl::StrCat(
      Bash("Set", R"(printf 'CSA_VAR:A=x=y && "z" ${B} \n')"
                  R"(;echo 'CSA_VAR:B=${A}';echo 'CSA_VAR:PATH=/tmp')"
                  R"(;echo 'CSA_VAR:STEP_1_EXIT=0';echo 'CSA_VAR:NOBODY=1')"
                  R"(;echo ' CSA_VAR:C=1'; echo 'CSA_VAR:C'; printf '\377\n')"
                  R"(;printf 'CSA_VAR:D=last')"),
      Bash("Print", "echo \"${A}|${B}|${C:-none}|${D}|${PATH}\"")))});
  const Ended waited = Wait(plan);
  EXPECT_EQ(waited.exit_status, 0) << FileOf(plan, "stderr.log");
  EXPECT_THAT(OutputOf(plan, 2),
              AllOf(StartsWith("x=y && \"z\" ${B} |${A}|none|last|"),
                    Not(EndsWith("|/tmp\n"))));
  EXPECT_THAT(
      FileOf(plan, "stderr.log"),
      AllOf(HasSubstr("CSA_VAR:PATH is not obeyed: no step may set that"),
            HasSubstr("CSA_VAR:STEP_1_EXIT is not obeyed"),
            HasSubstr("CSA_VAR:NOBODY is not obeyed: no step mentions it")));
}

TEST_F(PlanTest, AnAgentIsGivenVariablesOnce) {
  Install("codex", "cat; echo; echo \"$X\"");
  const std::string plan = Start(
      {Compile(absl::StrCat(
           Bash("Say", R"(printf 'said ${X} \377\n\n')"),
           "## Ask\nTool: codex\nX is ${X}, it ${STEP_1_OUTPUT:-did not}, "
           "${Y:-none}\n")),
       "--var=X=${Y} $1 \\1"});
  EXPECT_EQ(Wait(plan).exit_status, 0) << FileOf(plan, "stderr.log");
  EXPECT_EQ(OutputOf(plan, 2), "X is ${Y} $1 \\1, it said ${X} \xFF, none\n\n");
}

TEST_F(PlanTest, AnUndefinedVariableIsAnErrorBeforeTheStepRuns) {
  Install("codex", CountTo("asked"));
  const std::string plan = Start({Compile("## Ask\nTool: codex\n${X} ${Y}\n")});
  EXPECT_EQ(Wait(plan).exit_status, 125);
  EXPECT_THAT(FileOf(plan, "stderr.log"),
              AllOf(HasSubstr("X"), HasSubstr("Y"), HasSubstr("failed")));
  EXPECT_EQ(Count("asked"), 0);
}

TEST_F(PlanTest, F03_WhatIsKnownToBeWrongIsSaidBeforeAnythingRuns) {
  Install("codex", CountTo("asked"));
  const std::string workflow =
      Compile(Bash("One", CountTo("run")) + "## Two\nTool: codex\n${X}\n");
  for (const auto& [arguments, message] :
       std::map<std::vector<std::string>, std::string>{
           {{}, "give the FILE of a workflow"},
           {{"/nowhere.toml"}, "/nowhere.toml"},
           {{workflow, "more"}, "give one FILE"},
           {{workflow, "--var", "Z=1"}, "has no variable 'Z'"},
           {{workflow, "--var", "CSA_X=1"}, "cannot be set"},
           {{workflow, "--tool", "nobody"}, "unknown tool 'nobody'"},
           {{"--pattern=nothing"}, "no pattern 'nothing'"},
           {{Compile("## A\nTool: nobody\nx\n", "a")}, "unknown tool 'nobody'"},
           {{Compile("## B\nTool: csa\nTier: no-such\nx\n", "b")}, "no-such"},
           {{Compile(Bash("C", "true", "OnFail: delegate nobody\n"), "c")},
            "unknown tool 'nobody'"},
           {{scratch().PathOf("w.md")}, "is a pattern: compile it first"},
           {{workflow, "--resume", "NOSUCHID"}, "no session"}}) {
    const Ended ended = Plan(arguments);
    EXPECT_EQ(ended.exit_status, 125) << message << ended.error;
    EXPECT_THAT(ended.error, HasSubstr(message));
    EXPECT_EQ(ended.output, "");
  }
  EXPECT_EQ(Count("run"), 0);
  EXPECT_EQ(Count("asked"), 0);
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

TEST_F(PlanTest, AFailedStepEndsThePlanWithItsStatus) {
  const std::string plan =
      Start({Compile(Bash("One", "exit 7") + Bash("Two", CountTo("two")))});
  const Ended waited = Wait(plan);
  EXPECT_EQ(waited.exit_status, 7);
  EXPECT_EQ(Count("two"), 0);
  EXPECT_THAT(waited.output, HasSubstr(absl::StrCat("w: 1 failed in ")));
  EXPECT_THAT(waited.output,
              EndsWith(absl::StrCat("csa plan run --resume ", plan, "\n")));
  EXPECT_THAT(FileOf(plan, "stderr.log"), HasSubstr("status failure, exit 7"));
}

TEST_F(PlanTest, OnFailSaysWhatHappensThen) {
  Install("codex", "cat; exit 0");
  const std::string again = absl::StrCat(CountTo("tries"), "; test $(wc -l < ",
                                         scratch().PathOf("tries"), ") = 3");
  const std::string plan = Start(
      {Compile(absl::StrCat(
           Bash("Skip", "exit 3", "OnFail: skip\n"),
           Bash("Retry", again, "OnFail: retry 2\n"),
           Bash("Delegate", "echo ${X:-x}; exit 4", "OnFail: delegate codex\n"),
           Bash("See", "echo ${STEP_1_EXIT} ${STEP_2_EXIT} ${STEP_3_EXIT}"))),
       "--var=X=x"});
  EXPECT_EQ(Wait(plan).exit_status, 0) << FileOf(plan, "stderr.log");
  EXPECT_THAT(OutcomesOf(plan),
              ElementsAre("1 skipped", "2 again", "2 again", "2 done",
                          "3 again", "3 done", "4 done"));
  EXPECT_EQ(OutputOf(plan, 4), "3 0 0\n");
  EXPECT_THAT(OutputOf(plan, 3),
              AllOf(HasSubstr("\"Delegate\""), HasSubstr("exit 4"),
                    HasSubstr("X=x"), HasSubstr("echo ${X:-x}; exit 4")));
}

TEST_F(PlanTest, RetriesComeToAnEnd) {
  const std::string plan = Start({Compile(
      Bash("Retry", CountTo("tries") + "; exit 9", "OnFail: retry 1\n"))});
  EXPECT_EQ(Wait(plan).exit_status, 9);
  EXPECT_EQ(Count("tries"), 2);
}

TEST_F(PlanTest, ATimeoutIsTheSteps) {
  const std::string plan = Start(
      {Compile(Bash("Sleep", "sleep 1000", "Timeout: 100ms\nOnFail: skip\n") +
               Bash("See", "echo ${STEP_1_EXIT}"))});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_EQ(OutputOf(plan, 2), "143\n");
}

TEST_F(PlanTest, AStepGoesOnWithAConversation) {
  Install("claude", "echo \"$@\"; cat");
  const std::string plan = Start({Compile(absl::StrCat(
      "## Begin\nTool: claude\nfirst\n",
      "## Go on\nTool: claude\nSession: ${STEP_1_SESSION}\nsecond\n"))});
  EXPECT_EQ(Wait(plan).exit_status, 0) << FileOf(plan, "stderr.log");
  const Json spec = Json::parse(FileOf(SessionOf(plan, 2), "session.json"));
  EXPECT_EQ(spec.at("continues"), SessionOf(plan, 1));
}

TEST_F(PlanTest, ItKeepsGoingThroughHugeOutput) {
  const std::string plan = Start({Compile(absl::StrCat(
      Bash("Much",
           "head -c 100000000 /dev/zero | tr '\\0' y; echo; "
           "echo CSA_VAR:A=1"),
      Bash("Use", "echo ${A}"),
      Bash("Too much", "echo ${STEP_1_OUTPUT}", "OnFail: skip\n"),
      Bash("Less", "head -c 200000 /dev/zero | tr '\\0' y"),
      Bash("Still too much", "echo \"${STEP_4_OUTPUT}\"", "OnFail: skip\n")))});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_EQ(OutputOf(plan, 2), "1\n");
  EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 done", "2 done", "3 skipped",
                                            "4 done", "5 skipped"));
  EXPECT_THAT(FileOf(plan, "stderr.log"),
              AllOf(HasSubstr("more than 10 MiB"),
                    HasSubstr("STEP_4_OUTPUT has 200000 bytes")));
}

TEST_F(PlanTest, ANoteIsShownAndNotRun) {
  const std::string plan = Start({Compile("## Remember\nBe kind.\n")});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_THAT(FileOf(plan, "stderr.log"), HasSubstr("  Be kind."));
  EXPECT_EQ(SessionOf(plan, 1), "");
}

TEST_F(PlanTest, ADefaultIsNoneForAScriptWithAnother) {
  const std::string plan =
      Start({Compile(absl::StrCat(
                 Bash("One", "echo ${TMPDIR:-/tmp} ${A:-$(echo sub)} ${B:-b}"),
                 "## IF ${B} == \"b\"\n", Bash("Two", "true"), "## ENDIF\n")),
             "--env=TMPDIR=/elsewhere", "--env=B=/elsewhere"});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  // What a condition asks is what the script has.
  EXPECT_EQ(OutputOf(plan, 1), "/elsewhere sub b\n");
  EXPECT_THAT(OutcomesOf(plan), ElementsAre("1 done", "2 done"));
}

TEST_F(PlanTest, F39_APatternOfTheProjectIsNotRunByName) {
  const std::string project = scratch().PathOf("project");
  std::filesystem::create_directories(project + "/patterns/commit");
  std::filesystem::copy(Compile(Bash("Evil", CountTo("evil"))),
                        project + "/patterns/commit/workflow.toml");
  const Ended refused = Plan({"--cd", project, "--pattern=commit"});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("no pattern 'commit'"));
  // The user's own is.
  const std::string own = scratch().PathOf("configuration/csa/patterns/commit");
  std::filesystem::create_directories(own);
  std::filesystem::copy(Compile(Bash("Mine", CountTo("mine"))),
                        own + "/workflow.toml");
  EXPECT_EQ(Wait(Start({"--cd", project, "--pattern=commit"})).exit_status, 0);
  EXPECT_EQ(Count("mine"), 1);
  EXPECT_EQ(Count("evil"), 0);
  const Ended list = Csa({"plan", "list"});
  EXPECT_THAT(list.output, HasSubstr("commit"));
}

TEST_F(PlanTest, NoPromptIsRunAsAScript) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{Compile("## A\nTool: csa\nx\n", "a"),
                                 "--tool=sh"},
        {Compile(Bash("B", "exit 1", "OnFail: delegate sh\n"), "b")}}) {
    const Ended refused = Plan(arguments);
    EXPECT_EQ(refused.exit_status, 125);
    EXPECT_THAT(refused.error, HasSubstr("'sh' is no agent"));
  }
}

TEST_F(PlanTest, F22_NothingOutlivesAPlanThatIsKilled) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string plan = Start({Compile(
      Bash("Hostile", absl::StrCat("exec ", Hostile(), " ", lifeline.path(),
                                   " setsid,ignore-term")))});
  lifeline.AwaitReady(2);
  const Ended killed = Kill(plan);
  EXPECT_EQ(killed.exit_status, 0) << killed.error;
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(plan).status, SessionStatus::kKilled);
}

TEST_F(PlanTest, TwoRunsOfOnePlanDoNotMeet) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string workflow = Compile(absl::StrCat(
      Bash("One", "echo \"CSA_VAR:MINE=${X}\""),
      Bash("Two", absl::StrCat("read go < ", gate.path(), "; echo ${MINE}"))));
  const std::string a = Start({workflow, "--var=X=a"});
  const std::string b = Start({workflow, "--var=X=b"});
  gate.Open();
  gate.Open();
  EXPECT_EQ(Wait(a).exit_status, 0);
  EXPECT_EQ(Wait(b).exit_status, 0);
  EXPECT_EQ(OutputOf(a, 2), "a\n");
  EXPECT_EQ(OutputOf(b, 2), "b\n");
}

TEST_F(PlanTest, ADryRunRunsNothing) {
  const Ended dry =
      Plan({Compile(Bash("One", CountTo("one") + "; echo ${X} ${Y:-why} ${Z}")),
            "--dry-run", "--var=X=1"});
  EXPECT_EQ(dry.exit_status, 0) << dry.error;
  EXPECT_THAT(dry.output, AllOf(HasSubstr("1  bash  One"), HasSubstr("X=1"),
                                HasSubstr("Y=why"), HasSubstr("Z is not set")));
  EXPECT_THAT(StoreEntries(), IsEmpty());
}

TEST_F(PlanTest, EventsAreJsonWhereThatIsAskedFor) {
  const Ended ended =
      Plan({"--no-daemon", "--format=json", Compile(Bash("One", "echo 1"))});
  EXPECT_EQ(ended.exit_status, 0) << ended.error;
  std::vector<std::string> names;
  for (const absl::string_view line :
       absl::StrSplit(ended.output, '\n', absl::SkipEmpty())) {
    names.push_back(
        Json::parse(line.begin(), line.end()).at("event").get<std::string>());
  }
  EXPECT_THAT(names, ElementsAre("plan_started", "step_started", "step_ended",
                                 "plan_ended"));
}

}  // namespace
}  // namespace csa
