#include "common/os/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>

#include "common/os/clock.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;

constexpr auto kNothing = [] { return 0; };

// Runs `body` in a child, whose failed expectations fail the test.
void InChild(absl::FunctionRef<void()> body) {
  const absl::StatusOr<pid_t> child = ForkWorker([&] {
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  });
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(Reap(*child).value(), 0);
}

[[noreturn]] void LiveForEver() {
  while (true) pause();
}

// Blocks until nobody has the writing end of `pipe` open any more.
void AwaitHangUp(Pipe& pipe) {
  pipe.writer.Reset();
  const absl::Time deadline = MonotonicNow() + absl::Minutes(1);
  EXPECT_TRUE(AwaitReadable(pipe.reader.get(), deadline).value());
}

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

bool IsNullDevice(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && status.st_rdev == makedev(1, 3);
}

TEST(Spawn, FindsTheProgramOnPath) {
  const absl::StatusOr<pid_t> pid = Spawn({"sh", "-c", "exit 7"}, kNothing);
  ASSERT_TRUE(pid.ok()) << pid.status();
  const int status = Reap(*pid).value();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(Spawn, ReturnsWhenTheProgramHasBeenExecuted) {
  const auto identity = [](const std::string& path) {
    return IdentityOf(OpenNamedByUser(path)->get()).value();
  };
  const Pipe input = OpenPipe().value();
  const pid_t pid = Spawn({"/bin/cat"}, [&] {
                      return MoveTo(input.reader.get(), STDIN_FILENO);
                    }).value();
  // Its arguments and its environment show only a little later: exec closes
  // descriptors before it is done.
  EXPECT_EQ(identity("/proc/" + std::to_string(pid) + "/exe"),
            identity("/bin/cat"));
  kill(pid, SIGKILL);
  EXPECT_TRUE(Reap(pid).ok());
}

TEST(Spawn, F08_ArgumentsArriveByteForByte) {
  const std::vector<std::string> arguments = {
      "two words",  "",
      "--",         "-n",
      "line\nline", "'\"$x`y`\\",
      "\xFF\xFE",   "\t*?[a]",
      "\xC3\xA4",   std::string(100 * 1024, 'x')};
  std::vector<std::string> argv = {"sh", "-c", R"(printf '%s\0' "$@")", "sh"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const UniqueFd output = OpenInMemory("").value();
  const pid_t pid =
      Spawn(argv, [&] { return MoveTo(output.get(), STDOUT_FILENO); }).value();
  EXPECT_EQ(Reap(pid).value(), 0);
  std::string expected;
  for (const std::string& argument : arguments) {
    expected += argument + std::string(1, '\0');
  }
  ASSERT_EQ(lseek(output.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(ReadAll(output.get(), 1 << 20).value(), expected);
}

TEST(Spawn, F04_FindsNoProgram) {
  for (const std::string program :
       {"/nowhere/program", "no-such-program", "/dev/null/program", ""}) {
    const absl::Status spawned = Spawn({program}, kNothing).status();
    EXPECT_TRUE(absl::IsNotFound(spawned)) << spawned;
    EXPECT_THAT(std::string(spawned.message()),
                HasSubstr("execute " + program + ": no"));
  }
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status())) << "the child was reaped";
}

TEST(Spawn, F04_FindsAProgramThatCannotBeExecuted) {
  const ScratchDirectory scratch;
  WriteFile(scratch.PathOf("text"), "exit 0\n");
  for (const std::string& program : {scratch.PathOf("text"), scratch.path()}) {
    const absl::Status spawned = Spawn({program}, kNothing).status();
    EXPECT_TRUE(absl::IsPermissionDenied(spawned)) << spawned;
    EXPECT_THAT(std::string(spawned.message()), HasSubstr(program));
  }
}

TEST(Spawn, F04_FindsArgumentsThatAreTooLong) {
  const std::string argument(256 * 1024, 'x');
  const absl::Status spawned = Spawn({"true", argument}, kNothing).status();
  EXPECT_TRUE(absl::IsPermissionDenied(spawned)) << spawned;
  EXPECT_THAT(std::string(spawned.message()), HasSubstr("too long"));
}

TEST(Spawn, RunsAScriptWithoutAnInterpreterLineAsShellsDo) {
  const ScratchDirectory scratch;
  WriteFile(scratch.PathOf("script"), "exit 7\n");
  ASSERT_EQ(chmod(scratch.PathOf("script").c_str(), 0700), 0);
  const pid_t pid = Spawn({scratch.PathOf("script")}, kNothing).value();
  EXPECT_EQ(WEXITSTATUS(Reap(pid).value()), 7);
}

TEST(Spawn, PreparesTheChildAlone) {
  const mode_t before = umask(022);
  const pid_t pid = Spawn({"sh", "-c", "test $(umask) = 0027"}, [] {
                      SetUmask(027);
                      BlockAllSignals();
                      return 0;
                    }).value();
  EXPECT_EQ(umask(before), 022);
  sigset_t blocked;
  sigprocmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 0);
  EXPECT_EQ(Reap(pid).value(), 0);
}

TEST(Spawn, ReportsThatThePreparationFailed) {
  const absl::Status spawned = Spawn({"true"}, [] { return EPERM; }).status();
  EXPECT_EQ(spawned,
            absl::InternalError(
                "prepare the process of true: operation not permitted"));
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status())) << "the child was reaped";
}

