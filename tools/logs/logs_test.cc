#include "tools/logs/logs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class LogsTest : public testing::Test {
 protected:
  LogsTest() {
    EXPECT_EQ(mkdir(scratch_.PathOf(kId).c_str(), 0700), 0);
    Write(kStdoutFile, "one\ntwo\n", 1000);
    Write(kStderrFile, "err", 2000);
  }

  // With the time of its last change, in seconds since 1970.
  void Write(const char* log, const std::string& text, time_t written) const {
    const std::string path = scratch_.PathOf(absl::StrCat(kId, "/", log));
    WriteFile(path, text);
    const timespec times[2] = {{.tv_sec = written, .tv_nsec = 0},
                               {.tv_sec = written, .tv_nsec = 0}};
    EXPECT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  }

  SessionDirectory Open() const {
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                                  kId, scratch_.path())
        .value();
  }

  // What is printed of the session.
  std::string Printed(const LogsOptions& options) const {
    const SessionDirectory session = Open();
    const UniqueFd output = OpenInMemory("").value();
    const pid_t child = ForkWorker([&] {
                          MoveTo(output.get(), STDOUT_FILENO);
                          _exit(PrintLogs(session, options).ok() ? 0 : 1);
                        }).value();
    EXPECT_EQ(Reap(child).value(), 0);
    EXPECT_EQ(lseek(output.get(), 0, SEEK_SET), 0);
    return ReadAll(output.get(), 1 << 20).value();
  }

  const ScratchDirectory scratch_;
};

TEST_F(LogsTest, OneStreamComesAsItIs) {
  EXPECT_EQ(Printed({}), "one\ntwo\n");
  EXPECT_EQ(Printed({.streams = Streams::kStderr}), "err");
  EXPECT_EQ(Printed({.last_lines = 1}), "two\n");
}

TEST_F(LogsTest, OfBothTheOneWrittenLastComesLast) {
  EXPECT_EQ(Printed({.streams = Streams::kBoth}), "one\ntwo\nerr\n");
  Write(kStderrFile, "err", 500);
  EXPECT_EQ(Printed({.streams = Streams::kBoth, .last_lines = 1}),
            "err\ntwo\n");
}

TEST_F(LogsTest, WhatWasNotWrittenSinceIsLeftOut) {
  const absl::Time since = absl::FromUnixSeconds(1500);
  EXPECT_EQ(Printed({.streams = Streams::kBoth, .since = since}), "err\n");
  EXPECT_EQ(Printed({.since = since}), "");
}

TEST_F(LogsTest, ALogThatIsNotThereIsEmpty) {
  EXPECT_EQ(unlink(scratch_.PathOf(absl::StrCat(kId, "/stdout.log")).c_str()),
            0);
  EXPECT_EQ(Printed({}), "");
  EXPECT_EQ(Printed({.streams = Streams::kBoth}), "err");
}

// Who removes the session may have come to the log already.
TEST_F(LogsTest, F12_OfARemovedSessionNothingIsClaimed) {
  const SessionDirectory session = Open();
  ASSERT_EQ(unlink(scratch_.PathOf(absl::StrCat(kId, "/stdout.log")).c_str()),
            0);
  ASSERT_EQ(
      rename(scratch_.PathOf(kId).c_str(), scratch_.PathOf("gone").c_str()), 0);
  EXPECT_TRUE(absl::IsNotFound(PrintLogs(session, {})));
}

}  // namespace
}  // namespace csa
