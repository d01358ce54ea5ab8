#include "common/os/atomic_file.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::vector<std::string> NamesIn(int directory) {
  std::vector<std::string> names;
  EXPECT_TRUE(ListDirectory(directory, [&](absl::string_view name) {
                names.emplace_back(name);
                return true;
              }).ok());
  return names;
}

// What the publisher number `i` of several publishes.
std::string TextOf(int i) {
  std::string text;
  text.assign(kReservedBytes, static_cast<char>('a' + i));
  return text;
}

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = OpenOwnDirectory(AT_FDCWD, scratch_.path()).value();
  }

  int directory() const { return directory_.get(); }
  std::string Read(const std::string& name) const {
    return ReadFileAt(directory(), name, 1 << 20).value();
  }
  struct stat StatOf(const std::string& name) const {
    struct stat status = {};
    EXPECT_EQ(fstatat(directory(), name.c_str(), &status, 0), 0);
    return status;
  }

  ScratchDirectory scratch_;
  UniqueFd directory_;
};

TEST_F(AtomicFileTest, PublishesWithoutAReservation) {
  ASSERT_TRUE(PublishFile(directory(), "result", "text").ok());
  EXPECT_EQ(Read("result"), "text");
  EXPECT_EQ(StatOf("result").st_mode & 07777, 0600);
  EXPECT_THAT(NamesIn(directory()), ElementsAre("result"));
}

TEST_F(AtomicFileTest, ReservesSpaceUnderAHiddenName) {
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  EXPECT_THAT(NamesIn(directory()), ElementsAre(".result"));
  EXPECT_GE(StatOf(".result").st_blocks * 512,
            static_cast<blkcnt_t>(kReservedBytes));
  EXPECT_TRUE(absl::IsAlreadyExists(ReserveFile(directory(), "result")));
}

TEST_F(AtomicFileTest, PublishesInTheReservedSpace) {
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  const ino_t reserved = StatOf(".result").st_ino;
  ASSERT_TRUE(PublishFile(directory(), "result", "text").ok());
  EXPECT_EQ(StatOf("result").st_ino, reserved);
  EXPECT_EQ(Read("result"), "text") << "and none of the zeros";
  EXPECT_THAT(NamesIn(directory()), ElementsAre("result"));
}

// By whoever may write to the directory.
TEST_F(AtomicFileTest, WhatIsPutInPlaceOfTheReservationIsNotUsed) {
  const std::string reservation = scratch_.PathOf(".result");
  const std::string other = scratch_.PathOf("other");
  WriteFile(other, "other");
  const std::vector<std::function<int()>> replacements = {
      [&] { return mkfifo(reservation.c_str(), 0600); },
      [&] { return symlink(other.c_str(), reservation.c_str()); },
      [&] {
        return mkdir(reservation.c_str(), 0700) +
               mkdir((reservation + "/below").c_str(), 0700);
      },
  };
  for (const std::function<int()>& replace : replacements) {
    ASSERT_EQ(replace(), 0);
    EXPECT_TRUE(PublishFile(directory(), "result", "text").ok());
    EXPECT_EQ(Read("result"), "text");
    EXPECT_THAT(NamesIn(directory()), UnorderedElementsAre("other", "result"));
    ASSERT_EQ(unlinkat(directory(), "result", 0), 0);
  }
  EXPECT_EQ(Read("other"), "other");
}

TEST_F(AtomicFileTest, PublishesMoreThanWasReserved) {
  const std::string bytes(3 * kReservedBytes, 'x');
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  ASSERT_TRUE(PublishFile(directory(), "result", bytes).ok());
  EXPECT_EQ(Read("result"), bytes);
}

TEST_F(AtomicFileTest, F34_TheFirstOneStays) {
  ASSERT_TRUE(PublishFile(directory(), "result", "first").ok());
  EXPECT_TRUE(
      absl::IsAlreadyExists(PublishFile(directory(), "result", "second")));
  EXPECT_EQ(Read("result"), "first");
  EXPECT_THAT(NamesIn(directory()), ElementsAre("result"));
}