TEST(Execute, ReplacesTheProgram) {
  const pid_t pid = ForkWorker([] {
                      static_cast<void>(Execute({"sh", "-c", "exit 7"}));
                    }).value();
  EXPECT_EQ(WEXITSTATUS(Reap(pid).value()), 7);
}

TEST(Execute, F11_GivesBrokenPipesTheirDefaultBack) {
  const pid_t pid = ForkWorker([] {
                      SetUpSignals();
                      static_cast<void>(Execute({"sh", "-c", "kill -PIPE $$"}));
                    }).value();
  const int status = Reap(pid).value();
  ASSERT_TRUE(WIFSIGNALED(status)) << status;
  EXPECT_EQ(WTERMSIG(status), SIGPIPE);
}

TEST(Execute, F04_ReturnsWhereThereIsNoProgram) {
  InChild([] {
    EXPECT_TRUE(absl::IsNotFound(Execute({"/nowhere/program"})));
    EXPECT_TRUE(absl::IsPermissionDenied(Execute({"/"})));
  });
}

TEST(Reap, GivesTheWaitStatus) {
  const pid_t pid = ForkWorker([] { LiveForEver(); }).value();
  kill(pid, SIGKILL);
  const int status = Reap(pid).value();
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_FALSE(Reap(pid).ok()) << "has been reaped";
}

TEST(ReapAny, FindsNoChildren) {
  EXPECT_TRUE(absl::IsNotFound(ReapAny().status()));
}

TEST(ReapAny, DoesNotWait) {
  const pid_t pid = ForkWorker([] { LiveForEver(); }).value();
  const absl::StatusOr<std::optional<EndedChild>> none = ReapAny();
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
  kill(pid, SIGKILL);
  ASSERT_TRUE(PidFd::Open(pid)->AwaitDeath(absl::InfiniteFuture()).value());
  const absl::StatusOr<std::optional<EndedChild>> ended = ReapAny();
  ASSERT_TRUE(ended.ok() && ended->has_value());
  EXPECT_EQ((*ended)->pid, pid);
  EXPECT_EQ((*ended)->wait_status, SIGKILL);
}

TEST(ForkWorker, EndsWithStatusZero) {
  EXPECT_EQ(Reap(ForkWorker([] {}).value()).value(), 0);
}

TEST(ForkWorker, DiesWithItsParent) {
  Pipe lifeline = OpenPipe().value();
  InChild([] { ASSERT_TRUE(ForkWorker([] { LiveForEver(); }).ok()); });
  AwaitHangUp(lifeline);
}

TEST(DieWithParent, TellsThatTheParentHasDiedAlready) {
  InChild([] { EXPECT_EQ(DieWithParent(getpid()), ESRCH); });
  const pid_t parent = getpid();
  InChild([parent] { EXPECT_EQ(DieWithParent(parent), 0); });
}

TEST(RaiseDescriptorLimit, GoesToTheHardLimit) {
  InChild([] {
    const rlimit limit = {.rlim_cur = 20, .rlim_max = 30};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(RaiseDescriptorLimit(), 30U);
    rlimit raised = {};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &raised), 0);
    EXPECT_EQ(raised.rlim_cur, 30U);
  });
}

TEST(OutliveParent, IsNotKilledWithIt) {
  Pipe said = OpenPipe().value();
  Pipe go = OpenPipe().value();
  const auto say = [&] { EXPECT_TRUE(WriteAll(said.writer.get(), "x").ok()); };
  const auto hear = [](const Pipe& pipe) {
    char byte;
    return read(pipe.reader.get(), &byte, 1);
  };
  InChild([&] {
    ASSERT_TRUE(ForkWorker([&] {
                  go.writer.Reset();
                  if (!OutliveParent().ok()) return;
                  say();
                  hear(go);
                  say();
                }).ok());
    EXPECT_EQ(hear(said), 1);
  });
  said.writer.Reset();
  go.writer.Reset();
  EXPECT_EQ(hear(said), 1);
}

