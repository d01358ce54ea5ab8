// Promise: what may not be signalled is named, waited for without spinning, and
// the session is running until it has ended (F29b).

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/os/proc.h"
#include "common/os/process.h"
#include "common/os/process_set.h"
#include "gmock/gmock.h"
#include "tests/nobody_test.h"

namespace csa {
namespace {

using testing::HasSubstr;

// Runs csa as an unprivileged user, who starts a set-user-id program.
class UnkillableTest : public NobodyTest {
 protected:
  UnkillableTest() {
    EXPECT_EQ(chmod((directory() + "/hostile").c_str(), 04755), 0);
  }
};

// The processor time that a process has used so far.
absl::Duration ProcessorTimeOf(pid_t pid) {
  const std::vector<std::string> fields =
      absl::StrSplit(ReadFile(absl::StrCat("/proc/", pid, "/schedstat")), ' ');
  return absl::Nanoseconds(std::stoll(fields[0]));
}

// The processor time that the children that this process has reaped have used.
absl::Duration ProcessorTimeOfReaped() {
  rusage usage = {};
  getrusage(RUSAGE_CHILDREN, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) +
         absl::DurationFromTimeval(usage.ru_stime);
}

TEST_F(UnkillableTest, F29b_IsNamedAndWaitedForWithoutSpinning) {
  Lifeline lifeline(directory() + "/lifeline");
  const std::string script = absl::StrCat(directory(), "/hostile ",
                                          lifeline.path(), " child 0 & wait");
  const std::string id = SpawnAsNobody({"sh", "-c", script});
  lifeline.AwaitReady(1);
  const pid_t supervisor = NobodysSupervisor(id);

  const absl::Duration before = ProcessorTimeOf(supervisor);
  const absl::Duration reaped_before = ProcessorTimeOfReaped();
  const Ended kill = CsaAsNobody({"kill", id});
  EXPECT_EQ(kill.exit_status, 1);
  EXPECT_EQ(kill.output, id + " still alive\n");
  EXPECT_THAT(kill.error, HasSubstr("uid 0 command hostile"));
  // A hundredth of the 11 s that csa kill takes to give up.
  EXPECT_LT(ProcessorTimeOf(supervisor) - before, absl::Milliseconds(110));
  // And csa kill itself, with what a sanitizer takes to start it.
  EXPECT_LT(ProcessorTimeOfReaped() - reaped_before, absl::Seconds(1));

  // The session is running as long as anything of it is.
  const Ended again = CsaAsNobody({"kill", "--format", "json", id});
  EXPECT_THAT(again.output, HasSubstr("\"outcome\":\"still_alive\""));
  lifeline.Release();
  // The child that the root process had left is root's as well.
  const std::vector<ProcessStat> left = Descendants(supervisor).Members();
  for (const ProcessStat& process : left) {
    const absl::StatusOr<PidFd> fd = PidFd::Open(process.pid);
    if (fd.ok()) static_cast<void>(fd->Signal(SIGKILL));
  }
  EXPECT_EQ(CsaAsNobody({"wait", id}).exit_status, 143);
  EXPECT_TRUE(lifeline.AllDead());
}

// Somebody else kills the supervisor while csa-kill, from outside, does its
// work. It must not take the empty list of a dead supervisor's children for the
// end of them all.
TEST_F(UnkillableTest, F22_TheSupervisorIsKilledWhileAKillWorksFromOutside) {
  ASSERT_TRUE(BecomeSubreaper().ok());
  Lifeline lifeline(directory() + "/lifeline");
  const std::string script =
      absl::StrCat(directory(), "/hostile ", lifeline.path(), " child & wait");
  const std::string id = SpawnAsNobody({"sh", "-c", script});
  lifeline.AwaitReady(2);
  const pid_t supervisor = NobodysSupervisor(id);
  Program kill({directory() + "/bin/csa", "kill", id}, AsNobody());
  // csa-kill stops it.
  siginfo_t stopped;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(supervisor), &stopped,
                   WSTOPPED | WEXITED | WNOWAIT),
            0);
  ASSERT_EQ(stopped.si_code, CLD_STOPPED);
  ASSERT_EQ(::kill(supervisor, SIGKILL), 0);
  ASSERT_TRUE(Reap(supervisor).ok());
  const Ended ended = kill.Await();
  EXPECT_FALSE(lifeline.AllDead());
  // Who can be root's may not be looked at by nobody: csa-kill says that it
  // does not know.
  EXPECT_THAT(ended.error, HasSubstr("was lost"));
  EXPECT_THAT(ReadFile(NobodysFile(id, "result.toml")),
              HasSubstr("status = \"lost\""));
  while (!absl::IsNotFound(ReapAny().status())) {
    for (const ProcessStat& process : Descendants(getpid()).Members()) {
      const absl::StatusOr<PidFd> fd = PidFd::Open(process.pid);
      if (fd.ok()) static_cast<void>(fd->Signal(SIGKILL));
    }
  }
  EXPECT_TRUE(lifeline.AllDead());
}

}  // namespace
}  // namespace csa
