// Promise: nobody holds a descriptor open that it does not need.

#include <linux/close_range.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

namespace fs = std::filesystem;

using testing::AnyOf;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;

// What the descriptors of a process are open on. The standard ones have their
// number in front.
std::vector<std::string> DescriptorsOf(pid_t pid) {
  std::vector<std::string> targets;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(absl::StrCat("/proc/", pid, "/fd"))) {
    const std::string number = entry.path().filename();
    const std::string target = fs::read_symlink(entry.path());
    const bool standard = number.size() == 1 && number[0] <= '2';
    targets.push_back(standard ? absl::StrCat(number, " ", target) : target);
  }
  return targets;
}

// Lets a child that asked to be traced run until it makes a system call, and
// then go on untraced.
void AwaitCall(pid_t child, uint64_t number) {
  while (true) {
    int wait_status = 0;
    ASSERT_EQ(waitpid(child, &wait_status, 0), child);
    ASSERT_TRUE(WIFSTOPPED(wait_status)) << wait_status;
    ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD);
    __ptrace_syscall_info call = {};
    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && call.entry.nr == number) break;
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
  }
}

class DescriptorsTest : public CsaTest {
 protected:
  // The session's directory, as the kernel names it.
  std::string RealDirectoryOf(const std::string& id) const {
    return fs::canonical(DirectoryOf(id));
  }

  void ExpectSupervisorHasItsOwnOnly(const std::string& id) const {
    const std::string directory = RealDirectoryOf(id);
    std::vector<std::string> own = {
        "0 /dev/null", "1 /dev/null",
        "2 /dev/null", "anon_inode:[signalfd]",
        directory,     absl::StrCat(directory, "/daemon.pid")};
    if (WithCgroups()) {
      own.emplace_back(absl::StripSuffix(FileOf(id, "cgroup"), "\n"));
    }
    EXPECT_THAT(DescriptorsOf(SupervisorOf(id)),
                UnorderedElementsAreArray(own));
  }
};

// From the moment at which its starter returns.
TEST_F(DescriptorsTest, OfARunningSupervisor) {
  ExpectSupervisorHasItsOwnOnly(Spawn({"--", "sleep", "1000"}));
  ProgramOptions options;
  options.input = "a prompt";
  ExpectSupervisorHasItsOwnOnly(
      Spawn({"--stdin=capture", "--timeout=1h", "--idle-timeout=1h", "--",
             "sleep", "1000"},
            options));
}

TEST_F(DescriptorsTest, OfACommand) {
  const std::string script =
      "ls /proc/$$/fd; readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2; :";
  const std::string id = Spawn({"--", "sh", "-c", script});
  const Ended wait = Wait(id);
  const std::string directory = RealDirectoryOf(id);
  EXPECT_EQ(wait.output,
            absl::StrCat("0\n1\n2\n/dev/null\n", directory, "/stdout.log\n",
                         directory, "/stderr.log\n"));
}

TEST_F(DescriptorsTest, OfAWaitThatBlocks) {
  const Gate gate(scratch().PathOf("gate"));
  const std::string id =
      Run(absl::StrCat("read go < ", gate.path(), "; exit 7"));
  ProgramOptions options;
  options.prepare = [] {
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  };
  Program wait(CsaArgv({"wait", id}), InTest(options));
  AwaitCall(wait.pid(), SYS_ppoll);
  EXPECT_THAT(
      DescriptorsOf(wait.pid()),
      UnorderedElementsAre(
          StartsWith("0 /memfd:"), StartsWith("1 pipe:"), StartsWith("2 pipe:"),
          std::string(fs::canonical(Sessions())), RealDirectoryOf(id),
          AnyOf("anon_inode:[pidfd]", StartsWith("pidfd:"))));
  EXPECT_EQ(ptrace(PTRACE_DETACH, wait.pid(), nullptr, nullptr), 0);
  gate.Open();
  EXPECT_EQ(wait.Await().exit_status, 7);
}

}  // namespace
}  // namespace csa
