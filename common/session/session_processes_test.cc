#include "common/session/session_processes.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/pid_fd.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kOtherId[] = "01ARYZ6S41TSV4RRFFQ69G5FAW";

class SessionProcessesTest : public testing::Test {
 protected:
  // An id of its own, so that tests at the same time do not meet.
  SessionProcessesTest() : id_(SessionId::Generate(absl::UnixEpoch())) {
    unsetenv("CSA_SESSION_ID");
  }
  ~SessionProcessesTest() override {
    // What is below the children dies of their end of the pipe.
    never_.writer.Reset();
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      static_cast<void>(Reap(child));
    }
  }

  // A child that runs `script` in sh, with `id`, if any, as its CSA_SESSION_ID,
  // and prints one number, which is returned, and then lives on.
  pid_t StartAndRead(const std::string& id, const std::string& script) {
    const Pipe output = OpenPipe().value();
    const pid_t test = getpid();
    if (id.empty()) {
      unsetenv("CSA_SESSION_ID");
    } else {
      setenv("CSA_SESSION_ID", id.c_str(), 1);
    }
    const pid_t pid =
        Spawn({"sh", "-c", "exec 3<&0; " + script}, [&] {
          const int error = MoveTo(never_.reader.get(), STDIN_FILENO);
          if (error != 0) return error;
          static_cast<void>(MoveTo(output.writer.get(), STDOUT_FILENO));
          return DieWithParent(test);
        }).value();
    children_.push_back(pid);
    EXPECT_TRUE(
        AwaitReadable(output.reader.get(), MonotonicNow() + absl::Seconds(60))
            .value());
    std::string line(32, '\0');
    const ssize_t size = read(output.reader.get(), line.data(), line.size());
    pid_t number = 0;
    EXPECT_TRUE(size > 0 && absl::SimpleAtoi(line.substr(0, size), &number));
    return number;
  }

  pid_t Start(const std::string& id) {
    return StartAndRead(id, "echo $$; read x");
  }

  static std::vector<pid_t> PidsOf(const SessionProcesses& set) {
    std::vector<pid_t> pids;
    for (const ProcessStat& process : set.Members()) {
      pids.push_back(process.pid);
    }
    return pids;
  }

  const SessionId id_;
  Pipe never_ = OpenPipe().value();  // nobody writes to it
  std::vector<pid_t> children_;
};

TEST_F(SessionProcessesTest, AreThoseThatCarryTheId) {
  const pid_t marked = Start(id_.text());
  const pid_t other = Start(kOtherId);
  const pid_t none = Start("");
  const SessionProcesses set(id_);
  EXPECT_THAT(PidsOf(set), UnorderedElementsAre(marked));
  EXPECT_TRUE(set.Contains(marked));
  EXPECT_FALSE(set.Contains(other));
  EXPECT_FALSE(set.Contains(none));
}

TEST_F(SessionProcessesTest, F24_AnIdThatOnlyBeginsAlikeIsAnother) {
  Start(id_.text() + "0");
  Start(id_.text().substr(0, 25));
  EXPECT_THAT(PidsOf(SessionProcesses(id_)), IsEmpty());
}

TEST_F(SessionProcessesTest, F22_AClearedEnvironmentIsTheParents) {
  const pid_t cleared =
      StartAndRead(id_.text(), "env -i sh -c 'echo $$; read x' <&3 & wait");
  const SessionProcesses set(id_);
  EXPECT_THAT(PidsOf(set), UnorderedElementsAre(children_[0], cleared));
}

TEST_F(SessionProcessesTest, ANestedSessionBelowIsNotPartOfIt) {
  const pid_t below = StartAndRead(
      id_.text(), absl::StrCat("CSA_SESSION_ID=", kOtherId,
                               " sh -c \"env -i sh -c 'echo \\$\\$; read x' "
                               "<&3 & wait\" & wait"));
  const SessionProcesses set(id_);
  EXPECT_THAT(PidsOf(set), UnorderedElementsAre(children_[0]));
  EXPECT_FALSE(set.Contains(below));
  EXPECT_TRUE(
      SessionProcesses(SessionId::Parse(kOtherId).value()).Contains(below));
}

TEST_F(SessionProcessesTest, TheDeadAreNotMembers) {
  const pid_t marked = Start(id_.text());
  const PidFd process = PidFd::Open(marked).value();
  kill(marked, SIGKILL);
  ASSERT_TRUE(process.AwaitDeath(MonotonicNow() + absl::Seconds(60)).value());
  EXPECT_THAT(PidsOf(SessionProcesses(id_)), IsEmpty());
}

TEST_F(SessionProcessesTest, TheRootBelongsWhateverItCarries) {
  const pid_t below =
      StartAndRead(kOtherId, "env -i sh -c 'echo $$; read x' <&3 & wait");
  const SessionProcesses set(id_, children_[0]);
  EXPECT_THAT(PidsOf(set), UnorderedElementsAre(children_[0], below));
}

TEST_F(SessionProcessesTest, F24_TheCallerAndItsAncestorsAreSpared) {
  const pid_t sibling = Start("");
  const pid_t test = getpid();
  const pid_t caller = ForkWorker([&] {
                         // All three belong to it, for the test is its root.
                         const SessionProcesses set(id_, test);
                         const bool spared =
                             !set.Contains(getpid()) && !set.Contains(test) &&
                             set.Contains(sibling) && PidsOf(set).size() == 1;
                         _exit(spared ? 0 : 1);
                       }).value();
  EXPECT_EQ(Reap(caller).value(), 0);
}

}  // namespace
}  // namespace csa
