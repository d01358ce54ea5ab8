// Promise: where descriptors or processes are used up, csa says so, starts
// nothing half, loses nothing and leaves nothing; a supervisor that has run out
// of them ends its session all the same.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/pid_fd.h"
#include "gmock/gmock.h"
#include "tests/nobody_test.h"

namespace csa {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kId[] = "01AAAAAAAAAAAAAAAAAAAAAA01";
constexpr size_t kIdSize = sizeof kId - 1;
constexpr char kTooManyFiles[] = "too many open files";
constexpr char kNoProcess[] = "fork: resource temporarily unavailable";

// More descriptors than any tool needs besides its three streams.
constexpr rlim_t kEnoughFiles = 20;

ProgramOptions WithLimit(int resource, rlim_t limit) {
  ProgramOptions options;
  options.prepare = [resource, limit] {
    const rlimit both = {.rlim_cur = limit, .rlim_max = limit};
    if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) {
      _exit(100);
    }
  };
  return options;
}

void Limit(pid_t pid, int resource, rlim_t limit) {
  const rlimit both = {.rlim_cur = limit, .rlim_max = limit};
  ASSERT_EQ(
      prlimit(pid, static_cast<__rlimit_resource>(resource), &both, nullptr),
      0);
}

class FilesTest : public CsaTest {
 protected:
  // Runs `argv` under each limit on descriptors, from none to enough. Expects a
  // clear error, after which `unchanged` looks at what is left, until it does
  // what it is to do: exits with `exit_status`. Returns what it said then.
  Ended ExpectErrorsUntil(int exit_status, const std::vector<std::string>& argv,
                          const ProgramOptions& options,
                          const std::function<void()>& unchanged) {
    for (rlim_t files = 0; files < kEnoughFiles; ++files) {
      ProgramOptions limited = WithLimit(RLIMIT_NOFILE, files);
      limited.environment = options.environment;
      Ended ended = RunProgram(argv, InTest(limited));
      if (ended.exit_status == exit_status) return ended;
      EXPECT_EQ(ended.output, "") << files;
      EXPECT_EQ(ended.exit_status, 125) << files << ended.error;
      EXPECT_THAT(ended.error, HasSubstr(kTooManyFiles)) << files;
      EXPECT_THAT(ended.error, Not(HasSubstr("make room"))) << files;
      unchanged();
    }
    ADD_FAILURE() << argv[0] << " fails under every limit";
    return {};
  }

  std::string SpawnHostile(const std::string& kinds) {
    return Spawn({"--", Hostile(), lifeline_.path(), kinds});
  }

  bool HasResult(const std::string& id) const {
    return access((DirectoryOf(id) + "/result.toml").c_str(), F_OK) == 0;
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(FilesTest, StartingLeavesNothing) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"spawn", "--", "true"},
           {"run", "--tool", "sh", "true"},
           {"run", "--no-daemon", "--tool", "sh", "true"}}) {
    const std::vector<std::string> before = StoreEntries();
    ExpectErrorsUntil(0, CsaArgv(arguments), {}, [&] {
      EXPECT_EQ(StoreEntries(), before) << arguments[0];
    });
    EXPECT_EQ(StoreEntries().size(), before.size() + 1);
  }
}

TEST_F(FilesTest, SupervisingLeavesNothing) {
  Prepare(kId, {"true"});
  ExpectErrorsUntil(0, {Tool("csa-supervise"), HiddenDirectoryOf(kId)},
                    InSession(kId), [&] {
                      EXPECT_NE(access(DirectoryOf(kId).c_str(), F_OK), 0);
                      std::filesystem::remove_all(HiddenDirectoryOf(kId));
                      Prepare(kId, {"true"});
                    });
  EXPECT_EQ(Wait(kId).exit_status, 0);
}

