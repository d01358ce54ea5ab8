#include "common/os/file_watch.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "common/os/file.h"
#include "common/os/poll.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

class FileWatchTest : public testing::Test {
 protected:
  UniqueFd Make(absl::string_view name) const {
    WriteFile(scratch_.PathOf(name), "old\n");
    return OpenAt(AT_FDCWD, scratch_.PathOf(name), O_RDWR | O_APPEND).value();
  }

  static bool HasNews(const FileWatch& watch) {
    return AwaitReadable(watch.fd(), absl::InfinitePast()).value();
  }

  ScratchDirectory scratch_;
};

TEST_F(FileWatchTest, HearsOfWriting) {
  const UniqueFd first = Make("first");
  const UniqueFd second = Make("second");
  const FileWatch watch = FileWatch::Open({first.get(), second.get()}).value();
  EXPECT_FALSE(HasNews(watch));
  ASSERT_TRUE(WriteAll(first.get(), "new\n").ok());
  EXPECT_TRUE(HasNews(watch));
  watch.Drain();
  EXPECT_FALSE(HasNews(watch));
  ASSERT_TRUE(WriteAll(second.get(), "new\n").ok());
  EXPECT_TRUE(HasNews(watch));
}

TEST_F(FileWatchTest, HearsOfTruncation) {
  const UniqueFd file = Make("file");
  const FileWatch watch = FileWatch::Open({file.get()}).value();
  ASSERT_EQ(ftruncate(file.get(), 0), 0);
  EXPECT_TRUE(HasNews(watch));
}

TEST_F(FileWatchTest, HearsOfAnotherProcess) {
  const UniqueFd file = Make("file");
  const FileWatch watch = FileWatch::Open({file.get()}).value();
  const pid_t child = ForkWorker([&] {
                        static_cast<void>(WriteAll(file.get(), "new\n"));
                      }).value();
  EXPECT_TRUE(AwaitReadable(watch.fd(), absl::InfiniteFuture()).value());
  EXPECT_TRUE(Reap(child).ok());
}

TEST_F(FileWatchTest, FollowsTheFileNotItsName) {
  const UniqueFd file = Make("file");
  ASSERT_EQ(rename(scratch_.PathOf("file").c_str(),
                   scratch_.PathOf("renamed").c_str()),
            0);
  const FileWatch watch = FileWatch::Open({file.get()}).value();
  Make("file");
  EXPECT_FALSE(HasNews(watch)) << "another file of that name";
  ASSERT_TRUE(WriteAll(file.get(), "new\n").ok());
  EXPECT_TRUE(HasNews(watch));
}

TEST_F(FileWatchTest, DoesNotHearOfReading) {
  const UniqueFd file = Make("file");
  const FileWatch watch = FileWatch::Open({file.get()}).value();
  ASSERT_TRUE(ReadAll(file.get(), 100).ok());
  EXPECT_FALSE(HasNews(watch));
}

TEST_F(FileWatchTest, DrainsMoreThanOneRead) {
  const UniqueFd first = Make("first");
  const UniqueFd second = Make("second");
  const FileWatch watch = FileWatch::Open({first.get(), second.get()}).value();
  // The kernel joins an event only with one like it just before.
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(WriteAll((i % 2 == 0 ? first : second).get(), "x").ok());
  }
  watch.Drain();
  EXPECT_FALSE(HasNews(watch));
}

TEST_F(FileWatchTest, IsExhaustedWithoutAnInstance) {
  const UniqueFd file = Make("file");
  const pid_t child = ForkWorker([&] {
                        const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
                        setrlimit(RLIMIT_NOFILE, &none);
                        const absl::Status opened =
                            FileWatch::Open({file.get()}).status();
                        _exit(absl::IsResourceExhausted(opened) ? 0 : 1);
                      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
}

}  // namespace
}  // namespace csa
