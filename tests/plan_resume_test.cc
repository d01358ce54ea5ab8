// Promises of csa plan run --resume: wherever the plan was killed, it goes on
// without doing again what was done.

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/plan_frame.h"

namespace csa {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class PlanResumeTest : public PlanTest {
 protected:
  PlanResumeTest() {
    workflow_ = Compile(absl::StrCat(
        Step("one", "echo CSA_VAR:LIST='a b'"),
        "## IF ${LIST} == \"a b\"\n## FOR x IN ${LIST}\n",
        Step("each-${x}", "echo \"CSA_VAR:SEEN=${SEEN:-}${x}\""),
        "## ENDFOR\n## ELSE\n", Step("never", "true"), "## ENDIF\n",
        "## Fails\nTool: bash\nOnFail: skip\n", Script("fails", "exit 4"),
        Step("last", "echo ${SEEN} ${STEP_4_EXIT}")));
  }

  // A script that writes down that it has run, in the directory $RUNS.
  static std::string Script(absl::string_view name, absl::string_view script) {
    return absl::StrCat("```bash\necho x >> \"$RUNS/", name, "\"\n", script,
                        "\n```\n");
  }
  static std::string Step(absl::string_view name, absl::string_view script) {
    return absl::StrCat("## ", name, "\nTool: bash\n", Script(name, script));
  }

  // Starts the plan, or resumes one, with `fault` where csa-plan runs it.
  // Returns its id.
  std::string StartWith(const std::string& runs, const std::string& fault,
                        std::vector<std::string> arguments) const {
    std::vector<std::string> argv = {
        "plan", "run", "--env", absl::StrCat("RUNS=", scratch().PathOf(runs))};
    if (!fault.empty()) argv.insert(argv.end(), {"--env", fault});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const Ended started = Csa(argv);
    EXPECT_EQ(started.exit_status, 0) << started.error;
    return std::string(absl::StripSuffix(started.output, "\n"));
  }

  // "a:1 b:2": how often each script has run.
  std::string Runs(const std::string& runs) const {
    std::set<std::string> counts;
    for (const auto& entry :
         std::filesystem::directory_iterator(scratch().PathOf(runs))) {
      std::ifstream file(entry.path());
      counts.insert(
          absl::StrCat(entry.path().filename().string(), ":",
                       std::count(std::istreambuf_iterator<char>(file),
                                  std::istreambuf_iterator<char>(), 'x')));
    }
    return absl::StrJoin(counts, " ");
  }

  void MakeRuns(const std::string& runs) const {
    std::filesystem::create_directory(scratch().PathOf(runs));
  }