TEST_F(FilesTest, WaitingAndFollowingLoseNothing) {
  const std::string id = Run("echo kept; exit 7");
  EXPECT_EQ(Wait(id).exit_status, 7);
  for (const char* tool : {"csa-wait", "csa-attach"}) {
    EXPECT_EQ(ExpectErrorsUntil(7, {Tool(tool), id}, {}, [] {}).output,
              "kept\n");
  }
}

TEST_F(FilesTest, WaitingForARunningSession) {
  const std::string id = Spawn({"--", Hostile(), lifeline_.path(), "", "7"});
  // It blocks as soon as it can; its errors come before.
  for (rlim_t files = 0; files < kEnoughFiles; ++files) {
    Program wait({Tool("csa-wait"), id},
                 InTest(WithLimit(RLIMIT_NOFILE, files)));
    if (files == kEnoughFiles - 1) {
      lifeline_.Release();
      EXPECT_EQ(wait.Await().exit_status, 7);
    } else if (files < 5) {
      EXPECT_EQ(wait.Await().exit_status, 125);
    }
  }
}

TEST_F(FilesTest, F22_KillingClaimsNothing) {
  const std::string id = SpawnHostile("child,setsid,daemon,bare");
  lifeline_.AwaitReady(5);
  ExpectErrorsUntil(0, {Tool("csa-kill"), id}, {}, [&] {
    EXPECT_FALSE(lifeline_.AllDead());
    EXPECT_FALSE(HasResult(id));
  });
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// A killer that can see but not hold a process says who is alive, and that
// takes it 7 s: one limit of those.
TEST_F(FilesTest, F22_KillingALostSessionClaimsNothing) {
  const std::string id = SpawnHostile("setsid,daemon");
  lifeline_.AwaitReady(3);
  KillSupervisor(id);
  for (const rlim_t files : {0, 3, 4, 5, 6}) {
    const Ended kill = RunProgram({Tool("csa-kill"), id},
                                  InTest(WithLimit(RLIMIT_NOFILE, files)));
    EXPECT_NE(kill.exit_status, 0) << files;
    EXPECT_FALSE(lifeline_.AllDead());
    EXPECT_FALSE(HasResult(id));
  }
  EXPECT_EQ(RunProgram({Tool("csa-kill"), id},
                       InTest(WithLimit(RLIMIT_NOFILE, kEnoughFiles)))
                .exit_status,
            0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

TEST_F(FilesTest, TheCommandsOwnTroubleIsItsOwn) {
  const std::string id = Run("ulimit -n 3; read x < /dev/null; exit 5");
  const Ended wait = Wait(id);
  EXPECT_NE(wait.exit_status, 0);
  EXPECT_EQ(wait.exit_status, ResultOf(id).command_exit);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
}

// Nearly all descriptors that a running supervisor may have are in use.
class RunningTest : public FilesTest {
 protected:
  // What it needs to end its session and to publish.
  static constexpr int kNeeded = 3;

  // How many of the descriptors below `limit` the supervisor does not use.
  int FreeFiles(const std::string& id, rlim_t limit) const {
    const std::string files = absl::StrCat("/proc/", SupervisorOf(id), "/fd/");
    int free = 0;
    for (rlim_t file = 0; file < limit; ++file) {
      struct stat status;
      const std::string path = absl::StrCat(files, file);
      if (lstat(path.c_str(), &status) != 0) ++free;
    }
    return free;
  }

  // Leaves it `left`.
  void UseUpFiles(const std::string& id, int left = kNeeded) const {
    rlim_t limit = 0;
    while (FreeFiles(id, limit) < left || FreeFiles(id, limit + 1) == left) {
      ++limit;
    }
    Limit(SupervisorOf(id), RLIMIT_NOFILE, limit);
  }
};

// So the limit that a session was started under is always high enough.
TEST_F(RunningTest, AStartNeedsMoreThanAnEnd) {
  const std::string id =
      ExpectErrorsUntil(0, {Tool("csa-spawn"), "--", "sleep", "1000"}, {}, [] {
      }).output.substr(0, kIdSize);
  rlimit least = {};
  ASSERT_EQ(prlimit(SupervisorOf(id), RLIMIT_NOFILE, nullptr, &least), 0);
  EXPECT_GE(FreeFiles(id, least.rlim_cur), kNeeded);
}

TEST_F(RunningTest, ANaturalEndIsPublished) {
  const std::string id =
      Run(absl::StrCat("echo last; exec ", Hostile(), " ", lifeline_.path(),
                       " child,setsid,daemon,bare 5"));
  lifeline_.AwaitReady(4);
  UseUpFiles(id);
  lifeline_.Release();
  EXPECT_EQ(Wait(id).exit_status, 5);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).strays, 4);
  EXPECT_EQ(ResultOf(id).summary, "last");
}

TEST_F(RunningTest, F22_AKillEndsAll) {
  const std::string id =
      SpawnHostile("child,setsid,daemon,bare,ignore-term,stopped");
  lifeline_.AwaitReady(7);
  UseUpFiles(id);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

TEST_F(RunningTest, F31_ATimeoutEndsAll) {
  const std::string id = Spawn({"--timeout=1s", "--", Hostile(),
                                lifeline_.path(), "setsid,daemon,bare"});
  lifeline_.AwaitReady(4);
  UseUpFiles(id);
  EXPECT_EQ(Wait(id).exit_status, 143);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kTimeout);
}

// With one it sees who is there, but can hold nobody to signal them: it does
// not say that they are gone, and csa-kill does its work.
TEST_F(RunningTest, F22_WithOneDescriptorNothingIsForgotten) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon,bare", "5"});
  lifeline_.AwaitReady(3);
  UseUpFiles(id, 1);
  lifeline_.Release();
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(Wait(id).exit_status, ResultOf(id).exit_code);
}

