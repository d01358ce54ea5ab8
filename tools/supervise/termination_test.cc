#include "tools/supervise/termination.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/file_lock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/session/ending.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

absl::Time Soon() { return MonotonicNow() + absl::Seconds(60); }

// A process and what it writes to the test.
struct Started {
  pid_t pid;
  PidFd process;
  UniqueFd output;

  bool Writes() const {
    char byte;
    return AwaitReadable(output.get(), Soon()).value() &&
           read(output.get(), &byte, 1) == 1;
  }
  bool Dies() const { return process.AwaitDeath(Soon()).value(); }
  // Death by a signal that has been sent takes far less.
  bool StaysAlive() const {
    return !process.AwaitDeath(MonotonicNow() + absl::Milliseconds(50)).value();
  }
};

// The descriptor by which a child tells the test; for its signal handler.
int told;
void Tell(int = 0) { static_cast<void>(!write(told, "x", 1)); }

class TerminationTest : public testing::Test {
 protected:
  TerminationTest()
      : scratch_(testing::TempDir() + "terminationXXXXXX"),
        own_(MakeOwn()),
        nested_(IdentityOf(own_.get()).value()),
        start_(MonotonicNow()) {
    EXPECT_TRUE(BecomeSubreaper().ok());
  }
  ~TerminationTest() override {
    while (!absl::IsNotFound(ReapAny().status())) {
      for (const ProcessStat& process : Descendants(getpid()).Members()) {
        kill(process.pid, SIGKILL);
      }
    }
    std::filesystem::remove_all(scratch_);
  }

  UniqueFd MakeOwn() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    return OpenAt(AT_FDCWD, scratch_ + "/own", O_RDWR | O_CREAT, 0600).value();
  }

  // A child that calls `work`, tells so, and waits to be ended. `work` may make
  // it end earlier.
  static Started Start(absl::FunctionRef<void()> work) {
    Pipe pipe = OpenPipe().value();
    const pid_t pid = ForkWorker([&] {
                        told = pipe.writer.get();
                        work();
                        Tell();
                        while (true) pause();
                      }).value();
    Started started = {.pid = pid,
                       .process = PidFd::Open(pid).value(),
                       .output = std::move(pipe.reader)};
    EXPECT_TRUE(started.Writes());
    return started;
  }

  // A child that answers SIGTERM and goes on.
  static Started StartStubborn() {
    return Start([] { signal(SIGTERM, Tell); });
  }

  // The supervisor of a nested session, which answers SIGTERM and goes on, and
  // its command. (The environment is that of execve(2), hence no mere fork.)
  struct NestedSession {
    Started supervisor;
    pid_t command;
    PidFd command_process;
  };
  NestedSession StartNested() {
    const std::string directory = scratch_ + "/nested";
    EXPECT_EQ(mkdir(directory.c_str(), 0700), 0);
    const UniqueFd lock =
        OpenAt(AT_FDCWD, directory + "/daemon.pid", O_RDWR | O_CREAT, 0600)
            .value();
    Pipe pipe = OpenPipe().value();
    const pid_t test = getpid();
    const pid_t pid =
        Spawn({"sh", "-c",
               "trap 'printf t' TERM; exec 3<&0; sh -c 'read x' <&3 & "
               "printf s; while :; do wait; done"},
              [&] {
                setenv("CSA_SESSION_DIR", directory.c_str(), 1);
                // The lock outlives execve(2), if the descriptor does.
                if (!LockForWriting(lock.get()).ok() ||
                    fcntl(lock.get(), F_SETFD, 0) != 0) {
                  return EBUSY;
                }
                int error = MoveTo(never_.reader.get(), STDIN_FILENO);
                if (error == 0) {
                  error = MoveTo(pipe.writer.get(), STDOUT_FILENO);
                }
                return error != 0 ? error : DieWithParent(test);
              })
            .value();
    Started supervisor = {.pid = pid,
                          .process = PidFd::Open(pid).value(),
                          .output = std::move(pipe.reader)};
    EXPECT_TRUE(supervisor.Writes());
    const std::vector<pid_t> children = ChildrenOf(pid);
    EXPECT_EQ(children.size(), 1U);
    return {std::move(supervisor), children[0],
            PidFd::Open(children[0]).value()};
  }

  static void ReapAll() {
    while (true) {
      const auto child = ReapAny();
      if (!child.ok() || !child->has_value()) return;
    }
  }

  static std::vector<pid_t> PidsOf(const std::vector<ProcessStat>& processes) {
    std::vector<pid_t> pids;
    for (const ProcessStat& process : processes) pids.push_back(process.pid);
    return pids;
  }

  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::string scratch_;
  const UniqueFd own_;
  NestedSessions nested_;
  const absl::Time start_;
};