  std::string workflow_;
};

constexpr char kAllOnce[] = "each-a:1 each-b:1 fails:1 last:1 one:1";

TEST_F(PlanResumeTest, WhereverItWasKilledItGoesOn) {
  // All the points at which csa-plan can be killed, in its session.
  MakeRuns("log");
  const std::string log = scratch().PathOf("fault-log");
  std::ofstream(log).close();
  const std::string whole =
      StartWith("log", absl::StrCat("CSA_FAULT_LOG=", log), {workflow_});
  EXPECT_EQ(Wait(whole).exit_status, 0) << FileOf(whole, "stderr.log");
  EXPECT_EQ(Runs("log"), kAllOnce);
  std::set<std::string> points;
  std::ifstream file(log);
  for (std::string point; std::getline(file, point);) {
    if (absl::StartsWith(point, "csa-plan ")) points.insert(point);
  }
  EXPECT_GE(points.size(), 25U);
  RecordProperty("points", static_cast<int>(points.size()));
  size_t killed = 0;
  for (const std::string& point : points) {
    SCOPED_TRACE(point);
    const std::string runs = absl::StrReplaceAll(point, {{" ", "-"}});
    MakeRuns(runs);
    const std::string plan = StartWith(
        runs, absl::StrCat("CSA_FAULT=", point, " kill"), {workflow_});
    const Ended ended = Wait(plan);
    // A point that is come to behind the last write changes nothing. One in a
    // child that is to become csa-spawn fails the step.
    EXPECT_THAT(ended.exit_status, AnyOf(137, 125, 0));
    // Before its journal begins, there is nothing to go on with.
    std::ifstream journal(DirectoryOf(plan) + "/plan.jsonl");
    if (ended.exit_status == 0 || journal.peek() == EOF) continue;
    ++killed;
    const std::string resumed = StartWith(runs, "", {"--resume", plan});
    const Ended waited = Wait(resumed);
    EXPECT_EQ(waited.exit_status, 0) << FileOf(resumed, "stderr.log");
    EXPECT_EQ(Runs(runs), kAllOnce) << FileOf(plan, "plan.jsonl");
    EXPECT_THAT(waited.output, HasSubstr("4 done, 1 skipped, 1 left out"));
  }
  std::cout << killed << " of " << points.size() << " points\n";
  EXPECT_GE(killed, 25U);
}

TEST_F(PlanTest, APersonsStepStopsThePlanUntilItIsResumed) {
  const std::string workflow = Compile(
      absl::StrCat(Bash("One", CountTo("one") + "; echo CSA_VAR:A=kept"),
                   "## Look at it\nTool: manual\nOpen the ${DOOR:-door}.\n",
                   Bash("Three", "echo ${A} ${STEP_1_OUTPUT}")));
  const std::string plan = Start({workflow});
  const Ended waited = Wait(plan);
  EXPECT_EQ(waited.exit_status, 3);
  EXPECT_THAT(waited.output,
              EndsWith(absl::StrCat("csa plan run --resume ", plan, "\n")));
  EXPECT_THAT(FileOf(plan, "stderr.log"), HasSubstr("  Open the door."));
  const std::string resumed = Start({"--resume", plan});
  EXPECT_EQ(Wait(resumed).exit_status, 0) << FileOf(resumed, "stderr.log");
  EXPECT_EQ(Count("one"), 1);
  EXPECT_EQ(OutputOf(resumed, 3), "kept\n");
}

TEST_F(PlanTest, ResumeRefusesWhatHasChanged) {
  const std::string workflow = Compile(Bash("One", "exit 1"));
  const std::string plan = Start({workflow});
  EXPECT_EQ(Wait(plan).exit_status, 1);
  Compile(Bash("One", "exit 2"));
  const Ended changed = Plan({"--resume", plan});
  EXPECT_EQ(changed.exit_status, 125);
  EXPECT_THAT(changed.error, HasSubstr("is not the one that plan"));
  EXPECT_EQ(Plan({"--resume", plan, "--var=A=1"}).exit_status, 125);
  const std::string other = Run("true");
  EXPECT_EQ(Wait(other).exit_status, 0);
  const Ended no_plan = Plan({"--resume", other});
  EXPECT_EQ(no_plan.exit_status, 125);
  EXPECT_THAT(no_plan.error, HasSubstr("it is no plan"));
}

TEST_F(PlanTest, ResumeRefusesAPlanThatRuns) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string plan =
      Start({Compile(Bash("One", absl::StrCat("read go < ", gate.path())))});
  const Ended resumed = Plan({"--resume", plan});
  EXPECT_EQ(resumed.exit_status, 125);
  EXPECT_THAT(resumed.error, HasSubstr("is still running"));
  gate.Open();
  EXPECT_EQ(Wait(plan).exit_status, 0);
}

TEST_F(PlanTest, ResumeRefusesAPlanWhoseStepStillRuns) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string script =
      absl::StrCat(CountTo("runs"), "; printf x > ", scratch().PathOf("ready"),
                   "; read go < ", gate.path());
  ASSERT_EQ(mkfifo(scratch().PathOf("ready").c_str(), 0600), 0);
  const std::string plan = Start({Compile(Bash("One", script))});
  std::ifstream(scratch().PathOf("ready")).get();
  KillSupervisor(plan);
  const size_t sessions = StoreEntries().size();
  const Ended refused = Plan({"--resume", plan});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("step 1 is still running in session"));
  EXPECT_EQ(StoreEntries().size(), sessions);
  gate.Open();
  EXPECT_EQ(Wait(SessionOf(plan, 1)).exit_status, 0);
  const std::string resumed = Start({"--resume", plan});
  EXPECT_EQ(Wait(resumed).exit_status, 0) << FileOf(resumed, "stderr.log");
  EXPECT_EQ(Count("runs"), 1);
}

