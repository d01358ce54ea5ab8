#include "common/cli/tool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "common/cli/output.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Tool kTool = {
    .name = "csa-test",
    .synopsis = "[OPERAND]...",
    .summary = "Tests the frame.",
};

struct Outcome {
  int exit_status;
  std::string output;
  std::string error;
};

// Prints the operands.
absl::StatusOr<ExitStatus> Echo(const Operands& operands) {
  for (const std::string& operand : operands) PrintResult(operand);
  return ExitStatus::kSuccess;
}

std::string Content(const UniqueFd& fd) {
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_SET), 0);
  return ReadAll(fd.get(), 1 << 20).value();
}

// Runs a tool in a child: flags and streams are the process's. `prepare` may
// change the streams before.
Outcome RunInChild(
    const Tool& tool, const std::vector<std::string>& arguments,
    ToolFunction run, absl::FunctionRef<void()> prepare = [] {}) {
  const UniqueFd output = OpenInMemory("").value();
  const UniqueFd error = OpenInMemory("").value();
  const pid_t child = ForkWorker([&] {
                        MoveTo(output.get(), STDOUT_FILENO);
                        MoveTo(error.get(), STDERR_FILENO);
                        prepare();
                        _exit(RunTool(tool, arguments, run));
                      }).value();
  const int status = Reap(child).value();
  EXPECT_TRUE(WIFEXITED(status)) << status;
  return {.exit_status = WEXITSTATUS(status),
          .output = Content(output),
          .error = Content(error)};
}

TEST(RunTool, PrintsTheResult) {
  const Outcome outcome = RunInChild(kTool, {"one", "--", "--two"}, Echo);
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output, "one\n--two\n");
  EXPECT_EQ(outcome.error, "");
}

TEST(RunTool, TakesTheArgumentsOfMain) {
  const UniqueFd output = OpenInMemory("").value();
  const pid_t child =
      ForkWorker([&] {
        MoveTo(output.get(), STDOUT_FILENO);
        std::string program = "csa-test";
        std::string operand = "operand";
        char* argv[] = {program.data(), operand.data(), nullptr};
        const bool none_failed = RunTool(kTool, 2, argv, Echo) == 0 &&
                                 RunTool(kTool, 0, argv + 2, Echo) == 0;
        _exit(none_failed ? 0 : 1);
      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
  EXPECT_EQ(Content(output), "operand\n");
}

TEST(RunTool, ExitsWithWhatTheToolSays) {
  for (const int exit_status : {0, 1, 3, 124, 143, 255}) {
    const Outcome outcome = RunInChild(
        kTool, {}, [&](const Operands&) { return ExitStatusOf(exit_status); });
    EXPECT_EQ(outcome.exit_status, exit_status);
    EXPECT_EQ(outcome.error, "");
  }
}

TEST(RunTool, PrintsAnError) {
  const Outcome outcome = RunInChild(kTool, {}, [](const Operands&) {
    return absl::NotFoundError("no such session");
  });
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.error, "csa-test: no such session\n");
}

TEST(RunTool, F04_ExitsWithTheStatusOfAnError) {
  const Outcome outcome = RunInChild(kTool, {}, [](const Operands&) {
    return WithExecutionStatus(absl::NotFoundError("execute x: none"));
  });
  EXPECT_EQ(outcome.exit_status, 127);
  EXPECT_EQ(outcome.error, "csa-test: execute x: none\n");
}

TEST(RunTool, PrintsTheResultBesideAnError) {
  const Outcome outcome = RunInChild(kTool, {}, [](const Operands&) {
    PrintResult("half");
    return absl::InternalError("broken");
  });
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.output, "half\n");
  EXPECT_EQ(outcome.error, "csa-test: broken\n");
}

TEST(RunTool, F03_PointsToTheHelpAfterAWrongOption) {
  const Outcome outcome = RunInChild(kTool, {"--formatt=json"}, Echo);
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.error,
            "csa-test: unknown option --formatt; did you mean --format?\n"
            "Try 'csa-test --help'.\n");
}

