#include "common/launch/prompt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
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