TEST(PathBesideExecutable, IsInTheSameDirectory) {
  const std::string path = PathBesideExecutable("process_test").value();
  EXPECT_EQ(path[0], '/');
  EXPECT_TRUE(FindExecutable(path).ok()) << path;
  EXPECT_EQ(PathBesideExecutable("x").value(),
            path.substr(0, path.rfind('/')) + "/x");
}

TEST(FindExecutable, TakesAPath) {
  const ScratchDirectory scratch;
  WriteFile(scratch.PathOf("text"), "");
  EXPECT_EQ(FindExecutable("/bin/sh").value(), "/bin/sh");
  EXPECT_TRUE(absl::IsPermissionDenied(
      FindExecutable(scratch.PathOf("text")).status()));
  EXPECT_TRUE(
      absl::IsNotFound(FindExecutable(scratch.PathOf("missing")).status()));
  EXPECT_FALSE(FindExecutable(scratch.path()).ok()) << "a directory";
}

TEST(FindExecutable, LooksOnPath) {
  const ScratchDirectory scratch;
  const std::string program = scratch.PathOf("program");
  WriteFile(program, "");
  ASSERT_EQ(chmod(program.c_str(), 0700), 0);
  InChild([&] {
    setenv("PATH", "/nowhere:/bin", 1);
    EXPECT_EQ(FindExecutable("sh").value(), "/bin/sh");
    EXPECT_FALSE(FindExecutable("program").ok());
    EXPECT_FALSE(FindExecutable("").ok());
    setenv("PATH", ("/nowhere:" + scratch.path()).c_str(), 1);
    EXPECT_FALSE(FindExecutable("sh").ok());
    EXPECT_EQ(FindExecutable("program").value(), program);
  });
}

TEST(FindExecutable, TakesAnEmptyEntryOfPathForTheWorkingDirectory) {
  const ScratchDirectory scratch;
  WriteFile(scratch.PathOf("program"), "");
  ASSERT_EQ(chmod(scratch.PathOf("program").c_str(), 0700), 0);
  InChild([&] {
    ASSERT_TRUE(EnterDirectory(scratch.path()).ok());
    setenv("PATH", "/nowhere:", 1);
    EXPECT_EQ(FindExecutable("program").value(), "./program");
    setenv("PATH", "/nowhere", 1);
    EXPECT_FALSE(FindExecutable("program").ok());
  });
}

TEST(IsTerminal, TellsATerminalFromAPipe) {
  EXPECT_FALSE(IsTerminal(OpenPipe()->reader.get()));
  const UniqueFd terminal(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal.valid()) GTEST_SKIP() << "there are no terminals here";
  EXPECT_TRUE(IsTerminal(terminal.get()));
}

TEST(OpenClosedStandardStreams, F11_FillsTheGaps) {
  InChild([] {
    close(STDIN_FILENO);
    close(STDERR_FILENO);
    const bool was_null = IsNullDevice(STDOUT_FILENO);
    ASSERT_TRUE(OpenClosedStandardStreams().ok());
    EXPECT_TRUE(IsNullDevice(STDIN_FILENO));
    EXPECT_EQ(IsNullDevice(STDOUT_FILENO), was_null);
    EXPECT_TRUE(IsNullDevice(STDERR_FILENO));
  });
  InChild([] {
    for (int fd = 0; fd <= 2; ++fd) close(fd);
    ASSERT_TRUE(OpenClosedStandardStreams().ok());
    for (int fd = 0; fd <= 2; ++fd) {
      EXPECT_TRUE(IsNullDevice(fd));
      EXPECT_EQ(fcntl(fd, F_GETFD), 0) << "a program inherits it";
    }
  });
}

// Leaves descriptors 0 to 9 and 500 open, besides what is open anyway.
void OpenMany() {
  for (int fd = 3; fd <= 9; ++fd) ASSERT_GE(dup2(STDERR_FILENO, fd), 0);
  ASSERT_GE(dup2(STDERR_FILENO, 500), 0);
}

TEST(CloseInheritedDescriptors, F05_ClosesAllButTheStandardStreams) {
  InChild([] {
    OpenMany();
    ASSERT_TRUE(CloseInheritedDescriptors(-1).ok());
    for (int fd = 0; fd <= 2; ++fd) EXPECT_TRUE(IsOpen(fd)) << fd;
    for (int fd = 3; fd <= 9; ++fd) EXPECT_FALSE(IsOpen(fd)) << fd;
    EXPECT_FALSE(IsOpen(500));
  });
}