TEST_F(TerminationTest, IsOverAtOnceWhereNobodyIsLeft) {
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_TRUE(termination.Round(start_));
  EXPECT_THAT(termination.strays(), IsEmpty());
}

TEST_F(TerminationTest, F26_AsksFirstAndCountsWhatIsLeftBehind) {
  const Started child = Start([] {});
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  ASSERT_TRUE(child.Dies());
  // Whether it has been reaped or not, it is gone (F19).
  EXPECT_TRUE(termination.Round(start_));
  ReapAll();
  EXPECT_TRUE(termination.Round(start_));
  EXPECT_THAT(PidsOf(termination.strays()), ElementsAre(child.pid));
}

TEST_F(TerminationTest, F23_KillsWhatIsLeftAfterTheGracePeriod) {
  const Started child = StartStubborn();
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(child.Writes());
  EXPECT_FALSE(
      termination.Round(start_ + kGracePeriod - absl::Milliseconds(1)));
  EXPECT_TRUE(child.StaysAlive());
  EXPECT_EQ(termination.next_round(), start_ + kGracePeriod);
  EXPECT_FALSE(termination.Round(start_ + kGracePeriod));
  ASSERT_TRUE(child.Dies());
  ReapAll();
  EXPECT_TRUE(termination.Round(start_ + kGracePeriod));
  EXPECT_THAT(PidsOf(termination.strays()), ElementsAre(child.pid));
}

TEST_F(TerminationTest, AsksEachProcessOnce) {
  const Started child = StartStubborn();
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  termination.Round(start_);
  ASSERT_TRUE(child.Writes());
  termination.Round(start_);
  EXPECT_FALSE(
      AwaitReadable(child.output.get(), MonotonicNow() + absl::Milliseconds(50))
          .value());
}

TEST_F(TerminationTest, AsksThoseWhoComeLater) {
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_TRUE(termination.Round(start_));
  const Started child = Start([] {});
  EXPECT_FALSE(termination.Round(start_ + absl::Seconds(1)));
  EXPECT_TRUE(child.Dies());
}

TEST_F(TerminationTest, TheLeadersGroupIsNoStrayUnlessItMustBeKilled) {
  const Started leader = Start([] {
    LeaveProcessGroup();
    if (fork() == 0) {
      while (true) pause();
    }
  });
  const std::vector<pid_t> below = ChildrenOf(leader.pid);
  ASSERT_EQ(below.size(), 1U);
  const PidFd member = PidFd::Open(below[0]).value();
  Termination termination(nested_, Nested::kEnded, leader.pid, nullptr, start_);
  // It may be over at once: the group is signalled before who is left is seen.
  termination.Round(start_);
  EXPECT_TRUE(leader.Dies());
  EXPECT_TRUE(member.AwaitDeath(Soon()).value());
  ReapAll();
  EXPECT_TRUE(termination.Round(start_));
  EXPECT_THAT(termination.strays(), IsEmpty());
}

