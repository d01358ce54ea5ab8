// Promise: where the kernel lacks what csa needs, or /proc is not there, csa
// says so and which kernel has it; nothing is started, lost or claimed.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/testing/private_mount.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;

constexpr char kId[] = "01AAAAAAAAAAAAAAAAAAAAAA01";
constexpr char kMinimum[] = "csa needs Linux 5.9 or later";

// Makes the system call `number` fail with ENOSYS from here on, as on a kernel
// that has no such call: seccomp(2).
void TakeAway(unsigned number) {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program = {.len = filter.size(), .filter = filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    _exit(100);
  }
}

ProgramOptions Without(unsigned number) {
  ProgramOptions options;
  options.prepare = [number] { TakeAway(number); };
  return options;
}

// A store in which no session may be left by what fails, on a lifeline.
class MissingTest : public CsaTest {
 protected:
  // Expects that each of the tools that start a session fails, with `text`, and
  // leaves nothing.
  void ExpectNoStart(const ProgramOptions& options, const std::string& text) {
    const std::vector<std::string> before = StoreEntries();
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{
             {"spawn", "--", "true"},
             {"run", "--tool", "sh", "true"},
             {"run", "--no-daemon", "--tool", "sh", "true"}}) {
      ExpectFails(CsaArgv(arguments), options, text);
      EXPECT_EQ(StoreEntries(), before);
    }
  }

  // The same of the supervisor, where it has been started by somebody else.
  void ExpectNoSupervisor(const ProgramOptions& options,
                          const std::string& text) {
    Prepare(kId, {"true"});
    ProgramOptions in_session = InSession(kId);
    in_session.prepare = options.prepare;
    ExpectFails({Tool("csa-supervise"), HiddenDirectoryOf(kId)}, in_session,
                text);
    EXPECT_NE(access(DirectoryOf(kId).c_str(), F_OK), 0);
    std::filesystem::remove_all(HiddenDirectoryOf(kId));
  }

  // Expects that csa-kill claims nothing and ends nothing.
  void ExpectNoKill(const std::string& id, const ProgramOptions& options,
                    const std::string& text) {
    ExpectFails({Tool("csa-kill"), id}, options, text);
    EXPECT_FALSE(lifeline_.AllDead());
    EXPECT_NE(access((DirectoryOf(id) + "/result.toml").c_str(), F_OK), 0);
  }

  void ExpectFails(const std::vector<std::string>& argv,
                   const ProgramOptions& options, const std::string& text) {
    const Ended ended = RunProgram(argv, InTest(options));
    EXPECT_EQ(ended.exit_status, 125) << argv[0] << ended.error;
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, HasSubstr(text)) << argv[0] << " " << argv[1];
  }

  std::string SpawnHostile(const std::string& kinds) {
    return Spawn({"--", Hostile(), lifeline_.path(), kinds});
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

using KernelTest = MissingTest;

TEST_F(KernelTest, WithoutPidfdOpenNothingIsStarted) {
  ExpectNoStart(Without(SYS_pidfd_open), kMinimum);
}

TEST_F(KernelTest, WithoutCloseRangeNothingIsStarted) {
  ExpectNoStart(Without(SYS_close_range), kMinimum);
  ExpectNoSupervisor(Without(SYS_close_range), kMinimum);
}

TEST_F(KernelTest, WithoutPidfdOpenARunningSessionIsLeftAlone) {
  const std::string id = SpawnHostile("setsid");
  lifeline_.AwaitReady(2);
  const ProgramOptions options = Without(SYS_pidfd_open);
  for (const char* command : {"wait", "attach"}) {
    ExpectFails(CsaArgv({command, id}), options, kMinimum);
  }
  ExpectNoKill(id, options, kMinimum);
  EXPECT_TRUE(IsRunning(id));
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

TEST_F(KernelTest, WithoutPidfdOpenALostSessionIsNotClaimedToHaveEnded) {
  const std::string id = SpawnHostile("setsid,daemon");
  lifeline_.AwaitReady(3);
  KillSupervisor(id);
  const ProgramOptions options = Without(SYS_pidfd_open);
  EXPECT_EQ(Csa({"wait", id}, options).exit_status, 1);
  ExpectNoKill(id, options, kMinimum);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// What has ended can be read on any kernel.
TEST_F(KernelTest, AResultCanBeReadAnywhere) {
  const std::string id = Run("echo kept; exit 3");
  EXPECT_EQ(Wait(id).exit_status, 3);
  for (const unsigned call : {SYS_pidfd_open, SYS_close_range, SYS_renameat2}) {
    EXPECT_EQ(Csa({"wait", id}, Without(call)).output, "kept\n");
    EXPECT_EQ(Csa({"attach", id}, Without(call)).exit_status, 3);
  }
}

// link(2) does what it is for: the C library says EINVAL where it is missing.
TEST_F(KernelTest, WithoutRenameat2AllIsAsEver) {
  const ProgramOptions options = Without(SYS_renameat2);
  const std::string id = Spawn({"--", "sh", "-c", "echo out; exit 3"}, options);
  const Ended wait = Csa({"wait", id}, options);
  EXPECT_EQ(wait.exit_status, 3) << wait.error;
  EXPECT_EQ(wait.output, "out\n");
  const std::string lost =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid"}, options);
  lifeline_.AwaitReady(2);
  KillSupervisor(lost);
  EXPECT_EQ(Csa({"kill", lost}, options).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(lost).status, SessionStatus::kLost);
  EXPECT_EQ(Csa({"spawn", "--", "/nowhere"}, options).exit_status, 127);
  EXPECT_EQ(StoreEntries().size(), 2U);
}

TEST_F(KernelTest, DoctorNamesWhatIsMissing) {
  const auto doctor = [&](unsigned call) {
    return Csa({"doctor"}, Without(call));
  };
  for (const auto& [call, line] : std::map<unsigned, std::string>{
           {SYS_pidfd_open, "error    pidfd_open "},
           {SYS_pidfd_send_signal, "error    pidfd_send_signal "},
           {SYS_close_range, "error    close_range "}}) {
    const Ended ended = doctor(call);
    EXPECT_EQ(ended.exit_status, 1) << line;
    EXPECT_THAT(ended.output, HasSubstr(line));
    EXPECT_THAT(ended.output, HasSubstr(kMinimum));
  }
  const Ended without_rename = doctor(SYS_renameat2);
  EXPECT_EQ(without_rename.exit_status, 0);
  EXPECT_THAT(without_rename.output, HasSubstr("warning  renameat2 "));
  const Ended without_inotify = doctor(SYS_inotify_init1);
  EXPECT_EQ(without_inotify.exit_status, 0);
  EXPECT_THAT(without_inotify.output, HasSubstr("warning  inotify "));
}

// An empty directory over /proc, for the program alone. The test itself has
// mounted something, and so may mount.
class NoProcTest : public MissingTest {
 protected:
  NoProcTest() {
    std::filesystem::create_directory(scratch().PathOf("place"));
    mount_.emplace("tmpfs", scratch().PathOf("place"), "size=1m,mode=0700");
    options_.prepare = [] {
      EnterMountNamespace();
      HideProc();
    };
  }

  static void EnterMountNamespace() {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      _exit(100);
    }
  }

  static void HideProc() {
    if (mount("none", "/proc", "tmpfs", 0, "size=1m") != 0) _exit(100);
  }

  static constexpr char kText[] = "/proc is not mounted here";
  ProgramOptions options_;
  std::optional<PrivateMount> mount_;
};

TEST_F(NoProcTest, NothingIsStarted) {
  ExpectNoStart(options_, kText);
  ExpectNoSupervisor(options_, kText);
}

TEST_F(NoProcTest, EveryCommandSaysSo) {
  for (const char* command : {"run", "spawn", "wait", "kill", "attach"}) {
    ExpectFails(CsaArgv({command, "latest"}), options_, kText);
  }
}

TEST_F(NoProcTest, DoctorSaysWhatToDo) {
  const Ended ended = Csa({"doctor"}, options_);
  EXPECT_EQ(ended.exit_status, 125);
  const Ended direct = RunProgram({Tool("csa-doctor")}, InTest(options_));
  EXPECT_EQ(direct.exit_status, 1) << direct.error;
  EXPECT_THAT(direct.output, HasSubstr("error    proc "));
  EXPECT_THAT(direct.output, HasSubstr("mount -t proc proc /proc"));
}

TEST_F(NoProcTest, ARunningSessionIsWaitedForAndLeftAlone) {
  const std::string id = Spawn({"--", Hostile(), lifeline_.path(), "", "5"});
  Program wait({Tool("csa-wait"), id}, InTest(options_));
  Program attach({Tool("csa-attach"), id}, InTest(options_));
  ExpectFails({Tool("csa-kill"), id}, options_, kText);
  lifeline_.Release();
  EXPECT_EQ(wait.Await().exit_status, 5);
  EXPECT_EQ(attach.Await().exit_status, 5);
}

TEST_F(NoProcTest, ALostSessionIsNotClaimedToHaveEnded) {
  const std::string id = SpawnHostile("setsid,daemon");
  lifeline_.AwaitReady(3);
  KillSupervisor(id);
  EXPECT_EQ(RunProgram({Tool("csa-wait"), id}, InTest(options_)).exit_status,
            1);
  ExpectNoKill(id, options_, kText);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// As in a directory that chroot(1) makes the root.
TEST_F(NoProcTest, WithoutADeviceToReadNothingFromNothingIsStarted) {
  ProgramOptions options;
  options.input = "a prompt";
  options.prepare = [] {
    EnterMountNamespace();
    if (mount("none", "/dev", "tmpfs", 0, "size=1m") != 0) _exit(100);
  };
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"spawn", "--", "true"},
           {"spawn", "--stdin=capture", "--prompt-to=stdin", "--", "cat"}}) {
    ExpectFails(CsaArgv(arguments), options, "open /dev/null");
    EXPECT_TRUE(StoreEntries().empty());
  }
}

