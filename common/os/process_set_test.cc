#include "common/os/process_set.h"

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>

#include "absl/functional/function_ref.h"
#include "common/os/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr absl::Duration kPatience = absl::Minutes(1);

[[noreturn]] void LiveForEver() {
  while (true) pause();
}

// Goes on as the child of a process that has ended.
void ForkTwice() {
  const pid_t parent = getpid();
  if (fork() > 0) _exit(0);
  const absl::StatusOr<PidFd> fd = PidFd::Open(parent);
  if (fd.ok()) static_cast<void>(fd->AwaitDeath(absl::InfiniteFuture()));
}

std::vector<pid_t> PidsOf(const std::vector<ProcessStat>& processes) {
  std::vector<pid_t> pids;
  pids.reserve(processes.size());
  for (const ProcessStat& process : processes) pids.push_back(process.pid);
  return pids;
}

// Tests with processes below this one, of which none is left behind.
class ProcessSetTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(BecomeSubreaper().ok()); }

  void TearDown() override {
    while (true) {
      const absl::StatusOr<std::optional<EndedChild>> ended = ReapAny();
      if (!ended.ok()) return;
      if (ended->has_value()) continue;
      const std::vector<ProcessStat> left = descendants_.Members();
      for (const ProcessStat& process : left) Kill(process.pid, SIGKILL);
      if (!left.empty()) AwaitDeath(left[0].pid);
    }
  }

  // Forks. Whoever returns from `prepare`, the child or one that it forks,
  // lives until it is killed. Returns its pid once it has come so far.
  pid_t Start(absl::FunctionRef<void()> prepare = [] {}) {
    const pid_t child = fork();
    EXPECT_GE(child, 0) << "fork";
    if (child < 0) return child;
    if (child == 0) {
      prepare();
      const pid_t self = getpid();
      if (write(started_.writer.get(), &self, sizeof self) < 0) _exit(1);
      LiveForEver();
    }
    return AwaitStarted();
  }

  pid_t AwaitStarted() const {
    pid_t pid = -1;
    EXPECT_TRUE(AwaitReadable(started_.reader.get(), MonotonicNow() + kPatience)
                    .value());
    EXPECT_EQ(read(started_.reader.get(), &pid, sizeof pid), sizeof pid);
    return pid;
  }

  // Never a group, nor everybody: who could not be started has no id above 1.
  static void Kill(pid_t pid, int signal) {
    ASSERT_GT(pid, 1);
    kill(pid, signal);
  }

  // The one child of `pid`.
  static pid_t ChildOf(pid_t pid) {
    const std::vector<pid_t> children = ChildrenOf(pid);
    EXPECT_EQ(children.size(), 1);
    return children.empty() ? -1 : children[0];
  }

  static void AwaitDeath(pid_t pid) {
    const absl::StatusOr<PidFd> process = PidFd::Open(pid);
    if (!process.ok()) return;
    EXPECT_TRUE(process->AwaitDeath(MonotonicNow() + kPatience).value());
  }

  // The signal that a child died of.
  static int DeathOf(pid_t child) {
    const int status = Reap(child).value();
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    return WTERMSIG(status);
  }

  std::vector<ProcessStat> End(absl::Duration grace) {
    return EndProcesses(descendants_, grace, MonotonicNow() + kPatience,
                        ended_);
  }

  const Descendants descendants_{getpid()};
  const Pipe started_ = OpenPipe().value();
  std::vector<ProcessStat> ended_;
};

// A thread other than the first one, and a child, survive the first thread.
void EndFirstThread(int started) {
  if (fork() == 0) LiveForEver();
  std::thread([started] {
    const pid_t self = getpid();
    if (write(started, &self, sizeof self) < 0) _exit(1);
    LiveForEver();
  }).detach();
  syscall(SYS_exit, 0);
}

using DescendantsTest = ProcessSetTest;

