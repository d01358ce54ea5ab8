#include "common/cli/exit_status.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(ExitStatus, IsFailedForAnyError) {
  EXPECT_EQ(ExitStatusFor(absl::NotFoundError("x")), ExitStatus::kFailed);
  EXPECT_EQ(ExitStatusFor(absl::InternalError("x")), ExitStatus::kFailed);
}

TEST(ExitStatus, MayGoWithAnError) {
  for (const ExitStatus exit_status :
       {ExitStatus::kNo, ExitStatus::kUndecided, ExitStatus::kNotFinished,
        ExitStatus::kNotExecutable, ExitStatus::kNotFound, ExitStatusOf(0),
        ExitStatusOf(255)}) {
    const absl::Status status =
        WithExitStatus(absl::NotFoundError("x"), exit_status);
    EXPECT_EQ(ExitStatusFor(status), exit_status);
    EXPECT_TRUE(absl::IsNotFound(status));
    EXPECT_EQ(status.message(), "x");
  }
}

TEST(ExitStatus, TheLastOneCounts) {
  const absl::Status status =
      WithExitStatus(absl::NotFoundError("x"), ExitStatus::kNotExecutable);
  EXPECT_EQ(ExitStatusFor(WithExitStatus(status, ExitStatus::kNo)),
            ExitStatus::kNo);
}

TEST(ExitStatusOf, IsTheExitCode) {
  EXPECT_EQ(static_cast<int>(ExitStatusOf(143)), 143);
  EXPECT_EQ(ExitStatusOf(0), ExitStatus::kSuccess);
}

TEST(WithExecutionStatus, F04_IsWhatShellsExitWith) {
  const absl::Status missing = WithExecutionStatus(absl::NotFoundError("x"));
  const absl::Status refused =
      WithExecutionStatus(absl::PermissionDeniedError("x"));
  const absl::Status other = WithExecutionStatus(absl::UnavailableError("x"));
  EXPECT_EQ(static_cast<int>(ExitStatusFor(missing)), 127);
  EXPECT_EQ(static_cast<int>(ExitStatusFor(refused)), 126);
  EXPECT_EQ(static_cast<int>(ExitStatusFor(other)), 125);
  EXPECT_EQ(missing.message(), "x");
}

}  // namespace
}  // namespace csa
