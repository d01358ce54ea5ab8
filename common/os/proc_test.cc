#include "common/os/proc.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/os/clock.h"
#include "common/os/pid_fd.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

// Ends a child at the end of a scope.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  // One that calls `prepare`, and then lives until this object goes.
  explicit Child(absl::FunctionRef<void()> prepare) {
    const Pipe ready = OpenPipe().value();
    pid_ = ForkWorker([&] {
             prepare();
             if (write(ready.writer.get(), "x", 1) < 0) _exit(1);
             while (true) pause();
           }).value();
    char byte = 0;
    EXPECT_EQ(read(ready.reader.get(), &byte, 1), 1);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    EXPECT_TRUE(Reap(pid_).ok());
  }

  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

// cat, with two variables in its environment, until this object goes.
class Cat {
 public:
  explicit Cat(const std::vector<std::string>& arguments)
      : child_(Spawn(CommandLine(arguments), [this] {
                 MoveTo(output_.writer.get(), STDOUT_FILENO);
                 return MoveTo(input_.reader.get(), STDIN_FILENO);
               }).value()) {
    // When the program has been executed, what /proc tells of it may still be
    // missing. It is there when the program runs.
    char byte = 'x';
    EXPECT_EQ(write(input_.writer.get(), &byte, 1), 1);
    EXPECT_EQ(read(output_.reader.get(), &byte, 1), 1);
  }

  pid_t pid() const { return child_.pid(); }

 private:
  static std::vector<std::string> CommandLine(
      const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {"env", "-i", "AB=two words", "A=1",
                                     "/bin/cat"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
  }

  const Pipe input_ = OpenPipe().value();
  const Pipe output_ = OpenPipe().value();
  const Child child_;
};

// Ends the calling thread, and only it, while another one lives on. Does not
// return: no destructor of a frame below may run in a child.
[[noreturn]] void EndFirstThread(int ready) {
  std::thread([ready] {
    if (write(ready, "x", 1) < 0) _exit(1);
    while (true) pause();
  }).detach();
  syscall(SYS_exit, 0);
  _exit(1);
}

// A child of which the first thread has ended, while another one lives.
pid_t StartHeadless() {
  const Pipe ready = OpenPipe().value();
  const pid_t pid =
      ForkWorker([&] { EndFirstThread(ready.writer.get()); }).value();
  char byte = 0;
  EXPECT_EQ(read(ready.reader.get(), &byte, 1), 1);
  const absl::Time deadline = MonotonicNow() + absl::Minutes(1);
  // Nothing announces the end of a thread.
  while (ReadProcessStat(pid)->state != 'Z' && MonotonicNow() < deadline) {
    sched_yield();
  }
  return pid;
}

TEST(ParseProcessStat, ReadsTheFields) {
  const absl::StatusOr<ProcessStat> stat = ParseProcessStat(
      "42 (make) S 7 41 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 3 0 9876543210 1 "
      "2\n");
  ASSERT_TRUE(stat.ok()) << stat.status();
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->comm, "make");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->group, 41);
  EXPECT_EQ(stat->threads, 3);
  EXPECT_EQ(stat->start_ticks, 9876543210);
}

TEST(ParseProcessStat, TellsWhoIsBetweenPrograms) {
  const auto between = [](const char* vsize, const char* env_end) {
    return ParseProcessStat(absl::StrCat("42 (x) R 7 41 9 0 -1 0 1 2 3 4 5 6 7",
                                         " 8 20 0 3 0 99 ", vsize,
                                         " 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 "
                                         "0 1 2 3 4 5 6 7 8 ",
                                         env_end, " 0\n"))
        ->between_programs;
  };
  EXPECT_TRUE(between("4096", "0"));
  EXPECT_FALSE(between("4096", "140722312216543"));
  // It has ended, or is the kernel's.
  EXPECT_FALSE(between("0", "0"));
}

