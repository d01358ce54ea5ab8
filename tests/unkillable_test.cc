// Promise: what may not be signalled is named, waited for without spinning, and
// the session is running until it has ended (F29b).

#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/os/proc.h"
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

TEST_F(UnkillableTest, F29b_IsNamedAndWaitedForWithoutSpinning) {
  Lifeline lifeline(directory() + "/lifeline");
  const std::string script = absl::StrCat(directory(), "/hostile ",
                                          lifeline.path(), " child 0 & wait");
  Ended started = CsaAsNobody({"spawn", "--", "sh", "-c", script});
  ASSERT_EQ(started.exit_status, 0) << started.error;
  const std::string id = started.output.substr(0, 26);
  lifeline.AwaitReady(1);
  pid_t supervisor = 0;
  const std::string pid_file =
      absl::StrCat(directory(), "/state/sessions/", id, "/daemon.pid");
  ASSERT_EQ(sscanf(ReadFile(pid_file).c_str(), "%d", &supervisor), 1);

  const absl::Duration before = ProcessorTimeOf(supervisor);
  const Ended kill = CsaAsNobody({"kill", id});
  EXPECT_EQ(kill.exit_status, 1);
  EXPECT_EQ(kill.output, id + " still alive\n");
  EXPECT_THAT(kill.error, HasSubstr("uid 0 command hostile"));
  // A hundredth of the 11 s that csa kill takes to give up.
  EXPECT_LT(ProcessorTimeOf(supervisor) - before, absl::Milliseconds(110));

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

}  // namespace
}  // namespace csa
