#include "common/os/errno_status.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(ErrnoStatus, NamesTheOperationAndTheReason) {
  EXPECT_EQ(ErrnoStatus("open /x/y", EACCES).message(),
            "open /x/y: permission denied");
}

TEST(ErrnoStatus, TakesErrnoWhereNoneIsGiven) {
  errno = ENOENT;
  EXPECT_EQ(ErrnoStatus("open x"),
            absl::NotFoundError("open x: no such file or directory"));
}

TEST(ErrnoStatus, LeavesAnAcronymInUpperCase) {
  EXPECT_EQ(ErrnoStatus("call", EDOTDOT).message(), "call: RFS specific error");
}

TEST(ErrnoStatus, HasTheCodeOfTheErrorNumber) {
  EXPECT_TRUE(absl::IsNotFound(ErrnoStatus("", ENOENT)));
  EXPECT_TRUE(absl::IsNotFound(ErrnoStatus("", ESRCH)));
  EXPECT_TRUE(absl::IsAlreadyExists(ErrnoStatus("", EEXIST)));
  EXPECT_TRUE(absl::IsPermissionDenied(ErrnoStatus("", EACCES)));
  EXPECT_TRUE(absl::IsPermissionDenied(ErrnoStatus("", EPERM)));
}

TEST(ErrnoStatus, NamesTheKernelThatHasAMissingCall) {
  const absl::Status status = ErrnoStatus("open process 1", ENOSYS);
  EXPECT_TRUE(absl::IsUnimplemented(status));
  EXPECT_EQ(status.message(),
            "open process 1: function not implemented: csa needs Linux 5.9 or "
            "later");
}

TEST(ErrnoStatus, TellsWhatDoesNotFitFromWhatIsUsedUp) {
  for (const int error : {ENOSPC, EDQUOT, EFBIG}) {
    EXPECT_TRUE(absl::IsOutOfRange(ErrnoStatus("write", error))) << error;
  }
  for (const int error : {EMFILE, ENFILE, ENOMEM}) {
    EXPECT_TRUE(absl::IsResourceExhausted(ErrnoStatus("open", error))) << error;
  }
}

TEST(Named, PutsTheObjectInFrontAndKeepsTheCode) {
  EXPECT_EQ(Named("a file", absl::NotFoundError("open: missing")),
            absl::NotFoundError("a file: open: missing"));
  EXPECT_TRUE(Named("a file", absl::OkStatus()).ok());
}

TEST(RetryOnEintr, CallsAgainUntilItIsNotInterrupted) {
  int calls = 0;
  const int result = RetryOnEintr([&] {
    errno = EINTR;
    return ++calls < 3 ? -1 : 7;
  });
  EXPECT_EQ(result, 7);
  EXPECT_EQ(calls, 3);
}

TEST(RetryOnEintr, GivesAnyOtherErrorBack) {
  int calls = 0;
  const long result = RetryOnEintr([&] {
    ++calls;
    errno = EIO;
    return -1L;
  });
  EXPECT_EQ(result, -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace csa