TEST(ParseProcessStat, RefusesWhatIsNone) {
  for (const absl::string_view line : {
           "",
           "\n",
           "42",
           "42 (make",
           "42 (make)",
           "42 (make) S 7 41",
           "42 ) (",
           "x (make) S 7 41 9 0 -1 0 1 2 3 4 5 6 7 8 20 0 3 0 99 1\n",
           "42 (make) S x 41 9 0 -1 0 1 2 3 4 5 6 7 8 20 0 3 0 99 1\n",
           "42 (make) S 7 41 9 0 -1 0 1 2 3 4 5 6 7 8 20 0 3 0 -9 1\n",
           "42 (make) SS 7 41 9 0 -1 0 1 2 3 4 5 6 7 8 20 0 3 0 99 1\n",
       }) {
    EXPECT_TRUE(absl::IsDataLoss(ParseProcessStat(line).status())) << line;
  }
}

TEST(ReadProcessStat, TellsOfTheCaller) {
  for (const pid_t pid : {0, getpid()}) {
    const absl::StatusOr<ProcessStat> stat = ReadProcessStat(pid);
    ASSERT_TRUE(stat.ok()) << stat.status();
    EXPECT_EQ(stat->pid, getpid());
    EXPECT_EQ(stat->parent, getppid());
    EXPECT_EQ(stat->group, getpgrp());
    EXPECT_FALSE(stat->dead());
  }
}

TEST(ReadProcessStat, F24_IsNotMisledByANameThatLooksLikeFields) {
  const std::string name = "x) Z 1 (y) 1 (";
  const Child child([&] { prctl(PR_SET_NAME, name.c_str()); });
  const absl::StatusOr<ProcessStat> stat = ReadProcessStat(child.pid());
  ASSERT_TRUE(stat.ok()) << stat.status();
  EXPECT_EQ(stat->comm, name);
  EXPECT_EQ(stat->parent, getpid());
  EXPECT_FALSE(stat->dead());
}

TEST(ReadProcessStat, FindsNoProcessThatHasBeenReaped) {
  const pid_t pid = ForkWorker([] {}).value();
  ASSERT_TRUE(Reap(pid).ok());
  EXPECT_TRUE(absl::IsNotFound(ReadProcessStat(pid).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadProcessStat(-1).status()));
}

