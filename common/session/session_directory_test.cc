#include "common/session/session_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/atomic_file.h"
#include "common/os/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class SessionDirectoryTest : public testing::Test {
 protected:
  SessionDirectoryTest() : scratch_(testing::TempDir() + "directoryXXXXXX") {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    sessions_ = OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
  }
  ~SessionDirectoryTest() override { std::filesystem::remove_all(scratch_); }

  SessionDirectory Open() {
    return SessionDirectory::Open(sessions_.get(),
                                  SessionId::Parse(kId).value(), kId, scratch_)
        .value();
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(scratch_ + "/" + kId)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  static SessionResult ResultOf(const std::string& id, SessionStatus status) {
    const int exit_code = status == SessionStatus::kSuccess ? 0 : 1;
    return {.id = id, .status = status, .exit_code = exit_code};
  }

  std::string scratch_;
  UniqueFd sessions_;
};

TEST_F(SessionDirectoryTest, OpenSaysWhatIsMissing) {
  const SessionId other = SessionId::Generate(absl::UnixEpoch());
  const absl::Status status =
      SessionDirectory::Open(sessions_.get(), other, other.text(), scratch_)
          .status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(status.message(), HasSubstr(other.text()));
}

TEST_F(SessionDirectoryTest, StaysTheSameWhenItIsRenamed) {
  const SessionDirectory session = Open();
  EXPECT_EQ(session.path(), scratch_ + "/" + kId);
  EXPECT_EQ(session.PathOf("stdout.log"), session.path() + "/stdout.log");
  std::filesystem::rename(session.path(), scratch_ + "/.hidden");
  EXPECT_TRUE(
      CreateFileAt(session.fd(), kCommandFile, FormatCommand({"x"})).ok());
  EXPECT_THAT(session.ReadCommand().value(), ElementsAre("x"));
}

TEST_F(SessionDirectoryTest, RecordsThatAreMissingAreNotFound) {
  const SessionDirectory session = Open();
  EXPECT_TRUE(absl::IsNotFound(session.ReadSpec().status()));
  EXPECT_TRUE(absl::IsNotFound(session.ReadCommand().status()));
  EXPECT_TRUE(absl::IsNotFound(session.ReadResult().status()));
  EXPECT_EQ(session.Supervisor().value(), std::nullopt);
  EXPECT_TRUE(session.IsLegacy());
}

TEST_F(SessionDirectoryTest, ReadsItsRecords) {
  const SessionDirectory session = Open();
  const SessionSpec spec = {.id = kId, .argv = {"true"}};
  ASSERT_TRUE(
      CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
  ASSERT_TRUE(CreateFileAt(session.fd(), kCommandFile,
                           FormatCommand({"sh", "-c", "\xff"}))
                  .ok());
  EXPECT_EQ(session.ReadSpec().value(), spec);
  EXPECT_THAT(session.ReadCommand().value(), ElementsAre("sh", "-c", "\xff"));
  EXPECT_FALSE(session.IsLegacy());
}

TEST_F(SessionDirectoryTest, F12_WhatDoesNotParseIsDataLoss) {
  const SessionDirectory session = Open();
  for (const char* name : {kSpecFile, kCommandFile, kResultFile}) {
    ASSERT_TRUE(CreateFileAt(session.fd(), name, "garbage").ok());
  }
  EXPECT_TRUE(absl::IsDataLoss(session.ReadSpec().status()));
  EXPECT_TRUE(absl::IsDataLoss(session.ReadCommand().status()));
  EXPECT_TRUE(absl::IsDataLoss(session.ReadResult().status()));
}

TEST_F(SessionDirectoryTest, F12_AResultThatCannotBeReadIsDataLoss) {
  const SessionDirectory session = Open();
  ASSERT_EQ(symlinkat("elsewhere", session.fd(), kResultFile), 0);
  EXPECT_TRUE(absl::IsDataLoss(session.ReadResult().status()));
  ASSERT_EQ(unlinkat(session.fd(), kResultFile, 0), 0);
  ASSERT_EQ(mkdirat(session.fd(), kResultFile, 0700), 0);
  EXPECT_TRUE(absl::IsDataLoss(session.ReadResult().status()));
}

TEST_F(SessionDirectoryTest, AResultOfAnotherSessionIsDataLoss) {
  const SessionDirectory session = Open();
  const std::string other = SessionId::Generate(absl::UnixEpoch()).text();
  ASSERT_TRUE(session.Publish(ResultOf(other, SessionStatus::kSuccess)).ok());
  EXPECT_TRUE(absl::IsDataLoss(session.ReadResult().status()));
}

TEST_F(SessionDirectoryTest, IsVisibleAsLongAsItHasItsName) {
  const SessionDirectory session = Open();
  EXPECT_TRUE(*session.IsVisible());
  EXPECT_TRUE(session.CheckNotRemoved().ok());
  const std::string elsewhere = absl::StrCat(session.path(), ".elsewhere");
  std::filesystem::rename(session.path(), elsewhere);
  EXPECT_FALSE(*session.IsVisible());
  EXPECT_TRUE(absl::IsNotFound(session.CheckNotRemoved()));
  std::filesystem::create_directory(session.path());
  EXPECT_FALSE(*session.IsVisible());
  std::filesystem::remove(elsewhere);
  EXPECT_FALSE(*session.IsVisible());
}

// Or its supervisor would be taken for what it runs, and killed.
TEST_F(SessionDirectoryTest, F28_WhatIsBeingRemovedIsNotLegacy) {
  const SessionDirectory session = Open();
  EXPECT_TRUE(session.IsLegacy());
  std::filesystem::rename(session.path(), absl::StrCat(session.path(), ".gc"));
  EXPECT_FALSE(session.IsLegacy());
}

TEST_F(SessionDirectoryTest, F28_PublishesOnce) {
  const SessionDirectory session = Open();
  ASSERT_TRUE(ReserveFile(session.fd(), kResultFile).ok());
  ASSERT_TRUE(session.Publish(ResultOf(kId, SessionStatus::kSuccess)).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(
      session.Publish(ResultOf(kId, SessionStatus::kLost))));
  EXPECT_EQ(session.ReadResult()->status, SessionStatus::kSuccess);
  EXPECT_THAT(Names(), UnorderedElementsAre(kResultFile));
}

TEST_F(SessionDirectoryTest, F39_PublishesForItsOwnerOnly) {
  const SessionDirectory session = Open();
  const mode_t before = umask(0);
  EXPECT_TRUE(session.Publish(ResultOf(kId, SessionStatus::kLost)).ok());
  umask(before);
  struct stat status = {};
  ASSERT_EQ(fstatat(session.fd(), kResultFile, &status, 0), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

}  // namespace
}  // namespace csa
