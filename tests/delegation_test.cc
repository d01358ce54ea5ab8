// Promise: a user without rights who has been given a cgroup, as systemd gives
// one to a login, has what is contained by cgroups: also what they may not
// signal is ended.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/pid_fd.h"
#include "common/testing/private_cgroup.h"
#include "gmock/gmock.h"
#include "tests/nobody_test.h"

namespace csa {
namespace {

using testing::HasSubstr;

// Runs csa as an unprivileged user, who starts a set-user-id program.
class DelegationTest : public NobodyTest {
 protected:
  DelegationTest() {
    EXPECT_TRUE(WithCgroups());
    for (const char* file :
         {"", "/cgroup.procs", "/cgroup.subtree_control", "/cgroup.threads"}) {
      EXPECT_EQ(chown((cgroup_.path() + file).c_str(), kNobody, kNobody), 0);
    }
    EXPECT_EQ(chmod((directory() + "/hostile").c_str(), 04755), 0);
  }

  // Starts a session of a shell and two processes of root's. Returns its id.
  std::string SpawnRoots() {
    const std::string script = absl::StrCat(directory(), "/hostile ",
                                            lifeline_.path(), " child & wait");
    std::string id = SpawnAsNobody({"sh", "-c", script});
    lifeline_.AwaitReady(2);
    EXPECT_EQ(ReadFile(NobodysFile(id, "cgroup")),
              absl::StrCat(cgroup_.path(), "/csa/", id, "\n"));
    return id;
  }

  PrivateCgroup cgroup_;
  Lifeline lifeline_{directory() + "/lifeline"};
};

TEST_F(DelegationTest, F29b_WhatMayNotBeSignalledIsEnded) {
  const std::string id = SpawnRoots();
  // csa-kill would do what the supervisor does not.
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(NobodysSupervisor(id));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGTERM).ok());
  EXPECT_EQ(CsaAsNobody({"wait", id}).exit_status, 143);
  EXPECT_TRUE(lifeline_.AllDead());
  const std::string result = ReadFile(NobodysFile(id, "result.toml"));
  EXPECT_THAT(result, HasSubstr("status = \"killed\""));
  EXPECT_THAT(result, HasSubstr("strays = 2"));
}

TEST_F(DelegationTest, F22_OfALostSessionToo) {
  const std::string id = SpawnRoots();
  const absl::StatusOr<PidFd> supervisor = PidFd::Open(NobodysSupervisor(id));
  ASSERT_TRUE(supervisor.ok() && supervisor->Signal(SIGKILL).ok());
  ASSERT_TRUE(supervisor->AwaitDeath(absl::InfiniteFuture()).ok());
  EXPECT_FALSE(lifeline_.AllDead());
  const Ended kill = CsaAsNobody({"kill", id});
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_THAT(ReadFile(NobodysFile(id, "result.toml")),
              HasSubstr("status = \"lost\""));
}

}  // namespace
}  // namespace csa