TEST(ReadProcessStat, F19_AZombieIsDead) {
  const Child child(ForkWorker([] {}).value());
  ASSERT_TRUE(
      PidFd::Open(child.pid())->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_TRUE(ReadProcessStat(child.pid())->dead());
}

TEST(ReadProcessStat, AProcessThatLostItsFirstThreadIsNotDead) {
  const Child child(StartHeadless());
  const absl::StatusOr<ProcessStat> stat = ReadProcessStat(child.pid());
  ASSERT_TRUE(stat.ok()) << stat.status();
  ASSERT_EQ(stat->state, 'Z');
  EXPECT_FALSE(stat->dead());
}

TEST(ChildrenOf, ListsTheLivingAndTheDead) {
  EXPECT_THAT(ChildrenOf(getpid()), IsEmpty());
  const Child living([] {});
  const Child dead(ForkWorker([] {}).value());
  ASSERT_TRUE(
      PidFd::Open(dead.pid())->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_THAT(ChildrenOf(getpid()),
              UnorderedElementsAre(living.pid(), dead.pid()));
  EXPECT_THAT(ChildrenOf(living.pid()), IsEmpty());
  EXPECT_THAT(ChildrenOf(dead.pid()), IsEmpty());
}

TEST(ChildrenOf, ListsNoGrandchildren) {
  const Child child([] {
    // It has the same parent-death signal as its parent.
    const pid_t parent = getpid();
    if (fork() == 0) {
      DieWithParent(parent);
      while (true) pause();
    }
  });
  EXPECT_THAT(ChildrenOf(getpid()), UnorderedElementsAre(child.pid()));
  EXPECT_EQ(ChildrenOf(child.pid()).size(), 1);
}

TEST(ChildrenOf, ListsThoseOfOtherThreads) {
  const Pipe gate = OpenPipe().value();
  const Pipe started = OpenPipe().value();
  std::thread thread([&] {
    const pid_t pid = ForkWorker([&] {
                        char byte = 0;
                        if (read(gate.reader.get(), &byte, 1) < 0) _exit(1);
                      }).value();
    if (write(started.writer.get(), &pid, sizeof pid) < 0) _exit(1);
    EXPECT_EQ(Reap(pid).value(), 0);
  });
  pid_t pid = 0;
  ASSERT_EQ(read(started.reader.get(), &pid, sizeof pid), sizeof pid);
  EXPECT_THAT(ChildrenOf(getpid()), UnorderedElementsAre(pid));
  ASSERT_EQ(write(gate.writer.get(), "x", 1), 1);
  thread.join();
}

TEST(ChildrenOf, IsEmptyWhereThereIsNoProcess) {
  EXPECT_THAT(ChildrenOf(-1), IsEmpty());
}

TEST(AllProcesses, ListsThemInOrder) {
  const Child child([] {});
  const std::vector<pid_t> all = AllProcesses();
  EXPECT_THAT(all, Contains(getpid()));
  EXPECT_THAT(all, Contains(child.pid()));
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST(EnvironmentOf, IsWhatTheProgramWasExecutedWith) {
  const Cat child({"-"});
  EXPECT_EQ(EnvironmentOf(child.pid()), std::string("AB=two words\0A=1\0", 17));
}

TEST(EnvironmentOf, IsEmptyWhereThereIsNone) {
  const Child zombie(ForkWorker([] {}).value());
  ASSERT_TRUE(
      PidFd::Open(zombie.pid())->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_EQ(EnvironmentOf(zombie.pid()), "");
  EXPECT_EQ(EnvironmentOf(-1), "");
}

TEST(EnvironmentOf, OutlivesTheFirstThread) {
  const std::string own = EnvironmentOf(getpid());
  ASSERT_NE(own, "");
  const Child child(StartHeadless());
  EXPECT_EQ(EnvironmentOf(child.pid()), own);
}

// It becomes a new program all the time.
TEST(EnvironmentOf, F22_IsNotMissedBetweenPrograms) {
  const std::string script = "exec sh -c \"$0\" \"$0\"";
  const Child child(
      Spawn({"sh", "-c", script, script}, [] { return 0; }).value());
  for (int look = 0; look < 2000; ++look) {
    ASSERT_NE(EnvironmentOf(child.pid()), "") << look;
  }
}

TEST(VariableOf, TakesTheWholeNameOnly) {
  const Cat child({"-"});
  EXPECT_EQ(VariableOf(child.pid(), "A"), "1");
  EXPECT_EQ(VariableOf(child.pid(), "AB"), "two words");
  EXPECT_EQ(VariableOf(child.pid(), "B"), std::nullopt);
  EXPECT_EQ(VariableOf(child.pid(), "ABC"), std::nullopt);
}

TEST(CommandLineOf, HasEachArgumentEndedByNul) {
  const Cat child({"--", "-"});
  EXPECT_EQ(CommandLineOf(child.pid()), std::string("/bin/cat\0--\0-\0", 14));
  EXPECT_EQ(CommandLineOf(-1), "");
}

TEST(MemoryOf, IsWhatAProcessTakes) {
  const int64_t before = MemoryOf(getpid()).value();
  EXPECT_GT(before, 4096);
  // Touched, so that it is there.
  const std::string much(size_t{64} << 20, 'x');
  EXPECT_GE(MemoryOf(getpid()).value(), before + (int64_t{60} << 20));
  const pid_t child = ForkWorker([] {}).value();
  ASSERT_TRUE(PidFd::Open(child)->AwaitDeath(absl::InfiniteFuture()).value());
  EXPECT_FALSE(MemoryOf(child).ok()) << "a zombie has none";
  ASSERT_TRUE(Reap(child).ok());
  EXPECT_TRUE(absl::IsNotFound(MemoryOf(child).status()));
}

TEST(OwnerOf, IsTheEffectiveUser) {
  EXPECT_EQ(OwnerOf(getpid()).value(), geteuid());
  EXPECT_TRUE(absl::IsNotFound(OwnerOf(-1).status()));
}

TEST(OwnerOf, TellsAnotherUser) {
  constexpr uid_t kOther = 65534;
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Pipe changed = OpenPipe().value();
  const Child child([&] {
    const uid_t now = setuid(kOther) == 0 ? kOther : 0;
    if (write(changed.writer.get(), &now, sizeof now) < 0) _exit(1);
  });
  uid_t now = 0;
  ASSERT_EQ(read(changed.reader.get(), &now, sizeof now), sizeof now);
  if (now != kOther) GTEST_SKIP() << "user 65534 is not mapped here";
  EXPECT_EQ(OwnerOf(child.pid()).value(), kOther);
}

TEST(DescribeWithParent, F27_NamesAProcessAndItsParent) {
  const Child child([] { prctl(PR_SET_NAME, "killer"); });
  EXPECT_EQ(DescribeWithParent(child.pid()),
            std::to_string(child.pid()) + " killer < " +
                std::to_string(getpid()) + " " + ReadProcessStat(0)->comm);
}

TEST(DescribeWithParent, KnowsNothingOfNoProcess) {
  EXPECT_EQ(DescribeWithParent(0), "unknown");
  EXPECT_EQ(DescribeWithParent(-1), "unknown");
}

TEST(DescribeWithParent, LeavesOutAParentThatIsNotVisible) {
  // The first process of this pid namespace has none.
  EXPECT_THAT(DescribeWithParent(1), StartsWith("1 "));
  EXPECT_THAT(DescribeWithParent(1), testing::Not(testing::HasSubstr("<")));
}

TEST(OwnPidNamespace, IsWhatTheKernelCallsIt) {
  std::string link(64, '\0');
  const ssize_t size = readlink("/proc/self/ns/pid", link.data(), link.size());
  ASSERT_GT(size, 0);
  link.resize(static_cast<size_t>(size));
  EXPECT_EQ(link, "pid:[" + std::to_string(OwnPidNamespace()) + "]");
}

// Calls `body` in a child that can open nothing more.
bool HoldsWithoutDescriptors(absl::FunctionRef<bool()> body) {
  const pid_t child = ForkWorker([&] {
                        const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
                        setrlimit(RLIMIT_NOFILE, &none);
                        _exit(body() ? 0 : 1);
                      }).value();
  return Reap(child).value() == 0;
}

// Whoever takes a list that could not be read for an empty one forgets
// processes.
TEST(ChildrenOf, NamesSomebodyUnseenWhereNothingCanBeOpened) {
  EXPECT_TRUE(HoldsWithoutDescriptors([] {
    return ChildrenOf(getpid()) == std::vector<pid_t>{kUnseenProcess} &&
           ChildrenOf(getppid()) == std::vector<pid_t>{kUnseenProcess};
  }));
}

TEST(AllProcesses, NamesSomebodyUnseenWhereNothingCanBeOpened) {
  EXPECT_TRUE(HoldsWithoutDescriptors(
      [] { return AllProcesses() == std::vector<pid_t>{kUnseenProcess}; }));
}

TEST(ReadProcessStat, TellsTheUnseenFromTheDead) {
  EXPECT_TRUE(HoldsWithoutDescriptors([] {
    return absl::IsResourceExhausted(ReadProcessStat(getpid()).status());
  }));
}

TEST(CheckProcMounted, IsOkHere) { EXPECT_TRUE(CheckProcMounted().ok()); }

TEST(CheckProcMounted, FailsWhereItIsNotMounted) {
  constexpr int kSkip = 2;
  const pid_t child =
      ForkWorker([] {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", "/proc", "tmpfs", 0, nullptr) != 0) {
          _exit(kSkip);
        }
        const std::vector<pid_t> unseen = {kUnseenProcess};
        _exit(absl::IsFailedPrecondition(CheckProcMounted()) &&
                      ChildrenOf(getpid()) == unseen && AllProcesses() == unseen
                  ? 0
                  : 1);
      }).value();
  const int status = Reap(child).value();
  if (WEXITSTATUS(status) == kSkip) {
    GTEST_SKIP() << "may not mount anything here";
  }
  EXPECT_EQ(status, 0);
}

TEST(KernelListsChildren, IsWhetherTheFileIsThere) {
  EXPECT_EQ(KernelListsChildren(),
            access("/proc/thread-self/children", R_OK) == 0);
}

}  // namespace
}  // namespace csa