TEST_F(RunningTest, F22_WithoutAnyProcessToMakeAKillEndsAll) {
  const std::string id = SpawnHostile("child,setsid,daemon,bare");
  lifeline_.AwaitReady(5);
  Limit(SupervisorOf(id), RLIMIT_NPROC, 0);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// No further process may be made. Root is not bound by that.
class ProcessesTest : public NobodyTest {
 protected:
  std::vector<std::string> NobodysStore() const {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory() + "/state/sessions")) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const ProgramOptions none_ = WithLimit(RLIMIT_NPROC, 0);
};

TEST_F(ProcessesTest, StartingLeavesNothing) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"spawn", "--", "true"},
           {"run", "--tool", "sh", "true"},
           {"run", "--no-daemon", "--tool", "sh", "true"}}) {
    const Ended ended = CsaAsNobody(arguments, none_);
    EXPECT_EQ(ended.exit_status, 125);
    EXPECT_EQ(ended.output, "");
    EXPECT_THAT(ended.error, HasSubstr(kNoProcess));
  }
  EXPECT_THAT(NobodysStore(), IsEmpty());
}

TEST_F(ProcessesTest, TheRestNeedsNone) {
  const std::string id = SpawnAsNobody({"sleep", "1000"});
  Program wait({directory() + "/bin/csa", "wait", id}, AsNobody(none_));
  EXPECT_EQ(CsaAsNobody({"kill", id}, none_).exit_status, 0);
  EXPECT_EQ(wait.Await().exit_status, 143);
  EXPECT_EQ(CsaAsNobody({"attach", id}, none_).exit_status, 143);
}

TEST_F(ProcessesTest, TheCommandsOwnTroubleIsItsOwn) {
  const std::string id =
      SpawnAsNobody({"bash", "-c", "ulimit -u 0; (true) || exit 9"});
  const Ended wait = CsaAsNobody({"wait", id});
  EXPECT_NE(wait.exit_status, 0);
  EXPECT_THAT(wait.error, HasSubstr("status=failure"));
}

}  // namespace
}  // namespace csa
