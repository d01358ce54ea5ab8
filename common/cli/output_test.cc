#include "common/cli/output.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/flags/reflection.h"
#include "absl/functional/function_ref.h"
#include "common/cli/options.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// Runs `body` in a child with `stream` in the place of the descriptor `target`,
// and returns its exit status: 0 when all that it expected was so.
int WithStream(int target, int stream, absl::FunctionRef<void()> body) {
  const pid_t child = ForkWorker([&] {
                        SetUpSignals();
                        MoveTo(stream, target);
                        body();
                        _exit(testing::Test::HasFailure() ? 1 : 0);
                      }).value();
  return Reap(child).value();
}

// What `body` writes to `target`.
std::string Written(int target, absl::FunctionRef<void()> body) {
  const UniqueFd stream = OpenInMemory("").value();
  EXPECT_EQ(WithStream(target, stream.get(), body), 0);
  EXPECT_EQ(lseek(stream.get(), 0, SEEK_SET), 0);
  return ReadAll(stream.get(), 1 << 20).value();
}

TEST(Output, GoesOutWhenItIsFlushed) {
  EXPECT_EQ(Written(STDOUT_FILENO, [] { PrintResult("lost"); }), "");
  EXPECT_EQ(Written(STDOUT_FILENO,
                    [] {
                      PrintResult("one");
                      PrintResult("two");
                      EXPECT_TRUE(FlushResult().ok());
                      EXPECT_TRUE(FlushResult().ok()) << "nothing is left";
                    }),
            "one\ntwo\n");
}

TEST(Output, KeepsACopyInOrder) {
  const UniqueFd log = OpenInMemory("skipped copied").value();
  ASSERT_EQ(lseek(log.get(), 8, SEEK_SET), 8);
  EXPECT_EQ(Written(STDOUT_FILENO,
                    [&] {
                      PrintResult("before");
                      EXPECT_TRUE(CopyToResult(log.get()).ok());
                      PrintResult(" after");
                      EXPECT_TRUE(FlushResult().ok());
                    }),
            "before\ncopied after\n");
}

TEST(Output, IsAbortedWhenNobodyReads) {
  Pipe pipe = OpenPipe().value();
  pipe.reader.Reset();
  const UniqueFd log = OpenInMemory("text").value();
  EXPECT_EQ(WithStream(STDOUT_FILENO, pipe.writer.get(),
                       [&] {
                         EXPECT_TRUE(absl::IsAborted(CopyToResult(log.get())));
                         PrintResult("text");
                         EXPECT_TRUE(absl::IsAborted(FlushResult()));
                       }),
            0);
}

TEST(Output, F32_FailsOnAFullDisk) {
  const UniqueFd full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY).value();
  EXPECT_EQ(WithStream(STDOUT_FILENO, full.get(),
                       [] {
                         PrintResult("text");
                         EXPECT_TRUE(absl::IsOutOfRange(FlushResult()));
                       }),
            0);
}

TEST(PrintNotice, GoesToStderrAtOnce) {
  const auto print = [] {
    PrintResult("result");
    PrintNotice("talk");
  };
  EXPECT_EQ(Written(STDERR_FILENO, print), "talk\n");
  EXPECT_EQ(Written(STDOUT_FILENO, print), "");
}

TEST(PrintNotice, HoldsNothingThatATerminalObeys) {
  EXPECT_EQ(Written(STDERR_FILENO,
                    [] { PrintNotice("no file a\nb\x1B[2J\xFF\xC3\xA4"); }),
            "no file a\\x0Ab\\x1B[2J\\xFF\xC3\xA4\n");
}

TEST(Format, IsTextUnlessJsonIsAskedFor) {
  const absl::FlagSaver saver;
  const auto parse = [](const std::string& argument) {
    return ParseOptions({argument}, OptionOrder::kAnywhere).status();
  };
  EXPECT_EQ(Format(), OutputFormat::kText);
  ASSERT_TRUE(parse("--format=json").ok());
  EXPECT_EQ(Format(), OutputFormat::kJson);
  ASSERT_TRUE(parse("--format=text").ok());
  EXPECT_EQ(Format(), OutputFormat::kText);
  EXPECT_TRUE(absl::IsInvalidArgument(parse("--format=yaml")));
  EXPECT_TRUE(absl::IsInvalidArgument(parse("--format=")));
}

TEST(Format, ParsesWhatItPrints) {
  for (const OutputFormat format : {OutputFormat::kText, OutputFormat::kJson}) {
    OutputFormat again = {};
    std::string error;
    EXPECT_TRUE(AbslParseFlag(AbslUnparseFlag(format), &again, &error));
    EXPECT_EQ(again, format);
  }
}

}  // namespace
}  // namespace csa