TEST_F(AtomicFileTest, F28_OfManyPublishersOneWins) {
  constexpr int kPublishers = 8;
  constexpr int kWon = 3;
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  Pipe gate = OpenPipe().value();
  std::vector<pid_t> publishers;
  publishers.reserve(kPublishers);
  for (int i = 0; i < kPublishers; ++i) {
    publishers.push_back(ForkWorker([&] {
                           // All begin when the last writing end of the gate is
                           // closed.
                           gate.writer.Reset();
                           char byte = 0;
                           if (read(gate.reader.get(), &byte, 1) < 0) _exit(1);
                           const absl::Status published =
                               PublishFile(directory(), "result", TextOf(i));
                           if (published.ok()) _exit(kWon);
                           _exit(absl::IsAlreadyExists(published) ? 0 : 1);
                         }).value());
  }
  gate.writer.Reset();
  std::vector<int> winners;
  for (int i = 0; i < kPublishers; ++i) {
    const int status = Reap(publishers[i]).value();
    EXPECT_TRUE(status == 0 || status == kWon << 8) << status;
    if (status == kWon << 8) winners.push_back(i);
  }
  ASSERT_EQ(winners.size(), 1);
  EXPECT_EQ(Read("result"), TextOf(winners[0]));
  EXPECT_THAT(NamesIn(directory()), ElementsAre("result"));
}

TEST_F(AtomicFileTest, FailsWhereTheDirectoryIsGone) {
  const UniqueFd gone = [&] {
    EXPECT_TRUE(MakeDirectoryAt(directory(), "gone").ok());
    return OpenOwnDirectory(directory(), "gone").value();
  }();
  ASSERT_TRUE(RemoveTree(directory(), "gone").ok());
  EXPECT_TRUE(absl::IsNotFound(ReserveFile(gone.get(), "result")));
  EXPECT_TRUE(absl::IsNotFound(PublishFile(gone.get(), "result", "text")));
}

// A small file system of its own.
class FullDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", scratch_.path().c_str(), "tmpfs", 0,
              "size=64k,nr_inodes=10,mode=0700") != 0) {
      GTEST_SKIP() << "may not mount a tmpfs here: " << strerror(errno);
    }
    mounted_ = true;
    directory_ = OpenOwnDirectory(AT_FDCWD, scratch_.path()).value();
  }

  void TearDown() override {
    directory_.Reset();
    if (mounted_) umount(scratch_.path().c_str());
  }

  int directory() const { return directory_.get(); }

  void FillBlocks() const {
    const UniqueFd fd =
        OpenAt(directory(), "ballast", O_WRONLY | O_CREAT, 0600).value();
    EXPECT_TRUE(
        absl::IsOutOfRange(WriteAll(fd.get(), std::string(128 * 1024, 'x'))));
  }

  void FillInodes() const {
    absl::Status made;
    for (int i = 0; made.ok() && i < 100; ++i) {
      made = CreateFileAt(directory(), std::to_string(i), "");
    }
    EXPECT_TRUE(absl::IsOutOfRange(made)) << made;
  }

  ScratchDirectory scratch_;
  UniqueFd directory_;
  bool mounted_ = false;
};

TEST_F(FullDiskTest, F32_PublishesInTheReservedSpace) {
  const std::string bytes(kReservedBytes, 'x');
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  FillBlocks();
  FillInodes();
  ASSERT_TRUE(PublishFile(directory(), "result", bytes).ok());
  EXPECT_EQ(ReadFileAt(directory(), "result", 1 << 20).value(), bytes);
}

TEST_F(FullDiskTest, F32_PublishesNoHalfOfAFile) {
  FillBlocks();
  const absl::Status published = PublishFile(directory(), "result", "text");
  EXPECT_TRUE(absl::IsOutOfRange(published)) << published;
  EXPECT_THAT(NamesIn(directory()), ElementsAre("ballast"));
}

TEST_F(FullDiskTest, F32_AFailureLeavesTheReservedSpaceToTheNext) {
  ASSERT_TRUE(ReserveFile(directory(), "result").ok());
  FillBlocks();
  const std::string too_long(4 * kReservedBytes, 'x');
  EXPECT_FALSE(PublishFile(directory(), "result", too_long).ok());
  ASSERT_TRUE(PublishFile(directory(), "result", "whole").ok());
  EXPECT_EQ(ReadFileAt(directory(), "result", 100).value(), "whole");
}

// Something is mounted in its place.
TEST_F(FullDiskTest, PublishesWhereTheReservationCannotBeMoved) {
  const std::string reservation = scratch_.PathOf(".result");
  ASSERT_EQ(mkdir(reservation.c_str(), 0700), 0);
  ASSERT_EQ(mount("none", reservation.c_str(), "tmpfs", 0, ""), 0);
  EXPECT_TRUE(PublishFile(directory(), "result", "text").ok());
  EXPECT_EQ(ReadFileAt(directory(), "result", 100).value(), "text");
  EXPECT_EQ(umount(reservation.c_str()), 0);
}

TEST_F(FullDiskTest, F32_TellsThatThereIsNoSpaceToReserve) {
  FillBlocks();
  EXPECT_TRUE(absl::IsOutOfRange(ReserveFile(directory(), "result")));
}

}  // namespace
}  // namespace csa