TEST_F(DescendantsTest, AreNoneAtFirst) {
  EXPECT_THAT(descendants_.Members(), IsEmpty());
  EXPECT_FALSE(descendants_.Contains(getpid())) << "the root itself";
  EXPECT_FALSE(descendants_.Contains(getppid()));
  EXPECT_FALSE(descendants_.Contains(-1));
}

TEST_F(DescendantsTest, ComeAfterTheirParents) {
  const pid_t child = Start([] {
    if (fork() == 0) LiveForEver();
  });
  const pid_t grandchild = ChildOf(child);
  EXPECT_THAT(PidsOf(descendants_.Members()), ElementsAre(child, grandchild));
  EXPECT_TRUE(descendants_.Contains(child));
  EXPECT_TRUE(descendants_.Contains(grandchild));
}

TEST_F(DescendantsTest, F22_AreFoundInAPosixSessionOfTheirOwn) {
  const pid_t child = Start([] { setsid(); });
  EXPECT_THAT(PidsOf(descendants_.Members()), ElementsAre(child));
}

TEST_F(DescendantsTest, F22_AreFoundWhenForkedTwice) {
  const pid_t orphan = Start([] {
    setsid();
    ForkTwice();
  });
  EXPECT_THAT(PidsOf(descendants_.Members()), ElementsAre(orphan));
  EXPECT_TRUE(descendants_.Contains(orphan));
}

TEST_F(DescendantsTest, F19_AreNotTheDead) {
  const pid_t child = Start();
  Kill(child, SIGKILL);
  AwaitDeath(child);
  EXPECT_THAT(descendants_.Members(), IsEmpty());
}

TEST_F(DescendantsTest, F23_OutliveTheirParent) {
  const pid_t child = Start([] {
    if (fork() == 0) LiveForEver();
  });
  const pid_t grandchild = ChildOf(child);
  Kill(child, SIGKILL);
  AwaitDeath(child);
  EXPECT_THAT(PidsOf(descendants_.Members()), ElementsAre(grandchild));
}

TEST_F(DescendantsTest, MayHaveLostTheirFirstThread) {
  const pid_t child = Start([this] { EndFirstThread(started_.writer.get()); });
  const absl::Time deadline = MonotonicNow() + kPatience;
  // Nothing announces the end of a thread.
  while (ReadProcessStat(child)->state != 'Z' && MonotonicNow() < deadline) {
    sched_yield();
  }
  const std::vector<pid_t> members = PidsOf(descendants_.Members());
  ASSERT_EQ(members.size(), 2) << "itself and its child";
  EXPECT_EQ(members[0], child);
  EXPECT_TRUE(descendants_.Contains(child));
  EXPECT_TRUE(descendants_.Contains(members[1]));
  EXPECT_THAT(End(absl::ZeroDuration()), IsEmpty());
}

TEST_F(DescendantsTest, LeaveOutWhatIsExcludedAndAllBelow) {
  const pid_t kept = Start();
  const pid_t spared = Start([] {
    if (fork() == 0) LiveForEver();
  });
  const pid_t below = ChildOf(spared);
  const Descendants some(getpid(), [spared](const ProcessStat& process) {
    return process.pid == spared;
  });
  EXPECT_THAT(PidsOf(some.Members()), ElementsAre(kept));
  EXPECT_TRUE(some.Contains(kept));
  EXPECT_FALSE(some.Contains(spared));
  EXPECT_FALSE(some.Contains(below));
  EXPECT_THAT(PidsOf(descendants_.Members()),
              UnorderedElementsAre(kept, spared, below));
}

TEST_F(DescendantsTest, MayBeThoseOfAnotherProcess) {
  const pid_t child = Start([] {
    if (fork() == 0) LiveForEver();
  });
  const pid_t beside = Start();
  const Descendants below(child);
  EXPECT_THAT(PidsOf(below.Members()), ElementsAre(ChildOf(child)));
  EXPECT_FALSE(below.Contains(child));
  EXPECT_FALSE(below.Contains(beside));
}

using AncestorsTest = ProcessSetTest;

