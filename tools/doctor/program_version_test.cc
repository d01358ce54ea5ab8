#include "tools/doctor/program_version.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

// Longer than anything here takes.
constexpr absl::Duration kLong = absl::Minutes(1);

TEST(VersionLine, IsTheFirstThatIsNotBlank) {
  EXPECT_EQ(VersionLine("codex-cli 1.2.3\nmore\n"), "codex-cli 1.2.3");
  EXPECT_EQ(VersionLine("\n \t\n  1.2.3 \r\n"), "1.2.3");
  EXPECT_EQ(VersionLine(""), "");
  EXPECT_EQ(VersionLine("\n\n"), "");
}

TEST(VersionLine, IsShortAndNothingThatATerminalObeys) {
  EXPECT_EQ(VersionLine(std::string(1000, 'a')), std::string(80, 'a'));
  EXPECT_EQ(VersionLine("\x1b[31m1\xff"), "\\x1B[31m1\\xFF");
}

class ProgramVersionTest : public testing::Test {
 protected:
  // The descriptor that the programs inherit.
  static constexpr int kLifeline = 9;

  ProgramVersionTest() : lifeline_(OpenPipe().value()) {
    EXPECT_EQ(MoveTo(lifeline_.writer.get(), kLifeline), 0);
    lifeline_.writer.Reset(kLifeline);
  }

  // The path of a program that runs `script`.
  std::string Program(const std::string& script) const {
    std::string path = scratch_.PathOf("program");
    WriteFile(path, absl::StrCat("#!/bin/sh\n", script, "\n"));
    EXPECT_EQ(chmod(path.c_str(), 0700), 0);
    return path;
  }

  // What ProgramVersion says of it, whether it is a version or not. Expects
  // that nothing of it is alive.
  std::string Say(const std::string& script, absl::Duration timeout = kLong) {
    const absl::StatusOr<std::string> version =
        ProgramVersion(Program(script), timeout);
    EXPECT_TRUE(IsAlone());
    return version.ok() ? *version
                        : absl::StrCat("no: ", version.status().message());
  }

  // Whether this process alone has the lifeline open.
  bool IsAlone() {
    lifeline_.writer.Reset();
    char byte;
    return AwaitReadable(lifeline_.reader.get(), MonotonicNow()).value() &&
           read(lifeline_.reader.get(), &byte, 1) == 0;
  }

  const ScratchDirectory scratch_;
  Pipe lifeline_;
};

TEST_F(ProgramVersionTest, IsWhatItPrints) {
  EXPECT_EQ(Say("echo $# $1; echo more; echo noise >&2"), "1 --version");
}

TEST_F(ProgramVersionTest, MayStandOnStandardError) {
  EXPECT_EQ(Say("echo; echo 1.2.3 >&2"), "1.2.3");
}

TEST_F(ProgramVersionTest, FailureIsSaidWithItsReason) {
  EXPECT_EQ(Say("echo 1.2.3; echo no node >&2; exit 127"),
            "no: exited with 127: no node");
}

TEST_F(ProgramVersionTest, DeathIsSaid) {
  EXPECT_EQ(Say("kill -KILL $$"), "no: died of signal 9");
}

TEST_F(ProgramVersionTest, SilenceIsSaid) {
  EXPECT_EQ(Say("exit 0"), "no: printed nothing");
}

TEST_F(ProgramVersionTest, AMissingProgramIsSaid) {
  const absl::StatusOr<std::string> version =
      ProgramVersion(scratch_.PathOf("none"), kLong);
  EXPECT_THAT(version.status().message(), HasSubstr("/none: no such file"));
}

TEST_F(ProgramVersionTest, ThereIsNothingToRead) {
  EXPECT_EQ(Say("cat; echo end"), "end");
}

TEST_F(ProgramVersionTest, F11_SignalsAreAsEver) {
  signal(SIGTERM, SIG_IGN);
  BlockAllSignals();
  EXPECT_EQ(Say("kill -TERM $$; echo alive"), "no: died of signal 15");
}

// So it has no terminal, whatever the caller has.
TEST_F(ProgramVersionTest, IsInAPosixSessionOfItsOwn) {
  EXPECT_NE(Say("cut -d' ' -f6 /proc/$$/stat"), absl::StrCat(getsid(0)));
}

TEST_F(ProgramVersionTest, MuchOutputIsReadAndForgotten) {
  EXPECT_EQ(Say("echo 1.2.3; head -c 10000000 /dev/zero; echo end >&2"),
            "1.2.3");
  EXPECT_EQ(
      ProgramVersion(Program("head -c 10000000 /dev/zero | tr '\\0' a"), kLong)
          .value(),
      std::string(80, 'a'));
}

TEST_F(ProgramVersionTest, WhatDoesNotEndIsEnded) {
  EXPECT_EQ(Say("echo 1.2.3; exec sleep 1000", absl::Milliseconds(100)),
            "no: did not end within 100ms");
}

TEST_F(ProgramVersionTest, WhatWritesWithoutAPauseIsEnded) {
  EXPECT_EQ(Say("exec yes", absl::Milliseconds(100)),
            "no: did not end within 100ms");
}

TEST_F(ProgramVersionTest, F26_WhatItLeavesBehindIsEnded) {
  EXPECT_EQ(Say("echo 1.2.3; sleep 1000 & (setsid sleep 1000 &); "
                "(trap '' TERM; setsid env -i sleep 1000 &)"),
            "1.2.3");
}

TEST_F(ProgramVersionTest, F22_AllOfWhatDoesNotEndIsEnded) {
  EXPECT_EQ(Say("(setsid yes &); (trap '' TERM; setsid env -i sleep 1000 &); "
                "trap '' TERM; kill -STOP $$",
                absl::Milliseconds(100)),
            "no: did not end within 100ms");
}

TEST_F(ProgramVersionTest, F24_TheCallersOwnChildrenAreLeftAlone) {
  const pid_t child = Spawn({"sleep", "1000"}, [] {
                        return close(kLifeline) == 0 ? 0 : errno;
                      }).value();
  EXPECT_EQ(Say("echo 1.2.3"), "1.2.3");
  const PidFd process = PidFd::Open(child).value();
  EXPECT_FALSE(process.AwaitDeath(MonotonicNow()).value());
  kill(child, SIGKILL);
  EXPECT_TRUE(Reap(child).ok());
}

TEST_F(ProgramVersionTest, F30_NothingOutlivesTheCaller) {
  const std::string program = Program(
      absl::StrCat("(trap '' TERM; setsid env -i sleep 1000 &); echo ready >&",
                   kLifeline, "; exec sleep 1000"));
  const pid_t caller =
      ForkWorker([&] {
        static_cast<void>(ProgramVersion(program, absl::InfiniteDuration()));
      }).value();
  std::string ready(6, '\0');
  ASSERT_EQ(read(lifeline_.reader.get(), ready.data(), ready.size()), 6);
  kill(caller, SIGKILL);
  EXPECT_EQ(Reap(caller).value(), SIGKILL);
  lifeline_.writer.Reset();
  ASSERT_TRUE(
      AwaitReadable(lifeline_.reader.get(), MonotonicNow() + kLong).value());
  EXPECT_EQ(read(lifeline_.reader.get(), ready.data(), 1), 0);
}

}  // namespace
}  // namespace csa
