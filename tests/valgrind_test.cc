// Promise: a supervisor that has seen its session through has lost no memory,
// touched none that is not its own, and closed all that it opened.
//
// Debian's valgrind 3.19 does not know pidfd_open(2), without which a process
// that has left the leader's group cannot be signalled. So no command here
// leaves any behind. That others are ended is for containment_test, which runs
// under AddressSanitizer too.

#include <sys/wait.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::Not;

// The tools once more, with a csa-supervise that runs under valgrind.
class ValgrindTest : public CsaTest {
 protected:
  ValgrindTest() {
    EXPECT_TRUE(BecomeSubreaper().ok());
    fs::create_directory(scratch().PathOf("logs"));
    fs::create_directory(scratch().PathOf("bin"));
    for (const char* tool : {"csa", "csa-run", "csa-spawn"}) {
      fs::copy_file(Tool(tool), Checked(tool));
    }
    const std::string supervise = Checked("csa-supervise");
    WriteFile(
        supervise,
        absl::StrCat(
            "#!/bin/sh\nexec valgrind --error-exitcode=99 --leak-check=full ",
            "--track-fds=yes --child-silent-after-fork=yes ", "--log-file=",
            scratch().PathOf("logs"), "/%p ", fs::current_path().string(),
            "/tools/supervise/csa-supervise-dynamic \"$@\"\n"));
    fs::permissions(supervise, fs::perms::owner_all);
  }

  std::string Checked(absl::string_view tool) const {
    return scratch().PathOf(absl::StrCat("bin/", tool));
  }

  // Starts a script as a session, with these options. Returns its id.
  std::string RunChecked(const std::string& script,
                         const std::string& option = "--tool=sh") const {
    const Ended run = RunProgram(
        {Checked("csa"), "run", "--tool=sh", option, script}, InTest());
    EXPECT_EQ(run.exit_status, 0) << run.error;
    return std::string(absl::StripSuffix(run.output, "\n"));
  }

  // What valgrind says of a supervisor that has ended.
  void ExpectClean(pid_t supervisor) const {
    const std::string log =
        ReadFile(scratch().PathOf(absl::StrCat("logs/", supervisor)));
    EXPECT_THAT(log, HasSubstr("ERROR SUMMARY: 0 errors"));
    EXPECT_THAT(log, HasSubstr("FILE DESCRIPTORS: 3 open (3 std) at exit."));
    // It has seen what was allocated.
    EXPECT_THAT(log, Not(HasSubstr("total heap usage: 0 allocs")));
  }

  // Waits for the end of a supervisor that has become our child.
  void ExpectCleanEnd(pid_t supervisor) const {
    const absl::StatusOr<int> wait_status = Reap(supervisor);
    ASSERT_TRUE(wait_status.ok()) << wait_status.status();
    EXPECT_TRUE(WIFEXITED(*wait_status)) << *wait_status;
    EXPECT_EQ(WEXITSTATUS(*wait_status), 0);
    ExpectClean(supervisor);
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(ValgrindTest, ANaturalEnd) {
  const std::string id = RunChecked("echo out; exit 7");
  const pid_t supervisor = SupervisorOf(id);
  EXPECT_EQ(Wait(id).exit_status, 7);
  ExpectCleanEnd(supervisor);
}

TEST_F(ValgrindTest, AKill) {
  const std::string id = RunChecked(
      absl::StrCat(Hostile(), " ", lifeline_.path(), " child,stopped"));
  const pid_t supervisor = SupervisorOf(id);
  lifeline_.AwaitReady(3);
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  ExpectCleanEnd(supervisor);
}

TEST_F(ValgrindTest, Timeouts) {
  for (const char* option : {"--timeout=300ms", "--idle-timeout=300ms"}) {
    const std::string id = RunChecked("sleep 1000", option);
    const pid_t supervisor = SupervisorOf(id);
    EXPECT_EQ(Wait(id).exit_status, 143);
    ExpectCleanEnd(supervisor);
  }
}

// The outer one ends by itself, and spares the other.
TEST_F(ValgrindTest, ANestedSession) {
  const std::string id = RunChecked(
      absl::StrCat(Checked("csa"), " run --tool=sh 'exec ", Hostile(), " ",
                   lifeline_.path(), " child'; exit 7"));
  const pid_t supervisor = SupervisorOf(id);
  EXPECT_EQ(Wait(id).exit_status, 7);
  EXPECT_EQ(ResultOf(id).strays, 0);
  ExpectCleanEnd(supervisor);
  const std::string nested = FileOf(id, "stdout.log").substr(0, 26);
  const pid_t its_supervisor = SupervisorOf(nested);
  lifeline_.AwaitReady(2);
  EXPECT_EQ(Kill(nested).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(nested).status, SessionStatus::kKilled);
  ExpectCleanEnd(its_supervisor);
}

TEST_F(ValgrindTest, ACommandThatIsNotThere) {
  const Ended spawn =
      RunProgram({Checked("csa"), "spawn", "--", "/no/such"}, InTest());
  EXPECT_EQ(spawn.exit_status, 127) << spawn.error;
  int logs = 0;
  for (const fs::directory_entry& log :
       fs::directory_iterator(scratch().PathOf("logs"))) {
    EXPECT_THAT(ReadFile(log.path()), HasSubstr("ERROR SUMMARY: 0 errors"));
    ++logs;
  }
  EXPECT_GE(logs, 1);
}

}  // namespace
}  // namespace csa