TEST_F(AncestorsTest, AreNearestFirst) {
  const pid_t child = Start([] {
    if (fork() == 0) LiveForEver();
  });
  const std::vector<pid_t> above = PidsOf(AncestorsOf(ChildOf(child)));
  ASSERT_GE(above.size(), 2);
  EXPECT_EQ(above[0], child);
  EXPECT_EQ(above[1], getpid());
  EXPECT_THAT(PidsOf(AncestorsOf(child)),
              testing::ElementsAreArray(above.begin() + 1, above.end()));
}

TEST_F(AncestorsTest, EndAtTheFirstProcess) {
  const std::vector<ProcessStat> above = AncestorsOf(getpid());
  ASSERT_FALSE(above.empty());
  EXPECT_EQ(above.back().parent, 0);
  EXPECT_THAT(AncestorsOf(1), IsEmpty());
  EXPECT_THAT(AncestorsOf(-1), IsEmpty());
}

using SignalOnceTest = ProcessSetTest;

// Answers each SIGRTMIN with an 'x' and SIGRTMIN + 1 with an 'e'. Both are
// queued, and the lower one is delivered first: signal(7).
[[noreturn]] void Answer(int answers) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigaddset(&set, SIGRTMIN + 1);
  int signal = 0;
  while (sigwait(&set, &signal) == 0) {
    if (write(answers, signal == SIGRTMIN ? "x" : "e", 1) < 0) _exit(1);
  }
  _exit(1);
}

TEST_F(SignalOnceTest, SignalsEachProcessOnce) {
  const Pipe answers = OpenPipe().value();
  const pid_t child = Start([&] {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    // It is ready once nothing can kill it before it waits.
    const pid_t self = getpid();
    if (write(started_.writer.get(), &self, sizeof self) < 0) _exit(1);
    Answer(answers.writer.get());
  });
  const ProcessStat process = ReadProcessStat(child).value();
  SignalOnce once({SIGRTMIN});
  EXPECT_TRUE(once.Send(descendants_, process));
  EXPECT_FALSE(once.Send(descendants_, process));
  Kill(child, SIGRTMIN + 1);
  std::string got(2, '\0');
  ASSERT_EQ(read(answers.reader.get(), got.data(), 1), 1);
  ASSERT_EQ(read(answers.reader.get(), &got[1], 1), 1);
  EXPECT_EQ(got, "xe");
}

TEST_F(SignalOnceTest, F24_SparesWhoIsNoMember) {
  const pid_t child = Start();
  const ProcessStat process = ReadProcessStat(child).value();
  const Descendants others(child);
  SignalOnce once({SIGKILL});
  EXPECT_FALSE(once.Send(others, process));
  EXPECT_TRUE(descendants_.Contains(child));
  EXPECT_TRUE(once.Send(descendants_, process)) << "it did not count";
  EXPECT_EQ(DeathOf(child), SIGKILL);
  EXPECT_FALSE(SignalOnce({SIGKILL}).Send(descendants_, process));
}

TEST(Backoff, DoublesUpToASecond) {
  Backoff backoff;
  for (int ms = 1; ms <= 512; ms *= 2) {
    EXPECT_EQ(backoff.Next(), absl::Milliseconds(ms));
  }
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
  EXPECT_EQ(backoff.Next(), absl::Seconds(1));
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(1));
}

using EndProcessesTest = ProcessSetTest;

