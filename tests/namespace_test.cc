// Promise: sessions in another pid namespace, as in containers that share a
// store, are never taken for dead, and zombies never for alive (F18, F19).

#include <csignal>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/proc.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class NamespaceTest : public CsaTest {
 protected:
  // The command line of a shell script in a pid namespace of its own, whose
  // init is the shell.
  static std::vector<std::string> Contained(const std::string& script) {
    return InPidNamespace({"bash", "-c", script});
  }

  // A script that starts a session with these arguments of the hostile command,
  // prints its id, and does `then`; a session's id is in $id.
  std::string Starting(const std::string& arguments,
                       const std::string& then) const {
    return absl::StrCat("id=$(", Tool("csa"), " spawn -- ", Hostile(), " ",
                        lifeline_.path(), " ", arguments, ") && echo $id && { ",
                        then, "; }");
  }

  // A script that has csa work on the session $id, and prints its exit status.
  static std::string CsaScript(const std::string& command) {
    return absl::StrCat(Tool("csa"), " ", command, " $id; echo $?");
  }

  // Runs csa with these arguments in a pid namespace of its own.
  Ended CsaInside(const std::string& arguments) const {
    return RunProgram(
        Contained(absl::StrCat(Tool("csa"), " ", arguments, "; exit $?")),
        InTest());
  }

  Lifeline lifeline_{scratch().PathOf("lifeline")};
};

TEST_F(NamespaceTest, F18_AWaiterOutsideOfASessionInside) {
  Program container(Contained(Starting("setsid,daemon 5", CsaScript("wait"))),
                    InTest());
  const std::string id = container.AwaitFirstLine();
  lifeline_.AwaitReady(2);
  Program wait(CsaArgv({"wait", id}), InTest());
  lifeline_.Release();
  const Ended waited = wait.Await();
  EXPECT_EQ(waited.exit_status, 5) << waited.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(container.Await().output, absl::StrCat(id, "\n5\n"));
  EXPECT_EQ(ResultOf(id).strays, 2);
}

// Inside, the supervisor's pid cannot be seen: the waiter waits for its lock.
TEST_F(NamespaceTest, F18_AWaiterInsideOfASessionOutside) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon", "6"});
  lifeline_.AwaitReady(2);
  Program wait(Contained(absl::StrCat("id=", id, "; ", CsaScript("wait"))),
               InTest());
  Program attach(
      Contained(absl::StrCat("id=", id, "; echo begin; ", CsaScript("attach"))),
      InTest());
  attach.AwaitOutput("begin\n");
  lifeline_.Release();
  EXPECT_EQ(wait.Await().output, "6\n");
  EXPECT_EQ(attach.Await().output, "begin\n6\n");
  EXPECT_TRUE(lifeline_.AllDead());
}

// Their read locks, and those of the dead among them, are in nobody's way.
TEST_F(NamespaceTest, F18_ManyWaitersInside) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon", "6"});
  lifeline_.AwaitReady(2);
  const std::string script = absl::StrCat(
      "id=", id, "; { ", CsaScript("wait"), "; } & { ", CsaScript("attach"),
      "; } & { ", CsaScript("wait"), "; } & echo begin; wait");
  Program first(Contained(script), InTest());
  Program second(Contained(script), InTest());
  Program killed(Contained(script), InTest());
  for (Program* container : {&first, &second, &killed}) {
    container->AwaitOutput("begin\n");
  }
  killed.Signal(SIGKILL);
  EXPECT_EQ(killed.Await().output, "begin\n");
  EXPECT_TRUE(IsRunning(id));
  lifeline_.Release();
  EXPECT_EQ(first.Await().output, "begin\n6\n6\n6\n");
  EXPECT_EQ(second.Await().output, "begin\n6\n6\n6\n");
}

TEST_F(NamespaceTest, F18_AWaiterInTheContainerBeside) {
  Program container(Contained(Starting("setsid 4", CsaScript("wait"))),
                    InTest());
  const std::string id = container.AwaitFirstLine();
  lifeline_.AwaitReady(1);
  Program beside(
      Contained(absl::StrCat("id=", id, "; echo begin; ", CsaScript("wait"))),
      InTest());
  beside.AwaitOutput("begin\n");
  lifeline_.Release();
  EXPECT_EQ(beside.Await().output, "begin\n4\n");
  EXPECT_EQ(container.Await().output, absl::StrCat(id, "\n4\n"));
}

