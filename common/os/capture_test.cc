#include "common/os/capture.h"

#include <sys/wait.h>

#include "gtest/gtest.h"

namespace csa {
namespace {

constexpr size_t kLimit = 1 << 20;

TEST(Capture, GivesWhatTheProgramPrints) {
  const absl::StatusOr<Captured> captured =
      Capture({"sh", "-c", "cat; printf 'x\\0y\\n'; exit 3"}, "input ", kLimit);
  ASSERT_TRUE(captured.ok()) << captured.status();
  EXPECT_EQ(captured->output, std::string("input x\0y\n", 10));
  EXPECT_FALSE(captured->cut);
  EXPECT_EQ(WEXITSTATUS(captured->wait_status), 3);
}

TEST(Capture, KeepsNoMoreThanTheLimit) {
  const absl::StatusOr<Captured> exact = Capture({"printf", "abcd"}, "", 4);
  ASSERT_TRUE(exact.ok()) << exact.status();
  EXPECT_EQ(exact->output, "abcd");
  EXPECT_FALSE(exact->cut);
  const absl::StatusOr<Captured> endless = Capture({"yes"}, "", 5);
  ASSERT_TRUE(endless.ok()) << endless.status();
  EXPECT_EQ(endless->output, "y\ny\ny");
  EXPECT_TRUE(endless->cut);
  EXPECT_NE(endless->wait_status, 0);
}

TEST(Capture, CanKeepWhatIsWrittenToStderr) {
  const absl::StatusOr<Captured> captured = Capture(
      {"sh", "-c", "echo no >&2; exit 1"}, "", kLimit, ErrorOutput::kKept);
  ASSERT_TRUE(captured.ok()) << captured.status();
  EXPECT_EQ(captured->error, "no\n");
  EXPECT_EQ(captured->output, "");
}

TEST(Capture, AProgramThatIsNotThereIsAnError) {
  EXPECT_TRUE(
      absl::IsNotFound(Capture({"/does/not/exist"}, "", kLimit).status()));
}

}  // namespace
}  // namespace csa
