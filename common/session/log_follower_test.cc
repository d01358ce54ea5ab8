#include "common/session/log_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/string_view.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

class LogFollowerTest : public testing::Test {
 protected:
  LogFollowerTest()
      : directory_(
            OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value()),
        log_(
            OpenAt(directory_.get(), "log", O_WRONLY | O_CREAT | O_APPEND, 0600)
                .value()) {}

  LogFollower Follow(int to) {
    return {OpenRegularAt(directory_.get(), "log").value(), to,
            [to](absl::string_view bytes) { return WriteAll(to, bytes); }};
  }
  LogFollower Follow() { return Follow(copy_.get()); }

  // Copies all that is new.
  static absl::Status CopyNew(LogFollower& follower) {
    follower.Changed();
    while (follower.behind()) {
      absl::Status copied = follower.CopyPart();
      if (!copied.ok()) return copied;
    }
    return absl::OkStatus();
  }

  void Append(absl::string_view text) {
    EXPECT_TRUE(WriteAll(log_.get(), text).ok());
  }

  // What has been copied since the last call.
  std::string Copied() {
    EXPECT_EQ(lseek(copy_.get(), 0, SEEK_SET), 0);
    std::string copied = ReadAll(copy_.get(), 1 << 20).value();
    EXPECT_EQ(ftruncate(copy_.get(), 0), 0);
    EXPECT_EQ(lseek(copy_.get(), 0, SEEK_SET), 0);
    return copied;
  }

  ScratchDirectory scratch_;
  const UniqueFd directory_;
  const UniqueFd log_;
  const UniqueFd copy_ = OpenInMemory("").value();
};

TEST_F(LogFollowerTest, BeginsAtTheBeginning) {
  Append("before\n");
  LogFollower follower = Follow();
  EXPECT_EQ(Copied(), "") << "nothing is copied yet";
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "before\n");
}

TEST_F(LogFollowerTest, CopiesEachByteOnce) {
  LogFollower follower = Follow();
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "");
  const std::string bytes("a\0\xFF", 3);
  Append(bytes);
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), bytes);
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "");
  Append("one");
  Append("two");
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "onetwo");
}

TEST_F(LogFollowerTest, F40_ALogThatWasCutIsCopiedFromItsBeginning) {
  LogFollower follower = Follow();
  Append("a long line\n");
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "a long line\n");
  ASSERT_EQ(ftruncate(log_.get(), 0), 0);
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "");
  Append("new\n");
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "new\n");
  // Cut and written to between two looks.
  ASSERT_EQ(ftruncate(log_.get(), 0), 0);
  Append("x");
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "x");
}

TEST_F(LogFollowerTest, IsAbortedWhenNobodyReads) {
  SetUpSignals();
  Pipe pipe = OpenPipe().value();
  LogFollower follower = Follow(pipe.writer.get());
  pipe.reader.Reset();
  EXPECT_TRUE(CopyNew(follower).ok()) << "there is nothing to write";
  Append("x");
  EXPECT_TRUE(absl::IsAborted(CopyNew(follower)));
}

TEST_F(LogFollowerTest, F32_FailsOnAFullDisk) {
  const UniqueFd full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY).value();
  LogFollower follower = Follow(full.get());
  Append("x");
  EXPECT_TRUE(absl::IsOutOfRange(CopyNew(follower)));
}

TEST_F(LogFollowerTest, BeginsAtTheOffset) {
  Append("one\ntwo\n");
  UniqueFd log = OpenRegularAt(directory_.get(), "log").value();
  ASSERT_EQ(lseek(log.get(), 4, SEEK_SET), 4);
  LogFollower follower(
      std::move(log), copy_.get(),
      [this](absl::string_view bytes) { return WriteAll(copy_.get(), bytes); });
  EXPECT_TRUE(CopyNew(follower).ok());
  EXPECT_EQ(Copied(), "two\n");
}

// `csa logs latest >> stdout.log`, and its like.
TEST_F(LogFollowerTest, WhatIsPresentIsAllEvenIfTheCopyMakesItLonger) {
  const std::string much(200'000, 'x');
  Append(much);
  LogFollower follower = Follow(log_.get());
  EXPECT_TRUE(follower.CopyPresent().ok());
  EXPECT_EQ(SizeOf(directory_.get(), "log").value(), 400'000);
}

}  // namespace
}  // namespace csa