// Its supervisor sees no process from some moment on.
class ProcGoesAwayTest : public NoProcTest {
 protected:
  // Starts a session in a mount namespace of its own, whose /proc goes away.
  std::string SpawnAndTakeProcAway(const std::vector<std::string>& arguments) {
    ProgramOptions options;
    options.prepare = [] {
      EnterMountNamespace();
      const pid_t spawn = fork();
      if (spawn == 0) return;
      int wait_status = 0;
      waitpid(spawn, &wait_status, 0);
      HideProc();
      _exit(WEXITSTATUS(wait_status));
    };
    std::vector<std::string> argv = {"--", Hostile(), lifeline_.path()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Spawn(argv, options);
  }
};

TEST_F(ProcGoesAwayTest, ASessionThatLeavesNothingEnds) {
  const std::string id = SpawnAndTakeProcAway({"", "5"});
  lifeline_.Release();
  EXPECT_EQ(Wait(id).exit_status, 5);
  EXPECT_EQ(ResultOf(id).command_exit, 5);
}

TEST_F(ProcGoesAwayTest, F22_WhatIsLeftIsNotForgotten) {
  const std::string id = SpawnAndTakeProcAway({"setsid,daemon,bare", "5"});
  lifeline_.AwaitReady(3);
  lifeline_.Release();
  Program wait(CsaArgv({"wait", id}), InTest());
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(wait.Await().exit_status, ResultOf(id).exit_code);
}

TEST_F(ProcGoesAwayTest, F22_ARunningSessionIsKilled) {
  const std::string id =
      SpawnAndTakeProcAway({"child,setsid,ignore-term,bare"});
  lifeline_.AwaitReady(5);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

}  // namespace
}  // namespace csa