TEST_F(NamespaceTest, F18_ALostSessionOutsideIsSeenInside) {
  const std::string id = Spawn({"--", Hostile(), lifeline_.path(), "child"});
  lifeline_.AwaitReady(2);
  Program wait(
      Contained(absl::StrCat("id=", id, "; echo begin; ", CsaScript("wait"))),
      InTest());
  wait.AwaitOutput("begin\n");
  KillSupervisor(id);
  EXPECT_EQ(wait.Await().output, "begin\n1\n");
}

// The kernel kills all that is in a pid namespace with its init.
TEST_F(NamespaceTest, F18_ASessionDiesWithItsContainer) {
  Program container(
      Contained(Starting("setsid,daemon,bare", CsaScript("wait"))), InTest());
  const std::string id = container.AwaitFirstLine();
  lifeline_.AwaitReady(4);
  Program wait(CsaArgv({"wait", id}), InTest());
  container.Signal(SIGKILL);
  EXPECT_EQ(wait.Await().exit_status, 1);
  lifeline_.AwaitAllDead();
  // Only where all processes can be seen, or a cgroup tells, is it known that
  // none is left.
  const Ended kill = Kill(id);
  if (WithCgroups() || OwnPidNamespace() == kInitialPidNamespace) {
    EXPECT_EQ(kill.exit_status, 0) << kill.error;
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
  } else {
    EXPECT_EQ(kill.exit_status, 125);
    EXPECT_THAT(kill.error, HasSubstr("ran in another pid namespace"));
  }
}