TEST(RunTool, PointsToTheHelpAfterAUsageError) {
  const Outcome outcome = RunInChild(
      kTool, {}, [](const Operands&) { return UsageError("no operand"); });
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.error, "csa-test: no operand\nTry 'csa-test --help'.\n");
}

TEST(RunTool, PrintsHelp) {
  Tool tool = kTool;
  tool.epilogue = [] { return std::string("\n\nThe end."); };
  for (const std::string option : {"--help", "-h"}) {
    const Outcome outcome = RunInChild(tool, {"operand", option}, Echo);
    EXPECT_EQ(outcome.exit_status, 0);
    EXPECT_EQ(outcome.error, "");
    EXPECT_THAT(outcome.output,
                AllOf(StartsWith("Usage: csa-test [OPTION]... [OPERAND]...\n"
                                 "Tests the frame.\n\nOptions:\n"),
                      HasSubstr("\n  --cd DIR "), HasSubstr("\n  --help "),
                      HasSubstr("\n  --format FORMAT "),
                      HasSubstr("\n  --version "), EndsWith("\nThe end.\n")));
  }
}

TEST(RunTool, PrintsTheVersion) {
  const Outcome outcome = RunInChild(kTool, {"--version"}, Echo);
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_THAT(outcome.output, testing::MatchesRegex("csa-test [0-9.]+\n"));
}

TEST(RunTool, LeavesTheOptionsOfACommandToIt) {
  Tool tool = kTool;
  tool.order = OptionOrder::kBeforeOperands;
  const Outcome outcome =
      RunInChild(tool, {"--format=json", "make", "--help"}, Echo);
  EXPECT_EQ(outcome.output, "make\n--help\n");
}

TEST(RunTool, EntersTheDirectoryFirst) {
  const ScratchDirectory scratch;
  const Outcome outcome =
      RunInChild(kTool, {"--cd", scratch.path()},
                 [](const Operands&) -> absl::StatusOr<ExitStatus> {
                   PrintResult(WorkingDirectory().value_or("none"));
                   return ExitStatus::kSuccess;
                 });
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_THAT(
      outcome.output,
      EndsWith(scratch.path().substr(scratch.path().rfind('/')) + "\n"));
}

TEST(RunTool, F03_RefusesADirectoryThatIsMissing) {
  const Outcome outcome = RunInChild(kTool, {"--cd=/nowhere", "operand"}, Echo);
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.error,
            "csa-test: enter directory /nowhere: no such file or directory\n");
}

TEST(RunTool, MindsNoReaderThatHasGone) {
  Pipe pipe = OpenPipe().value();
  pipe.reader.Reset();
  const Outcome outcome = RunInChild(kTool, {"operand"}, Echo, [&] {
    MoveTo(pipe.writer.get(), STDOUT_FILENO);
  });
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.error, "");
}

TEST(RunTool, F32_FailsWhereTheResultCannotBeWritten) {
  const Outcome outcome = RunInChild(kTool, {"operand"}, Echo, [] {
    const UniqueFd full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY).value();
    MoveTo(full.get(), STDOUT_FILENO);
  });
  EXPECT_EQ(outcome.exit_status, 125);
  EXPECT_EQ(outcome.error,
            "csa-test: stdout: write: no space left on device\n");
}

TEST(RunTool, F11_SurvivesClosedStandardStreams) {
  const Outcome outcome = RunInChild(
      kTool, {"operand"},
      [](const Operands&) -> absl::StatusOr<ExitStatus> {
        // A file that is opened now is no standard stream.
        const absl::StatusOr<UniqueFd> null =
            OpenAt(AT_FDCWD, "/dev/null", O_RDONLY);
        if (!null.ok()) return null.status();
        return null->get() > STDERR_FILENO ? ExitStatus::kSuccess
                                           : ExitStatus::kNo;
      },
      [] {
        for (int fd = 0; fd <= 2; ++fd) close(fd);
      });
  EXPECT_EQ(outcome.exit_status, 0);
}

}  // namespace
}  // namespace csa