TEST(CloseInheritedDescriptors, F05_KeepsOne) {
  for (const int keep : {0, 2, 3, 4, 9, 500}) {
    InChild([keep] {
      OpenMany();
      ASSERT_TRUE(CloseInheritedDescriptors(keep).ok());
      for (int fd = 0; fd <= 2; ++fd) EXPECT_TRUE(IsOpen(fd)) << fd;
      for (int fd = 3; fd <= 9; ++fd) EXPECT_EQ(IsOpen(fd), fd == keep) << fd;
      EXPECT_EQ(IsOpen(500), keep == 500);
    });
  }
}

TEST(KeepFilesPrivate, GivesTheOldUmaskBack) {
  InChild([] {
    SetUmask(027);
    EXPECT_EQ(KeepFilesPrivate(), 027);
    EXPECT_EQ(umask(0), 077);
  });
}

TEST(LeavePosixSession, MakesTheCallerItsLeader) {
  InChild([] {
    LeavePosixSession();
    EXPECT_EQ(getsid(0), getpid());
    LeavePosixSession();
    EXPECT_EQ(getsid(0), getpid()) << "it stays so";
  });
}

TEST(LeavePosixSession, LeavesTheLeaderOfAProcessGroupAlone) {
  InChild([] {
    const pid_t before = getsid(0);
    ASSERT_EQ(LeaveProcessGroup(), 0);
    EXPECT_EQ(getpgrp(), getpid());
    LeavePosixSession();
    EXPECT_EQ(getsid(0), before);
  });
}

TEST(SignalGroup, ReachesAllInTheGroup) {
  Pipe lifeline = OpenPipe().value();
  const Pipe ready = OpenPipe().value();
  const pid_t leader = ForkWorker([&] {
                         LeaveProcessGroup();
                         static_cast<void>(fork());
                         if (write(ready.writer.get(), "x", 1) < 0) _exit(1);
                         LiveForEver();
                       }).value();
  char byte = 0;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(read(ready.reader.get(), &byte, 1), 1);
  }
  SignalGroup(leader, SIGTERM);
  EXPECT_EQ(Reap(leader).value(), SIGTERM);
  AwaitHangUp(lifeline);
}

TEST(MoveTo, PutsADescriptorWhereItIsInherited) {
  InChild([] {
    const UniqueFd fd(open("/dev/null", O_RDWR | O_CLOEXEC));
    EXPECT_EQ(MoveTo(fd.get(), 100), 0);
    EXPECT_EQ(fcntl(100, F_GETFD), 0);
    EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(MoveTo(fd.get(), fd.get()), 0);
    EXPECT_EQ(fcntl(fd.get(), F_GETFD), 0);
  });
}

TEST(MoveTo, SaysWhyItCouldNot) {
  EXPECT_EQ(MoveTo(-1, 100), EBADF);
  EXPECT_EQ(MoveTo(-1, -1), EBADF);
}

TEST(BecomeSubreaper, F22_MakesTheCallerTheParentOfOrphans) {
  InChild([] {
    ASSERT_TRUE(BecomeSubreaper().ok());
    const Pipe started = OpenPipe().value();
    const pid_t child = fork();
    if (child == 0) {
      setsid();
      const pid_t orphan = fork();
      if (orphan == 0) _exit(7);
      if (write(started.writer.get(), &orphan, sizeof orphan) < 0) _exit(1);
      _exit(0);
    }
    pid_t orphan = 0;
    ASSERT_EQ(read(started.reader.get(), &orphan, sizeof orphan),
              sizeof orphan);
    EXPECT_EQ(Reap(child).value(), 0);
    EXPECT_EQ(WEXITSTATUS(Reap(orphan).value_or(-1)), 7);
  });
}

TEST(UsageOfChildren, CountsTheReaped) {
  static constexpr absl::Duration kWork = absl::Milliseconds(30);
  const ChildrenUsage before = UsageOfChildren();
  InChild([] {
    // Processor time, not real time.
    while (absl::Seconds(clock()) / CLOCKS_PER_SEC < kWork) {
    }
  });
  const ChildrenUsage after = UsageOfChildren();
  EXPECT_GE(after.cpu - before.cpu, kWork - absl::Milliseconds(5));
  EXPECT_GT(after.max_rss_kb, 0);
}

TEST(OpenPipe, ClosesOnExec) {
  const Pipe pipe = OpenPipe().value();
  EXPECT_EQ(fcntl(pipe.reader.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(pipe.writer.get(), F_GETFD), FD_CLOEXEC);
  ASSERT_TRUE(WriteAll(pipe.writer.get(), "x").ok());
  char byte = 0;
  EXPECT_EQ(read(pipe.reader.get(), &byte, 1), 1);
}

}  // namespace
}  // namespace csa