TEST_F(PlanTest, OnlyOnePlanGoesOnWithAnother) {
  const std::string script = absl::StrCat(CountTo("runs"), "; test $(wc -l < ",
                                          scratch().PathOf("runs"), ") -gt 1");
  const std::string plan = Start({Compile(Bash("One", script))});
  EXPECT_EQ(Wait(plan).exit_status, 1);
  const std::string resumed = Start({"--resume", plan});
  EXPECT_EQ(Wait(resumed).exit_status, 0);
  const Ended refused = Plan({"--resume", plan});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error,
              HasSubstr(absl::StrCat("csa plan run --resume ", resumed)));
  EXPECT_EQ(Wait(Start({"--resume", resumed})).exit_status, 0);
  EXPECT_EQ(Count("runs"), 2);
}

TEST_F(PlanTest, SeveralResumesAtOnceRunTheRestOnce) {
  const std::string plan = Start(
      {Compile(Bash("One", absl::StrCat("test -e ", scratch().PathOf("go"))) +
               Bash("Two", CountTo("two")))});
  EXPECT_EQ(Wait(plan).exit_status, 1);
  WriteFile(scratch().PathOf("go"), "");
  std::vector<std::unique_ptr<Program>> programs;
  programs.reserve(4);
  for (int i = 0; i < 4; ++i) {
    programs.push_back(std::make_unique<Program>(
        CsaArgv({"plan", "run", "--no-daemon", "--resume", plan}),
        InTest(WithAgents())));
  }
  int successes = 0;
  for (const std::unique_ptr<Program>& program : programs) {
    const Ended ended = program->Await();
    EXPECT_THAT(ended.exit_status, AnyOf(0, 125)) << ended.error;
    if (ended.exit_status == 0) ++successes;
  }
  EXPECT_EQ(successes, 1);
  EXPECT_EQ(Count("two"), 1);
}

TEST_F(PlanTest, APlanGoesOnInItsDirectory) {
  const std::string project = scratch().PathOf("project");
  std::filesystem::create_directory(project);
  const std::string plan =
      Start({"--cd", project,
             Compile(Bash("One", "echo 1") + "## Look\nTool: manual\nLook.\n" +
                     Bash("Three", "pwd"))});
  EXPECT_EQ(Wait(plan).exit_status, 3);
  const std::string resumed = Start({"--resume", plan});
  EXPECT_EQ(Wait(resumed).exit_status, 0);
  EXPECT_EQ(OutputOf(resumed, 3), project + "\n");
}

TEST_F(PlanTest, AnAttemptThatIsTriedAgainSetsNothing) {
  const std::string script = absl::StrCat(
      CountTo("tries"), "; n=$(wc -l < ", scratch().PathOf("tries"),
      R"(); test "$n" != 1 || echo CSA_VAR:MODE=first; test "$n" = 2)");
  const std::string plan = Start({Compile(
      absl::StrCat(Bash("Try", script, "OnFail: retry 1\n"),
                   "## IF ${MODE} == \"first\"\n", Bash("Wrong", "true"),
                   "## ELSE\n", Bash("Right", "true"), "## ENDIF\n"))});
  EXPECT_EQ(Wait(plan).exit_status, 0);
  EXPECT_THAT(OutcomesOf(plan), testing::ElementsAre("1 again", "1 done",
                                                     "2 left_out", "3 done"));
}

TEST_F(PlanTest, AnOutcomeIsOfNoOtherAttempt) {
  Install("codex", "echo answer for; cat");
  const std::string plan = Start({Compile(absl::StrCat(
      "## FOR I IN a b\n## Ask\nTool: codex\nOnFail: skip\n", "${I} ${X}\n",
      Bash("See",
           "echo \"${STEP_1_OUTPUT:-none}\"; "
           "echo CSA_VAR:NOTHING=1"),
      "## ENDFOR\n"))});
  EXPECT_EQ(Wait(plan).exit_status, 0) << FileOf(plan, "stderr.log");
  EXPECT_THAT(OutputOf(plan, 2), testing::StartsWith("none\n"));
}

}  // namespace
}  // namespace csa
