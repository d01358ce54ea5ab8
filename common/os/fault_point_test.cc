#include "common/os/fault_point.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// The variables are read once. Each case is a child with an environment of its
// own, and nothing here comes to a point before it.
class FaultPointTest : public testing::Test {
 protected:
  FaultPointTest() { std::ofstream(log_, std::ios::trunc).flush(); }

  // Calls `body` in a child with these faults. Returns its wait status, 0 when
  // no expectation failed.
  int WithFaults(const std::string& faults, absl::FunctionRef<void()> body) {
    const pid_t child = fork();
    if (child == 0) {
      setenv("CSA_FAULT", faults.c_str(), 1);
      setenv("CSA_FAULT_LOG", log_.c_str(), 1);
      body();
      _exit(testing::Test::HasFailure() ? 1 : 0);
    }
    int wait_status = -1;
    EXPECT_EQ(waitpid(child, &wait_status, 0), child);
    return wait_status;
  }

  // A fault of this program.
  static std::string Here(absl::string_view fault) {
    return absl::StrCat(program_invocation_short_name, " ", fault);
  }

  std::string Log() const {
    std::ifstream file(log_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  const std::string log_ = testing::TempDir() + "fault_log";
};

TEST_F(FaultPointTest, DoesNothingUnlessItIsAskedTo) {
  EXPECT_EQ(WithFaults("", [] { EXPECT_FALSE(InjectFault("mkdir")); }), 0);
  EXPECT_EQ(WithFaults("another mkdir 1 kill",
                       [] { EXPECT_FALSE(InjectFault("mkdir")); }),
            0);
  EXPECT_EQ(WithFaults(Here("rename 1 kill"),
                       [] { EXPECT_FALSE(InjectFault("mkdir")); }),
            0);
  EXPECT_EQ(WithFaults("nonsense", [] { EXPECT_FALSE(InjectFault("mkdir")); }),
            0);
}

TEST_F(FaultPointTest, FailsTheChosenOccurrenceOnce) {
  EXPECT_EQ(WithFaults(Here("mkdir 2 28"),
                       [] {
                         EXPECT_FALSE(InjectFault("mkdir"));
                         EXPECT_FALSE(InjectFault("rename"));
                         errno = 0;
                         EXPECT_TRUE(InjectFault("mkdir"));
                         EXPECT_EQ(errno, ENOSPC);
                         EXPECT_FALSE(InjectFault("mkdir"));
                       }),
            0);
}

TEST_F(FaultPointTest, TakesSeveral) {
  const std::string faults = absl::StrCat(
      "another mkdir 1 kill;", Here("mkdir 1 5"), ";", Here("rename 1 28"));
  EXPECT_EQ(WithFaults(faults,
                       [] {
                         EXPECT_TRUE(InjectFault("mkdir"));
                         EXPECT_EQ(errno, EIO);
                         EXPECT_TRUE(InjectFault("rename"));
                         EXPECT_EQ(errno, ENOSPC);
                       }),
            0);
}

TEST_F(FaultPointTest, Kills) {
  EXPECT_EQ(WithFaults(Here("mkdir 1 kill"), [] { InjectFault("mkdir"); }),
            SIGKILL);
}

TEST_F(FaultPointTest, ShortensOneWrite) {
  EXPECT_EQ(WithFaults(Here("write 1 short"),
                       [] {
                         EXPECT_FALSE(InjectFault("write"));
                         EXPECT_EQ(WriteSize(10), 1);
                         EXPECT_FALSE(InjectFault("write"));
                         EXPECT_EQ(WriteSize(9), 9);
                       }),
            0);
}

TEST_F(FaultPointTest, LogsWhatItComesTo) {
  const std::string name = program_invocation_short_name;
  EXPECT_EQ(WithFaults(Here("mkdir 2 kill"),
                       [] {
                         InjectFault("mkdir");
                         InjectFault("write");
                         InjectFault("mkdir");
                       }),
            SIGKILL);
  EXPECT_EQ(Log(), absl::StrCat(name, " mkdir 1\n", name, " write 1\n", name,
                                " mkdir 2\n"));
}

}  // namespace
}  // namespace csa