TEST_F(EndProcessesTest, HasNothingToDoWhereThereAreNone) {
  EXPECT_THAT(End(kPatience), IsEmpty());
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(EndProcessesTest, TerminatesFirst) {
  const pid_t child = Start();
  EXPECT_THAT(End(kPatience), IsEmpty());
  EXPECT_THAT(PidsOf(ended_), ElementsAre(child));
  EXPECT_EQ(DeathOf(child), SIGTERM);
}

TEST_F(EndProcessesTest, F22_KillsWhoIgnoresThat) {
  constexpr absl::Duration kGrace = absl::Milliseconds(50);
  const pid_t child = Start([] { signal(SIGTERM, SIG_IGN); });
  const absl::Time start = MonotonicNow();
  EXPECT_THAT(End(kGrace), IsEmpty());
  EXPECT_GE(MonotonicNow(), start + kGrace);
  EXPECT_THAT(PidsOf(ended_), ElementsAre(child)) << "once";
  EXPECT_EQ(DeathOf(child), SIGKILL);
}

TEST_F(EndProcessesTest, KillsAtOnceWithoutAGracePeriod) {
  const pid_t child = Start();
  EXPECT_THAT(End(absl::ZeroDuration()), IsEmpty());
  EXPECT_THAT(PidsOf(ended_), ElementsAre(child));
  EXPECT_EQ(DeathOf(child), SIGKILL);
}

TEST_F(EndProcessesTest, F22_WakesTheStopped) {
  const pid_t child = Start();
  Kill(child, SIGSTOP);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_TRUE(WIFSTOPPED(status));
  EXPECT_THAT(End(kPatience), IsEmpty());
  EXPECT_EQ(DeathOf(child), SIGTERM);
}

TEST_F(EndProcessesTest, EndsAWholeTree) {
  const pid_t child = Start([] {
    if (fork() == 0) {
      signal(SIGTERM, SIG_IGN);
      setsid();
      static_cast<void>(fork());
      LiveForEver();
    }
  });
  const pid_t orphan = Start([] { ForkTwice(); });
  EXPECT_THAT(End(absl::Milliseconds(50)), IsEmpty());
  EXPECT_THAT(descendants_.Members(), IsEmpty());
  EXPECT_EQ(DeathOf(child), SIGTERM);
  EXPECT_EQ(DeathOf(orphan), SIGTERM);
}

// Two processes, of which the second is only seen from `visible` on.
class OneLate : public ProcessSet {
 public:
  OneLate(pid_t first, pid_t late, absl::Time visible)
      : first_(first), late_(late), visible_(visible) {}
  std::vector<ProcessStat> Members() const override {
    std::vector<ProcessStat> alive;
    for (const pid_t pid : {first_, late_}) {
      if (pid == late_ && MonotonicNow() < visible_) continue;
      const ProcessStat process = ReadProcessStat(pid).value();
      if (!process.dead()) alive.push_back(process);
    }
    return alive;
  }
  bool Contains(pid_t pid) const override {
    return pid == first_ || pid == late_;
  }

 private:
  pid_t first_;
  pid_t late_;
  absl::Time visible_;
};

TEST_F(EndProcessesTest, TellsOfWhoWasOnlyKilled) {
  constexpr absl::Duration kGrace = absl::Milliseconds(30);
  const pid_t first = Start([] { signal(SIGTERM, SIG_IGN); });
  const pid_t late = Start();
  const OneLate set(first, late, MonotonicNow() + kGrace);
  EXPECT_THAT(EndProcesses(set, kGrace, MonotonicNow() + kPatience, ended_),
              IsEmpty());
  EXPECT_THAT(PidsOf(ended_), UnorderedElementsAre(first, late));
  EXPECT_EQ(DeathOf(first), SIGKILL);
}

// A set of one process, that nobody belongs to when it is looked at again.
class NoLongerMembers : public ProcessSet {
 public:
  explicit NoLongerMembers(pid_t pid) : pid_(pid) {}
  std::vector<ProcessStat> Members() const override {
    return {ReadProcessStat(pid_).value()};
  }
  bool Contains(pid_t /*pid*/) const override { return false; }

 private:
  pid_t pid_;
};

TEST_F(EndProcessesTest, GivesUpAtTheDeadline) {
  const pid_t child = Start();
  const absl::Time deadline = MonotonicNow() + absl::Milliseconds(20);
  EXPECT_THAT(PidsOf(EndProcesses(NoLongerMembers(child), absl::ZeroDuration(),
                                  deadline, ended_)),
              ElementsAre(child));
  EXPECT_GE(MonotonicNow(), deadline);
  EXPECT_THAT(ended_, IsEmpty());
  EXPECT_TRUE(descendants_.Contains(child)) << "it was not signalled";
}

}  // namespace
}  // namespace csa
