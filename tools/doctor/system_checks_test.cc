#include "tools/doctor/system_checks.h"

#include "common/os/proc.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Result = Finding::Result;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

// What is not well must come with an advice, and only that.
void ExpectWhole(const Finding& finding) {
  EXPECT_FALSE(finding.found.empty()) << finding.check;
  EXPECT_EQ(finding.result == Result::kOk, finding.advice.empty())
      << finding.check << " " << finding.advice;
}

constexpr char kPlain[] =
    "none / tmpfs rw 0 0\nproc /proc proc rw,nosuid,relatime 0 0\n";
constexpr char kHiding[] = "proc /proc proc rw,hidepid=invisible,gid=4 0 0\n";

TEST(JudgeCall, AMissingOneIsAnErrorThatNamesTheKernel) {
  EXPECT_EQ(JudgeCall("x", absl::OkStatus()).result, Result::kOk);
  const Finding missing = JudgeCall("x", absl::UnimplementedError("x: none"));
  EXPECT_EQ(missing.check, "x");
  EXPECT_EQ(missing.result, Result::kError);
  EXPECT_EQ(missing.found, "x: none");
  EXPECT_THAT(missing.advice, HasSubstr("Linux 5.9"));
}

TEST(JudgeProc, MustBeThere) {
  const Finding finding = JudgeProc(absl::FailedPreconditionError("no"), "",
                                    /*privileged=*/true);
  EXPECT_EQ(finding.result, Result::kError);
  ExpectWhole(finding);
}

TEST(JudgeProc, ShouldHideNothing) {
  const auto judge = [](const std::string& mounts, bool privileged = false) {
    const Finding finding = JudgeProc(absl::OkStatus(), mounts, privileged);
    ExpectWhole(finding);
    return finding.result;
  };
  EXPECT_EQ(judge(kPlain), Result::kOk);
  EXPECT_EQ(judge(""), Result::kOk);
  EXPECT_EQ(judge("proc /proc proc rw,hidepid=0 0 0\n"), Result::kOk);
  EXPECT_EQ(judge("proc /proc proc rw,hidepid=off 0 0\n"), Result::kOk);
  EXPECT_EQ(judge("proc /mnt/proc proc rw,hidepid=2 0 0\n"), Result::kOk);
  EXPECT_EQ(judge(kHiding), Result::kWarning);
  EXPECT_EQ(judge("proc /proc proc rw,hidepid=2"), Result::kWarning);
  EXPECT_EQ(judge(kHiding, /*privileged=*/true), Result::kOk);
  // The last one is the one on top.
  EXPECT_EQ(judge(std::string(kHiding) + kPlain), Result::kOk);
  EXPECT_EQ(judge(std::string(kPlain) + kHiding), Result::kWarning);
  EXPECT_THAT(JudgeProc(absl::OkStatus(), kHiding, false).found,
              HasSubstr("hidepid=invisible"));
}

TEST(JudgePidNamespace, AContainerIsWorthAWarning) {
  EXPECT_EQ(JudgePidNamespace(kInitialPidNamespace).result, Result::kOk);
  for (const uint64_t inode : {uint64_t{0}, uint64_t{4026531999}}) {
    EXPECT_EQ(JudgePidNamespace(inode).result, Result::kWarning);
    ExpectWhole(JudgePidNamespace(inode));
  }
}

TEST(JudgeChildren, TheyShouldBeListed) {
  EXPECT_EQ(JudgeChildren(true).result, Result::kOk);
  EXPECT_EQ(JudgeChildren(false).result, Result::kWarning);
  ExpectWhole(JudgeChildren(false));
}

TEST(JudgeCgroups, AreWorthHaving) {
  const CgroupPlace place = {.path = "/sys/fs/cgroup/csa",
                             .memory = absl::OkStatus()};
  EXPECT_EQ(JudgeCgroups(place).result, Result::kOk);
  EXPECT_THAT(JudgeCgroups(place).found, HasSubstr("/sys/fs/cgroup/csa"));
  const Finding none = JudgeCgroups(absl::NotFoundError("not mounted"));
  EXPECT_EQ(none.result, Result::kWarning);
  EXPECT_THAT(none.found, HasSubstr("not mounted"));
  EXPECT_THAT(none.advice, HasSubstr("Delegate=yes"));
}

TEST(JudgeMemoryLimit, NeedsACgroupAndItsController) {
  CgroupPlace place = {.path = "/x/csa", .memory = absl::OkStatus()};
  EXPECT_EQ(JudgeMemoryLimit(place).result, Result::kOk);
  place.memory = absl::FailedPreconditionError("no controller");
  EXPECT_EQ(JudgeMemoryLimit(place).result, Result::kWarning);
  EXPECT_THAT(JudgeMemoryLimit(place).found, HasSubstr("no controller"));
  const Finding none = JudgeMemoryLimit(absl::NotFoundError("not mounted"));
  EXPECT_EQ(none.result, Result::kWarning);
  EXPECT_THAT(none.found, HasSubstr("not mounted"));
  ExpectWhole(none);
}

TEST(JudgeInotify, ShouldBeLeft) {
  EXPECT_EQ(JudgeInotify(absl::OkStatus()).result, Result::kOk);
  const Finding none = JudgeInotify(absl::ResourceExhaustedError("no more"));
  EXPECT_EQ(none.result, Result::kWarning);
  ExpectWhole(none);
}

// Where this test can run, csa can.
TEST(CheckSystem, LooksAtAll) {
  const std::vector<Finding> findings = CheckSystem();
  std::vector<std::string> checks;
  for (const Finding& finding : findings) {
    checks.push_back(finding.check);
    ExpectWhole(finding);
  }
  EXPECT_THAT(checks, ElementsAre("kernel", "pidfd_open", "pidfd_send_signal",
                                  "close_range", "renameat2", "proc",
                                  "pid_namespace", "proc_children", "cgroup",
                                  "memory_limit", "inotify"));
  EXPECT_THAT(findings, Each(Field(&Finding::result, Not(Result::kError))));
}

}  // namespace
}  // namespace csa