TEST_F(TerminationTest, AStubbornLeaderIsKilledAndIsNoStray) {
  const Started leader = Start([] {
    LeaveProcessGroup();
    signal(SIGTERM, Tell);
  });
  Termination termination(nested_, Nested::kEnded, leader.pid, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(leader.Writes());
  EXPECT_TRUE(leader.StaysAlive());
  EXPECT_FALSE(termination.Round(start_ + kGracePeriod));
  EXPECT_TRUE(leader.Dies());
  EXPECT_THAT(termination.strays(), IsEmpty());
}

TEST_F(TerminationTest, F22_ReachesPosixSessionsOfTheirOwnAndOrphans) {
  const Pipe pipe = OpenPipe().value();
  const Started parent = Start([&] {
    if (fork() != 0) return;
    const pid_t leader = setsid();
    const pid_t orphan = fork();
    if (orphan > 0) _exit(0);
    static_cast<void>(!write(pipe.writer.get(), &leader, sizeof leader));
    while (true) pause();
  });
  pid_t leader = 0;
  ASSERT_EQ(read(pipe.reader.get(), &leader, sizeof leader), sizeof leader);
  ASSERT_TRUE(PidFd::Open(leader)->AwaitDeath(Soon()).value());
  kill(parent.pid, SIGKILL);
  ASSERT_TRUE(parent.Dies());
  ReapAll();
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  while (!termination.Round(MonotonicNow())) {
    ReapAll();
    ASSERT_LT(MonotonicNow(), start_ + kGracePeriod) << "nobody ignores TERM";
  }
  EXPECT_EQ(termination.strays().size(), 1U);
}

TEST_F(TerminationTest, F22_WakesWhatIsStopped) {
  const Started child = Start([] {});
  kill(child.pid, SIGSTOP);
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(child.Dies());
}

TEST_F(TerminationTest, F29b_WaitsLongerAndLongerWhileNothingChanges) {
  const Started child = StartStubborn();
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  absl::Time now = start_;
  int rounds = 0;
  while (now < start_ + kGracePeriod) {
    EXPECT_FALSE(termination.Round(now));
    ASSERT_GT(termination.next_round(), now);
    now = termination.next_round();
    ++rounds;
  }
  EXPECT_EQ(now, start_ + kGracePeriod);
  // 1 ms doubled to 1 s, twice 1 ms: in the first round there was a change.
  EXPECT_LE(rounds, 20);
}

TEST_F(TerminationTest, NestedSessionsAreSpared) {
  const NestedSession nested = StartNested();
  EXPECT_THAT(OwnDescendants(nested_), IsEmpty());
  Termination termination(nested_, Nested::kSpared, 0, nullptr, start_);
  EXPECT_TRUE(termination.Round(start_));
  EXPECT_TRUE(termination.Round(start_ + absl::Hours(1)));
  EXPECT_TRUE(nested.supervisor.StaysAlive());
  EXPECT_FALSE(nested.command_process.AwaitDeath(MonotonicNow()).value());
  EXPECT_THAT(termination.strays(), IsEmpty());
}

TEST_F(TerminationTest, WhatStandsBesideANestedSessionIsNotSpared) {
  const NestedSession nested = StartNested();
  const Started child = Start([] {});
  EXPECT_THAT(PidsOf(OwnDescendants(nested_)), ElementsAre(child.pid));
  Termination termination(nested_, Nested::kSpared, 0, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(child.Dies());
  EXPECT_TRUE(nested.supervisor.StaysAlive());
}

TEST_F(TerminationTest, ANestedSupervisorIsAskedAndEndsItsOwn) {
  const NestedSession nested = StartNested();
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(nested.supervisor.Writes());
  // The grace period is its own affair.
  EXPECT_FALSE(termination.Round(start_ + kGracePeriod));
  EXPECT_TRUE(nested.supervisor.StaysAlive());
  EXPECT_FALSE(nested.command_process.AwaitDeath(MonotonicNow()).value());
  EXPECT_LE(termination.next_round(), start_ + kGracePeriod + kNestedAllowance);
}

TEST_F(TerminationTest, ANestedSupervisorThatDoesNotEndIsKilledWithItsOwn) {
  const NestedSession nested = StartNested();
  const Started leader = Start([] { LeaveProcessGroup(); });
  Termination termination(nested_, Nested::kEnded, leader.pid, nullptr, start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(leader.Dies());
  const absl::Time end = start_ + kGracePeriod + kNestedAllowance;
  EXPECT_FALSE(termination.Round(end));
  EXPECT_TRUE(nested.supervisor.Dies());
  EXPECT_TRUE(nested.command_process.AwaitDeath(Soon()).value());
  ReapAll();
  EXPECT_TRUE(termination.Round(end));
  EXPECT_THAT(PidsOf(termination.strays()),
              UnorderedElementsAre(nested.supervisor.pid, nested.command));
}

TEST_F(TerminationTest, F28_ARequestEndsNestedSessionsAfterAll) {
  const NestedSession nested = StartNested();
  Termination termination(nested_, Nested::kSpared, 0, nullptr, start_);
  EXPECT_TRUE(termination.Round(start_));
  termination.EndNested(start_);
  EXPECT_FALSE(termination.Round(start_));
  EXPECT_TRUE(nested.supervisor.Writes());
}

TEST_F(TerminationTest, F25_OutrunsAChainThatForks) {
  const Started first = Start([] {
    if (fork() != 0) return;
    // Never without a bound: a defect must not use up the process ids.
    for (int links = 0; links < 300; ++links) {
      setsid();
      if (fork() != 0) _exit(0);
    }
    alarm(60);
    while (true) pause();
  });
  kill(first.pid, SIGKILL);
  Termination termination(nested_, Nested::kEnded, 0, nullptr, start_);
  const absl::Time deadline = Soon();
  bool over = false;
  while (!over && MonotonicNow() < deadline) {
    ReapAll();
    over = termination.Round(MonotonicNow());
  }
  EXPECT_TRUE(over);
  EXPECT_THAT(Descendants(getpid()).Members(), IsEmpty());
}

}  // namespace
}  // namespace csa
