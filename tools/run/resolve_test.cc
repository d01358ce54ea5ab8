#include "tools/run/resolve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/functional/function_ref.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

class ChooseToolTest : public testing::Test {
 protected:
  ChooseToolTest() { setenv("PATH", scratch_.path().c_str(), 1); }

  void Install(const std::string& program, mode_t mode = 0700) {
    WriteFile(scratch_.PathOf(program), "");
    EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), mode), 0);
  }

  std::string NameOf(const std::string& wanted) {
    return ChooseTool(tools_, wanted).value().name;
  }

  absl::Status ErrorFor(const std::string& wanted) {
    return ChooseTool(tools_, wanted).status();
  }

  ScratchDirectory scratch_;
  const std::vector<AgentTool> tools_ = {
      {.name = "asked", .explicit_only = true, .argv = {"asked-program"}},
      {.name = "first", .argv = {"first-program", "x"}},
      {.name = "second", .argv = {"second-program"}},
  };
};

TEST_F(ChooseToolTest, TheFirstThatIsInstalledIsTaken) {
  Install("asked-program");
  Install("second-program");
  EXPECT_EQ(NameOf(""), "second");
  Install("first-program");
  EXPECT_EQ(NameOf(""), "first");
}

TEST_F(ChooseToolTest, ByItsNameAnyCanBeTaken) {
  Install("asked-program");
  Install("first-program");
  Install("second-program");
  EXPECT_EQ(NameOf("asked"), "asked");
  EXPECT_EQ(NameOf("second"), "second");
  EXPECT_EQ(*ChooseTool(tools_, "first"), tools_[1]);
}

TEST_F(ChooseToolTest, F04_WhereNoneIsInstalledItSaysWhatItLookedFor) {
  Install("asked-program");
  const absl::Status status = ErrorFor("");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(MessageOf(status),
              AllOf(HasSubstr("first-program"), HasSubstr("second-program"),
                    Not(HasSubstr("asked-program"))));
}

TEST_F(ChooseToolTest, F04_AToolThatIsNotInstalledIsRefused) {
  Install("second-program");
  const absl::Status status = ErrorFor("first");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(MessageOf(status), HasSubstr("first-program is not on PATH"));
}

TEST_F(ChooseToolTest, F04_AToolThatMayNotBeExecutedIsRefused) {
  Install("first-program", 0600);
  const absl::Status status = ErrorFor("first");
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotExecutable);
  EXPECT_THAT(MessageOf(status), HasSubstr("first-program is there, but"));
}

TEST_F(ChooseToolTest, ForAnUnknownNameItNamesTheNearest) {
  const absl::Status status = ErrorFor("secnod");
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kFailed);
  EXPECT_THAT(MessageOf(status),
              AllOf(HasSubstr("unknown tool 'secnod'"),
                    HasSubstr("did you mean second?"),
                    HasSubstr("the tools are asked, first, second")));
  EXPECT_THAT(MessageOf(ErrorFor("zzz")), Not(HasSubstr("did you mean")));
}

class ReadPromptTest : public testing::Test {
 protected:
  // Calls `body` in a child whose standard input is `input`.
  void WithStdin(int input, absl::FunctionRef<void()> body) {
    const pid_t child = ForkWorker([&] {
                          MoveTo(input, STDIN_FILENO);
                          body();
                          _exit(HasFailure() ? 1 : 0);
                        }).value();
    EXPECT_EQ(Reap(child).value(), 0);
  }

  // The same with a pipe that has `text` in it.
  void WithInput(absl::string_view text, absl::FunctionRef<void()> body) {
    Pipe pipe = OpenPipe().value();
    ASSERT_TRUE(WriteAll(pipe.writer.get(), text).ok());
    pipe.writer.Reset();
    WithStdin(pipe.reader.get(), body);
  }

  ScratchDirectory scratch_;
};

TEST_F(ReadPromptTest, TheOperandIsTheWholePrompt) {
  WithInput("input", [] {
    EXPECT_EQ(ReadPrompt({" fix\nit "}, "").value(), " fix\nit ");
    EXPECT_EQ(ReadPrompt({"--"}, "").value(), "--");
  });
}

TEST_F(ReadPromptTest, F02_StandardInputIsReadWhereNothingElseIsGiven) {
  const std::string prompt("two\nlines\n\0\xFF", 12);
  WithInput(prompt, [&] { EXPECT_EQ(ReadPrompt({}, "").value(), prompt); });
  WithInput(prompt, [&] { EXPECT_EQ(ReadPrompt({"-"}, "").value(), prompt); });
}

TEST_F(ReadPromptTest, AFileIsRead) {
  const std::string path = scratch_.PathOf("prompt");
  WriteFile(path, "from a file\n");
  const std::string link = scratch_.PathOf("link");
  ASSERT_EQ(symlink(path.c_str(), link.c_str()), 0);
  WithInput("input", [&] {
    EXPECT_EQ(ReadPrompt({}, path).value(), "from a file\n");
    EXPECT_EQ(ReadPrompt({}, link).value(), "from a file\n");
    EXPECT_TRUE(absl::IsNotFound(ReadPrompt({}, path + "x").status()));
  });
}

TEST_F(ReadPromptTest, F03_ItIsGivenOnce) {
  const std::string path = scratch_.PathOf("prompt");
  WriteFile(path, "from a file\n");
  WithInput("input", [&] {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadPrompt({"x"}, path).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(ReadPrompt({"-"}, path).status()));
    const absl::Status two = ReadPrompt({"fix", "it"}, "").status();
    EXPECT_TRUE(absl::IsInvalidArgument(two));
    EXPECT_THAT(MessageOf(two), HasSubstr("not 2 arguments"));
  });
}

TEST_F(ReadPromptTest, F03_ABlankPromptIsRefused) {
  const std::string path = scratch_.PathOf("prompt");
  WriteFile(path, "\n");
  WithInput(" \n\t", [&] {
    for (const absl::Status& status :
         {ReadPrompt({""}, "").status(), ReadPrompt({" \n"}, "").status(),
          ReadPrompt({}, path).status(), ReadPrompt({}, "").status()}) {
      EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
      EXPECT_EQ(MessageOf(status), "the prompt is empty");
    }
  });
}

TEST_F(ReadPromptTest, TenMebibytesAreTheMost) {
  const UniqueFd most = OpenInMemory(std::string(kMaxPromptBytes, 'x')).value();
  WithStdin(most.get(), [] {
    EXPECT_EQ(ReadPrompt({}, "").value().size(), kMaxPromptBytes);
  });
  const UniqueFd more =
      OpenInMemory(std::string(kMaxPromptBytes + 1, 'x')).value();
  WithStdin(more.get(), [] {
    const absl::Status status = ReadPrompt({}, "").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(MessageOf(status), HasSubstr("longer than 10 MiB"));
  });
}

TEST_F(ReadPromptTest, ATerminalIsNotWaitedFor) {
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) GTEST_SKIP() << "there are no terminals here";
  const UniqueFd owner(terminal);
  WithStdin(terminal, [] {
    const absl::Status status = ReadPrompt({}, "").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(MessageOf(status), HasSubstr("no prompt"));
  });
}

}  // namespace
}  // namespace csa
