#include "tools/doctor/store_checks.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Result = Finding::Result;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int64_t kMiB = int64_t{1} << 20;

TEST(JudgeSessions, CountsThem) {
  EXPECT_EQ(JudgeSessions({}).found, "0");
  EXPECT_EQ(JudgeSessions({}).result, Result::kOk);
  const Finding some = JudgeSessions({.running = 1, .finished = 2});
  EXPECT_EQ(some.found, "3: 1 running, 2 finished");
  EXPECT_EQ(some.result, Result::kOk);
  EXPECT_EQ(some.advice, "");
}

TEST(JudgeSessions, SaysWhatToDoAboutLostOnesAndTheUnreadable) {
  const Finding lost = JudgeSessions({.lost = 2});
  EXPECT_EQ(lost.found, "2: 0 running, 0 finished, 2 lost");
  EXPECT_EQ(lost.result, Result::kWarning);
  EXPECT_THAT(lost.advice, HasSubstr("csa gc"));
  const Finding bad = JudgeSessions({.unreadable = 1, .problem = "why"});
  EXPECT_EQ(bad.found, "1: 0 running, 0 finished, 1 unreadable (why)");
  EXPECT_EQ(bad.result, Result::kWarning);
  EXPECT_THAT(
      JudgeSessions({.lost = 1, .unreadable = 1, .problem = "why"}).advice,
      AllOf(HasSubstr("csa gc; "), HasSubstr("remove")));
}

TEST(JudgeFreeSpace, ShouldBeAHundredMebibytes) {
  EXPECT_EQ(JudgeFreeSpace(100 * kMiB).result, Result::kOk);
  EXPECT_EQ(JudgeFreeSpace(100 * kMiB).found, "100 MiB");
  const Finding little = JudgeFreeSpace(100 * kMiB - 1);
  EXPECT_EQ(little.result, Result::kWarning);
  EXPECT_EQ(little.found, "99 MiB");
  EXPECT_NE(little.advice, "");
  EXPECT_EQ(JudgeFreeSpace(absl::UnavailableError("no")).result,
            Result::kWarning);
}

TEST(JudgeLocks, MustBePossible) {
  EXPECT_EQ(JudgeLocks(absl::OkStatus()).result, Result::kOk);
  const Finding none = JudgeLocks(absl::UnavailableError("no locks"));
  EXPECT_EQ(none.result, Result::kError);
  EXPECT_EQ(none.found, "no locks");
  EXPECT_NE(none.advice, "");
  const Finding untried = JudgeLocks(absl::UnimplementedError("no"));
  EXPECT_EQ(untried.result, Result::kOk);
  EXPECT_THAT(untried.found, HasSubstr("not tried"));
}

class CheckStoreTest : public testing::Test {
 protected:
  CheckStoreTest() { setenv("CSA_STATE_DIR", State().c_str(), 1); }

  std::string State() const { return scratch_.PathOf("a/state"); }

  const ScratchDirectory scratch_;
};

TEST_F(CheckStoreTest, MakesNothing) {
  const std::vector<Finding> findings = CheckStore();
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].result, Result::kOk);
  EXPECT_EQ(findings[0].found, State() + ", which the first session makes");
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path()));
}

TEST_F(CheckStoreTest, LooksAtWhatIsThere) {
  std::filesystem::create_directories(State() + "/sessions");
  const std::vector<Finding> findings = CheckStore();
  ASSERT_EQ(findings.size(), 4U);
  EXPECT_EQ(findings[0].found, State());
  EXPECT_EQ(findings[3].found, "0");
  EXPECT_TRUE(std::filesystem::is_empty(State() + "/sessions"));
}

TEST_F(CheckStoreTest, WhatIsNoDirectoryIsAnError) {
  WriteFile(scratch_.PathOf("a"), "");
  const std::vector<Finding> findings = CheckStore();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].result, Result::kError);
}

TEST_F(CheckStoreTest, NoPlaceIsAnError) {
  setenv("CSA_STATE_DIR", "relative", 1);
  const std::vector<Finding> findings = CheckStore();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].result, Result::kError);
  EXPECT_THAT(findings[0].found, HasSubstr("no absolute path"));
}

}  // namespace
}  // namespace csa
