#include "common/os/file.h"

#include <pty.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "absl/functional/function_ref.h"
#include "common/os/file_lock.h"
#include "common/os/process.h"
#include "common/os/signal_fd.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// Runs `body` in a child, whose failed expectations fail the test.
void InChild(absl::FunctionRef<void()> body) {
  const absl::StatusOr<pid_t> child = ForkWorker([&] {
    body();
    _exit(testing::Test::HasFailure() ? 1 : 0);
  });
  ASSERT_TRUE(child.ok()) << child.status();
  EXPECT_EQ(Reap(*child).value(), 0);
}

// Text without a period that a block's length could hide.
std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 % 251);
  return bytes;
}

void SetNonBlocking(int fd) { ASSERT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0); }

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value();
  }

  int directory() const { return directory_.get(); }
  void Make(const std::string& name, absl::string_view bytes) const {
    WriteFile(scratch_.PathOf(name), bytes);
  }
  void Link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(symlinkat(target.c_str(), directory(), name.c_str()), 0);
  }

  ScratchDirectory scratch_;
  UniqueFd directory_;
};

TEST_F(FileTest, OpenAtClosesOnExec) {
  Make("file", "");
  const UniqueFd fd = OpenAt(directory(), "file", O_RDONLY).value();
  EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(FileTest, OpenAtSaysWhatItCouldNotOpen) {
  const absl::Status opened = OpenAt(directory(), "missing", O_RDONLY).status();
  EXPECT_EQ(opened,
            absl::NotFoundError("open missing: no such file or directory"));
}

TEST_F(FileTest, F39_OpenAtDoesNotFollowASymbolicLink) {
  Make("file", "");
  Link("file", "link");
  EXPECT_FALSE(OpenAt(directory(), "link", O_RDONLY).ok());
  EXPECT_FALSE(ReadFileAt(directory(), "link", 10).ok());
}

TEST_F(FileTest, OpenNamedByUserFollowsASymbolicLink) {
  Make("file", "text");
  Link("file", "link");
  const absl::StatusOr<UniqueFd> fd = OpenNamedByUser(scratch_.PathOf("link"));
  ASSERT_TRUE(fd.ok()) << fd.status();
  EXPECT_EQ(ReadAll(fd->get(), 10).value(), "text");
  EXPECT_EQ(fcntl(fd->get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(FileTest, OpenNamedByUserTakesAPipe) {
  Pipe pipe = OpenPipe().value();
  ASSERT_TRUE(WriteAll(pipe.writer.get(), "text").ok());
  const absl::StatusOr<UniqueFd> fd =
      OpenNamedByUser("/dev/fd/" + std::to_string(pipe.reader.get()));
  ASSERT_TRUE(fd.ok()) << fd.status();
  pipe.writer.Reset();
  EXPECT_EQ(ReadAll(fd->get(), 10).value(), "text");
}

TEST_F(FileTest, IdentityIsTheFilesNotTheNames) {
  Make("file", "");
  Make("other", "");
  ASSERT_EQ(linkat(directory(), "file", directory(), "hard", 0), 0);
  const auto identity = [&](const std::string& name) {
    return IdentityOf(OpenAt(directory(), name, O_RDONLY)->get()).value();
  };
  EXPECT_EQ(identity("file"), identity("hard"));
  EXPECT_FALSE(identity("file") == identity("other"));
  EXPECT_EQ(IdentityAt(directory(), "hard").value(), identity("file"));
  EXPECT_TRUE(absl::IsNotFound(IdentityAt(directory(), "none").status()));
}

class OpenUnlessSameTest : public FileTest {
 protected:
  // Makes the file "lock", and locks it.
  void SetUp() override {
    FileTest::SetUp();
    Make("lock", "locked");
    lock_ = OpenAt(directory(), "lock", O_RDWR).value();
    ASSERT_TRUE(LockForWriting(lock_.get()).ok());
  }

  absl::StatusOr<UniqueFd> Open(const std::string& name) const {
    return OpenUnlessSame(directory(), name, IdentityOf(lock_.get()).value());
  }

  // Whether this process has the lock, as another one sees it.
  void ExpectLocked(bool locked) const {
    const pid_t self = getpid();
    InChild([&] {
      const std::optional<pid_t> holder = WriteLockHolder(lock_.get()).value();
      EXPECT_EQ(holder, locked ? std::optional(self) : std::nullopt);
    });
  }

  UniqueFd lock_;
};

TEST_F(OpenUnlessSameTest, OpensAnotherFile) {
  Make("other", "text");
  const absl::StatusOr<UniqueFd> fd = Open("other");
  ASSERT_TRUE(fd.ok()) << fd.status();
  EXPECT_EQ(ReadAll(fd->get(), 10).value(), "text");
  EXPECT_EQ(fcntl(fd->get(), F_GETFD), FD_CLOEXEC);
  ExpectLocked(true);
}

// Who opens such a file for reading waits for its holder, or for 45 s.
TEST_F(OpenUnlessSameTest, IsNotHeldUpByALease) {
  Make("other", "text");
  const Pipe ready = OpenPipe().value();
  const Pipe end = OpenPipe().value();
  const pid_t holder =
      ForkWorker([&] {
        signal(SIGIO, SIG_IGN);
        const UniqueFd file = OpenAt(directory(), "other", O_RDWR).value();
        const bool leased = fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0;
        static_cast<void>(WriteAll(ready.writer.get(), leased ? "y" : "n"));
        char byte;
        static_cast<void>(read(end.reader.get(), &byte, 1) < 0);
      }).value();
  char leased = 0;
  ASSERT_EQ(read(ready.reader.get(), &leased, 1), 1);
  ASSERT_EQ(leased, 'y');
  const absl::StatusOr<UniqueFd> fd = Open("other");
  EXPECT_TRUE(absl::IsUnavailable(fd.status())) << fd.status();
  ASSERT_TRUE(WriteAll(end.writer.get(), "x").ok());
  EXPECT_TRUE(Reap(holder).ok());
}

TEST_F(OpenUnlessSameTest, LeavesTheCallersLockAlone) {
  ASSERT_EQ(linkat(directory(), "lock", directory(), "hard", 0), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("lock").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Open("hard").status()));
  ExpectLocked(true);
  // What it avoids:
  OpenAt(directory(), "lock", O_RDONLY)->Reset();
  ExpectLocked(false);
}

TEST_F(OpenUnlessSameTest, OpensOnlyRegularFiles) {
  ASSERT_EQ(mkfifo(scratch_.PathOf("fifo").c_str(), 0600), 0);
  ASSERT_EQ(mkdir(scratch_.PathOf("directory").c_str(), 0700), 0);
  Make("other", "");
  Link("other", "link");
  for (const std::string name : {"fifo", "directory", "link"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(Open(name).status())) << name;
  }
  EXPECT_TRUE(absl::IsNotFound(Open("missing").status()));
}

TEST_F(FileTest, ExistsAtDoesNotFollowASymbolicLink) {
  Make("file", "");
  Link("nowhere", "dangling");
  EXPECT_TRUE(ExistsAt(directory(), "file"));
  EXPECT_TRUE(ExistsAt(directory(), "dangling"));
  EXPECT_FALSE(ExistsAt(directory(), "missing"));
}

TEST_F(FileTest, SizeOfIsInBytes) {
  Make("file", "12345");
  EXPECT_EQ(SizeOf(directory(), "file").value(), 5);
  EXPECT_TRUE(absl::IsNotFound(SizeOf(directory(), "missing").status()));
}

TEST_F(FileTest, ReadFileAtReadsAll) {
  const std::string bytes = Bytes(200 * 1000);
  Make("file", bytes);
  EXPECT_EQ(ReadFileAt(directory(), "file", bytes.size()).value(), bytes);
}

TEST_F(FileTest, ReadFileAtWaitsForNothing) {
  ASSERT_EQ(mkfifo(scratch_.PathOf("fifo").c_str(), 0600), 0);
  const absl::Status read = ReadFileAt(directory(), "fifo", 10).status();
  EXPECT_EQ(read, absl::FailedPreconditionError("fifo: is no regular file"));
}

TEST_F(FileTest, ReadFileNamedByUserFollowsASymbolicLinkAndWaitsForNothing) {
  Make("file", "text");
  Link("file", "link");
  ASSERT_EQ(mkfifo(scratch_.PathOf("fifo").c_str(), 0600), 0);
  Link("fifo", "to_fifo");
  EXPECT_EQ(ReadFileNamedByUser(scratch_.PathOf("link"), 4).value(), "text");
  EXPECT_TRUE(absl::IsOutOfRange(
      ReadFileNamedByUser(scratch_.PathOf("link"), 3).status()));
  const std::vector<std::string> others = {scratch_.PathOf("fifo"),
                                           scratch_.PathOf("to_fifo"),
                                           scratch_.path(), "/dev/zero"};
  for (const std::string& other : others) {
    EXPECT_EQ(ReadFileNamedByUser(other, 10).status(),
              absl::FailedPreconditionError(other + ": is no regular file"));
  }
  EXPECT_TRUE(absl::IsNotFound(
      ReadFileNamedByUser(scratch_.PathOf("none"), 10).status()));
}

TEST_F(FileTest, OpenRegularAtOpensNothingElse) {
  Make("file", "");
  ASSERT_EQ(mkfifo(scratch_.PathOf("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(OpenRegularAt(directory(), "file").ok());
  for (const char* name : {"fifo", "."}) {
    EXPECT_TRUE(
        absl::IsFailedPrecondition(OpenRegularAt(directory(), name).status()))
        << name;
  }
  EXPECT_FALSE(ReadTailAt(directory(), "fifo", 10).ok());
  EXPECT_TRUE(absl::IsNotFound(OpenRegularAt(directory(), "none").status()));
}

TEST_F(FileTest, ReadFileAtRefusesOneByteMoreThanTheLimit) {
  Make("file", "12345");
  EXPECT_EQ(ReadFileAt(directory(), "file", 5).value(), "12345");
  EXPECT_EQ(ReadFileAt(directory(), "file", 4).status(),
            absl::OutOfRangeError("file: longer than 4 bytes"));
  EXPECT_TRUE(absl::IsOutOfRange(ReadFileAt(directory(), "file", 0).status()));
  Make("empty", "");
  EXPECT_EQ(ReadFileAt(directory(), "empty", 0).value(), "");
}

TEST(ReadAll, ReadsFromThePresentOffset) {
  const UniqueFd fd = OpenInMemory("12345").value();
  ASSERT_EQ(lseek(fd.get(), 3, SEEK_SET), 3);
  EXPECT_EQ(ReadAll(fd.get(), 2).value(), "45");
}

TEST(ReadAll, WaitsWhereTheDescriptorDoesNotBlock) {
  Pipe pipe = OpenPipe().value();
  SetNonBlocking(pipe.reader.get());
  const std::string bytes = Bytes(300 * 1000);
  std::thread writer([&] {
    EXPECT_TRUE(WriteAll(pipe.writer.get(), bytes).ok());
    pipe.writer.Reset();
  });
  EXPECT_EQ(ReadAll(pipe.reader.get(), bytes.size()).value(), bytes);
  writer.join();
}

TEST(ReadAll, SaysWhyItCannotRead) { EXPECT_FALSE(ReadAll(-1, 10).ok()); }

TEST_F(FileTest, ReadTailAtReadsTheEnd) {
  Make("file", "12345");
  EXPECT_EQ(ReadTailAt(directory(), "file", 0).value(), "");
  EXPECT_EQ(ReadTailAt(directory(), "file", 2).value(), "45");
  EXPECT_EQ(ReadTailAt(directory(), "file", 5).value(), "12345");
  EXPECT_EQ(ReadTailAt(directory(), "file", 6).value(), "12345");
  EXPECT_TRUE(absl::IsNotFound(ReadTailAt(directory(), "no", 6).status()));
}

TEST(WriteAll, WaitsForRoomWhereTheDescriptorDoesNotBlock) {
  Pipe pipe = OpenPipe().value();
  SetNonBlocking(pipe.writer.get());
  const std::string bytes = Bytes(1000 * 1000);  // a pipe holds 64 KiB
  std::string arrived;
  std::thread reader(
      [&] { arrived = ReadAll(pipe.reader.get(), bytes.size()).value(); });
  EXPECT_TRUE(WriteAll(pipe.writer.get(), bytes).ok());
  pipe.writer.Reset();
  reader.join();
  EXPECT_EQ(arrived, bytes);
}

TEST(WriteAll, IsAbortedWhenNobodyReads) {
  InChild([] {
    SetUpSignals();
    Pipe pipe = OpenPipe().value();
    pipe.reader.Reset();
    EXPECT_TRUE(absl::IsAborted(WriteAll(pipe.writer.get(), "text")));
  });
}

TEST(WriteAll, IsAbortedWhenATerminalHasHungUp) {
  int user = 0;
  int program = 0;
  ASSERT_EQ(openpty(&user, &program, nullptr, nullptr, nullptr), 0);
  const UniqueFd closing(program);
  EXPECT_TRUE(WriteAll(program, "text").ok());
  close(user);
  EXPECT_TRUE(absl::IsAborted(WriteAll(program, "text")));
}

TEST(WriteAll, IsAbortedWhenTheReaderGoesWhileItWaits) {
  InChild([] {
    SetUpSignals();
    Pipe pipe = OpenPipe().value();
    SetNonBlocking(pipe.writer.get());
    std::thread reader([&] {
      char byte = 0;
      EXPECT_EQ(read(pipe.reader.get(), &byte, 1), 1);
      pipe.reader.Reset();
    });
    const absl::Status written = WriteAll(pipe.writer.get(), Bytes(1 << 20));
    EXPECT_TRUE(absl::IsAborted(written)) << written;
    reader.join();
  });
}

TEST(WriteAll, F32_SaysThatTheDiskIsFull) {
  const UniqueFd full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY).value();
  const absl::Status written = WriteAll(full.get(), "text");
  EXPECT_EQ(written.message(), "write: no space left on device");
  EXPECT_TRUE(WriteAll(full.get(), "").ok());
}

TEST_F(FileTest, CreateFileAtMakesAPrivateFile) {
  ASSERT_TRUE(CreateFileAt(directory(), "file", "text").ok());
  EXPECT_EQ(ReadFile(scratch_.PathOf("file")), "text");
  struct stat status;
  ASSERT_EQ(stat(scratch_.PathOf("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600);
}

TEST_F(FileTest, CreateFileAtReplacesNothing) {
  Make("file", "first");
  EXPECT_TRUE(
      absl::IsAlreadyExists(CreateFileAt(directory(), "file", "second")));
  EXPECT_EQ(ReadFile(scratch_.PathOf("file")), "first");
  Link("elsewhere", "dangling");
  EXPECT_TRUE(
      absl::IsAlreadyExists(CreateFileAt(directory(), "dangling", "second")));
  EXPECT_FALSE(ExistsAt(directory(), "elsewhere"));
}

TEST_F(FileTest, F32_CreateFileAtLeavesNoHalfOfAFile) {
  InChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {.rlim_cur = 2, .rlim_max = 2};
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_EQ(CreateFileAt(directory(), "file", "text").message(),
              "file: write: file too large");
  });
  EXPECT_FALSE(ExistsAt(directory(), "file"));
}

TEST(CopyAll, CopiesFromTheOffset) {
  const std::string bytes = Bytes(200 * 1000);
  const UniqueFd from = OpenInMemory(bytes).value();
  const UniqueFd to = OpenInMemory("").value();
  ASSERT_EQ(lseek(from.get(), 5, SEEK_SET), 5);
  EXPECT_EQ(CopyAll(from.get(), to.get(), bytes.size()).value(),
            bytes.size() - 5);
  ASSERT_EQ(lseek(to.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(ReadAll(to.get(), bytes.size()).value(), bytes.substr(5));
}

TEST(CopyAll, StopsAtTheLimit) {
  const UniqueFd from = OpenInMemory("12345").value();
  const UniqueFd to = OpenInMemory("").value();
  EXPECT_TRUE(absl::IsOutOfRange(CopyAll(from.get(), to.get(), 4).status()));
  ASSERT_EQ(lseek(to.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(ReadAll(to.get(), 10).value(), "1234");
}

TEST(CopyAll, TakesAsMuchAsTheLimit) {
  const UniqueFd from = OpenInMemory("12345").value();
  const UniqueFd to = OpenInMemory("").value();
  EXPECT_EQ(CopyAll(from.get(), to.get(), 5).value(), 5);
}

TEST(CopyAll, TellsAReadErrorFromAWriteError) {
  const UniqueFd from = OpenInMemory("12345").value();
  const UniqueFd full = OpenAt(AT_FDCWD, "/dev/full", O_WRONLY).value();
  EXPECT_EQ(CopyAll(full.get(), from.get(), 9).status().message(),
            "read: bad file descriptor");
  EXPECT_EQ(CopyAll(from.get(), full.get(), 9).status().message(),
            "write: no space left on device");
}

TEST(ReadPart, GivesWhatThereIsUpToTheLimit) {
  const UniqueFd fd = OpenInMemory("abcde").value();
  EXPECT_EQ(RemainingIn(fd.get()).value(), 5U);
  EXPECT_EQ(ReadPart(fd.get(), 3).value(), "abc");
  EXPECT_EQ(RemainingIn(fd.get()).value(), 2U);
  EXPECT_EQ(ReadPart(fd.get(), 3).value(), "de");
  EXPECT_EQ(ReadPart(fd.get(), 3).value(), "");
  ASSERT_EQ(ftruncate(fd.get(), 1), 0);
  EXPECT_EQ(RemainingIn(fd.get()).value(), 0U);
  EXPECT_FALSE(ReadPart(-1, 3).ok());
  EXPECT_FALSE(RemainingIn(-1).ok());
}

TEST(RewindIfTruncated, GoesToTheBeginningOfAShorterFile) {
  const UniqueFd fd = OpenInMemory("12345").value();
  ASSERT_EQ(lseek(fd.get(), 3, SEEK_SET), 3);
  ASSERT_TRUE(RewindIfTruncated(fd.get()).ok());
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_CUR), 3);
  ASSERT_EQ(ftruncate(fd.get(), 3), 0);
  ASSERT_TRUE(RewindIfTruncated(fd.get()).ok());
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_CUR), 3) << "the file ends there";
  ASSERT_EQ(ftruncate(fd.get(), 2), 0);
  ASSERT_TRUE(RewindIfTruncated(fd.get()).ok());
  EXPECT_EQ(lseek(fd.get(), 0, SEEK_CUR), 0);
}

TEST(OpenInMemory, GivesTheBytesFromTheBeginning) {
  const UniqueFd fd = OpenInMemory(absl::string_view("a\0b", 3)).value();
  EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(ReadAll(fd.get(), 10).value(), std::string("a\0b", 3));
}

TEST(ReadPart, GivesWhatIsThere) {
  Pipe pipe = OpenPipe().value();
  ASSERT_TRUE(WriteAll(pipe.writer.get(), "abc").ok());
  EXPECT_EQ(ReadPart(pipe.reader.get(), 2).value(), "ab");
  EXPECT_EQ(ReadPart(pipe.reader.get(), 100).value(), "c");
  pipe.writer.Reset();
  EXPECT_EQ(ReadPart(pipe.reader.get(), 100).value(), "");
  EXPECT_FALSE(ReadPart(-1, 100).ok());
}

}  // namespace
}  // namespace csa