TEST_F(NamespaceTest, F18_KillFromWhereItCannotBeSeenIsRefused) {
  const std::string id = Spawn({"--", Hostile(), lifeline_.path(), "setsid"});
  lifeline_.AwaitReady(2);
  const Ended kill = CsaInside("kill " + id);
  EXPECT_EQ(kill.exit_status, 125);
  EXPECT_EQ(kill.output, "");
  EXPECT_THAT(kill.error, AllOf(HasSubstr("csa-kill: "), HasSubstr(id),
                                HasSubstr("runs in another pid namespace")));
  EXPECT_FALSE(lifeline_.AllDead());
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// From outside, what is in a container can be seen.
TEST_F(NamespaceTest, F18_KillFromOutsideEndsWhatIsInside) {
  Program container(
      Contained(Starting("child,setsid,daemon,bare,stopped,ignore-term",
                         CsaScript("wait"))),
      InTest());
  const std::string id = container.AwaitFirstLine();
  lifeline_.AwaitReady(7);
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_EQ(container.Await().output, absl::StrCat(id, "\n143\n"));
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  // The kernel does not tell a process of one outside its namespace.
  EXPECT_EQ(result.ended_by, "unknown");
}

// As from a rootless container that shares the pid namespace: the environment
// of what is outside cannot be seen there, but it can be signalled.
TEST_F(NamespaceTest, F18_KillFromWithinAUserNamespace) {
  const std::string id =
      Spawn({"--", Hostile(), lifeline_.path(), "setsid,daemon,bare"});
  lifeline_.AwaitReady(4);
  const Ended kill = RunProgram(
      {"unshare", "--user", "--map-current-user", Tool("csa"), "kill", id},
      InTest());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline_.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// A lost session's processes outside cannot be signalled from inside, nor
// looked for: csa must not say that they are gone, unless it has ended them by
// their cgroup.
TEST_F(NamespaceTest, F18_KillOfALostSessionOutsideDoesNotClaimItsEnd) {
  const std::string id = Spawn({"--", Hostile(), lifeline_.path(), "setsid"});
  lifeline_.AwaitReady(2);
  KillSupervisor(id);
  EXPECT_FALSE(lifeline_.AllDead());
  const Ended inside = CsaInside("kill " + id);
  EXPECT_EQ(inside.exit_status, WithCgroups() ? 0 : 125) << inside.error;
  EXPECT_EQ(lifeline_.AllDead(), WithCgroups());
  EXPECT_EQ(Kill(id).exit_status, 0);
  EXPECT_TRUE(lifeline_.AllDead());
}

// A container whose init reaps nobody: all that is left to it stays a zombie.
class LazyInitTest : public NamespaceTest {
 protected:
  // Runs a script as a child of such an init, to its line "over". Returns what
  // it wrote before.
  std::string RunUnderLazyInit(
      const std::string& script,
      const std::function<void()>& meanwhile = [] {}) {
    Program container(Contained(absl::StrCat(
                          "{ ", script, "; echo over; } & exec sleep inf")),
                      InTest());
    meanwhile();
    container.AwaitOutput("over\n");
    container.Signal(SIGKILL);
    const std::string output = container.Await().output;
    return output.substr(0, output.find("over\n"));
  }
};

TEST_F(LazyInitTest, F19_ASessionEndsByItself) {
  const std::string output = RunUnderLazyInit(
      Starting("child,setsid,daemon,own-group 5",
               absl::StrCat(CsaScript("wait"), "; ", CsaScript("kill"))),
      [this] {
        lifeline_.AwaitReady(4);
        lifeline_.Release();
      });
  ASSERT_EQ(StoreEntries().size(), 1U);
  const std::string id = StoreEntries()[0];
  EXPECT_EQ(output, absl::StrCat(id, "\n5\n", id, " already ended\n0\n"));
  EXPECT_EQ(ResultOf(id).strays, 4);
}

TEST_F(LazyInitTest, F19_ASessionIsKilled) {
  const std::string output = RunUnderLazyInit(
      Starting("child,setsid,daemon,bare,stopped",
               absl::StrCat("read x < ", lifeline_.path(), ".go; ",
                            CsaScript("kill"), "; ", CsaScript("wait"))),
      [this] {
        lifeline_.AwaitReady(6);
        lifeline_.Release();
      });
  EXPECT_TRUE(lifeline_.AllDead());
  ASSERT_EQ(StoreEntries().size(), 1U);
  const std::string id = StoreEntries()[0];
  EXPECT_EQ(output, absl::StrCat(id, "\n", id, " ended\n0\n143\n"));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
}

// Its supervisor and its processes stay as zombies, all of them init's.
TEST_F(LazyInitTest, F19_ALostSessionIsEnded) {
  const std::string output = RunUnderLazyInit(
      Starting(
          "child,setsid,daemon,own-group,ignore-term",
          absl::StrCat("read x < ", lifeline_.path(), ".go; ", "kill -9 $(cat ",
                       Sessions(), "/$id/daemon.pid); ", CsaScript("wait"),
                       "; ", CsaScript("kill"), "; ", CsaScript("kill"))),
      [this] {
        lifeline_.AwaitReady(6);
        lifeline_.Release();
      });
  ASSERT_EQ(StoreEntries().size(), 1U);
  const std::string id = StoreEntries()[0];
  EXPECT_EQ(output, absl::StrCat(id, "\n1\n", id, " ended\n0\n", id,
                                 " already ended\n0\n"));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kLost);
}

TEST_F(LazyInitTest, F29_AStoppedSupervisorIsWokenToEndIt) {
  const std::string output = RunUnderLazyInit(
      Starting(
          "child,setsid,daemon,bare",
          absl::StrCat("read x < ", lifeline_.path(), ".go; ",
                       "kill -STOP $(cat ", Sessions(), "/$id/daemon.pid); ",
                       CsaScript("kill"), "; ", CsaScript("wait"))),
      [this] {
        lifeline_.AwaitReady(5);
        lifeline_.Release();
      });
  EXPECT_TRUE(lifeline_.AllDead());
  ASSERT_EQ(StoreEntries().size(), 1U);
  const std::string id = StoreEntries()[0];
  EXPECT_EQ(output, absl::StrCat(id, "\n", id, " ended\n0\n143\n"));
}

}  // namespace
}  // namespace csa
