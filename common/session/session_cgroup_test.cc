#include "common/session/session_cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/os/clock.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/testing/private_mount.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(CgroupsBeside, LieInOneBelowTheCallers) {
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup"), "/sys/fs/cgroup/csa");
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup/a/b"), "/sys/fs/cgroup/a/b/csa");
}

TEST(CgroupsBeside, LieFlat) {
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup/csa/01ARYZ6S41TSV4RRFFQ69G5FAV"),
            "/sys/fs/cgroup/csa");
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup/a/csa/supervisors"),
            "/sys/fs/cgroup/a/csa");
}

// In those that the command of a session has made.
TEST(CgroupsBeside, LieFlatHoweverDeepTheCallerIs) {
  for (const char* below : {"sub", "sub/csa/01ARYZ6S41TSV4RRFFQ69G5FAX",
                            "csa/supervisors", "supervisors"}) {
    EXPECT_EQ(CgroupsBeside(absl::StrCat(
                  "/sys/fs/cgroup/csa/01ARYZ6S41TSV4RRFFQ69G5FAV/", below)),
              "/sys/fs/cgroup/csa");
  }
}

TEST(CgroupsBeside, OthersOfThatNameAreNotTheirs) {
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup/csa/runner"),
            "/sys/fs/cgroup/csa/runner/csa");
  EXPECT_EQ(CgroupsBeside("/sys/fs/cgroup/csa"), "/sys/fs/cgroup/csa/csa");
}

class SessionCgroupTest : public testing::Test {
 protected:
  SessionCgroupTest()
      : mount_("cgroup2", "/sys/fs/cgroup", ""),
        outer_(MakeSession()),
        inner_(MakeSession()) {}
  ~SessionCgroupTest() override {
    RemoveSessionCgroup(outer_);
    RemoveSessionCgroup(inner_);
  }

  SessionDirectory MakeSession() {
    SessionId id = SessionId::Generate(absl::Now());
    const std::string name = id.text();
    EXPECT_EQ(mkdir(scratch_.PathOf(name).c_str(), 0700), 0);
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), id, name, scratch_.path())
        .value();
  }

  static std::string Record(const SessionDirectory& session) {
    return ReadFileAt(session.fd(), kCgroupFile, 4096).value_or("none");
  }

  PrivateMount mount_;
  ScratchDirectory scratch_;
  const SessionDirectory outer_;
  const SessionDirectory inner_;
};

TEST_F(SessionCgroupTest, IsRecordedAndFoundAgain) {
  ASSERT_TRUE(MakeSessionCgroup(outer_, std::nullopt).ok());
  EXPECT_EQ(Record(outer_), absl::StrCat(OwnCgroup().value(), "/csa/",
                                         outer_.id().text(), "\n"));
  EXPECT_TRUE(OpenSessionCgroup(outer_).ok());
  RemoveSessionCgroup(outer_);
  EXPECT_TRUE(absl::IsNotFound(OpenSessionCgroup(outer_).status()));
}

TEST_F(SessionCgroupTest, IsForgottenWithItsRecord) {
  ASSERT_TRUE(MakeSessionCgroup(outer_, std::nullopt).ok());
  EXPECT_TRUE(ForgetSessionCgroup(outer_).ok());
  EXPECT_EQ(Record(outer_), "none");
  EXPECT_TRUE(absl::IsNotFound(OpenSessionCgroup(outer_).status()));
}

// What runs in a session can write to its directory.
TEST_F(SessionCgroupTest, F24_OfAnotherIsNotBelieved) {
  ASSERT_TRUE(MakeSessionCgroup(inner_, std::nullopt).ok());
  const std::string base = absl::StrCat(OwnCgroup().value(), "/csa/");
  for (const std::string& forged :
       {Record(inner_), absl::StrCat(base, outer_.id().text()),
        absl::StrCat(outer_.id().text(), "\n"), std::string("/\n"),
        std::string("\n"), std::string()}) {
    ASSERT_TRUE(CreateFileAt(outer_.fd(), kCgroupFile, forged).ok());
    EXPECT_TRUE(absl::IsDataLoss(OpenSessionCgroup(outer_).status())) << forged;
    ASSERT_EQ(unlinkat(outer_.fd(), kCgroupFile, 0), 0);
  }
  ASSERT_TRUE(CreateFileAt(outer_.fd(), kCgroupFile,
                           absl::StrCat(scratch_.path(), "/csa/",
                                        outer_.id().text(), "\n"))
                  .ok());
  EXPECT_FALSE(OpenSessionCgroup(outer_).ok());
  const std::string mine = scratch_.PathOf("csa/" + outer_.id().text());
  ASSERT_TRUE(std::filesystem::create_directories(mine));
  RemoveSessionCgroup(outer_);
  EXPECT_TRUE(std::filesystem::exists(mine));
}

TEST_F(SessionCgroupTest, ANestedSupervisorLeavesTheOuterOne) {
  const Cgroup outer = MakeSessionCgroup(outer_, std::nullopt).value();
  const pid_t child =
      ForkWorker([&] {
        if (!outer.Enter().ok()) _exit(1);
        if (!MakeSessionCgroup(inner_, std::nullopt).ok()) _exit(2);
        if (!absl::EndsWith(OwnCgroup().value(), "/csa/supervisors")) _exit(3);
        _exit(0);
      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
  EXPECT_TRUE(outer.AwaitEmpty(MonotonicNow()).value());
  EXPECT_EQ(Record(inner_), absl::StrCat(OwnCgroup().value(), "/csa/",
                                         inner_.id().text(), "\n"));
}

// The command has put itself into one that it made below its session's.
TEST_F(SessionCgroupTest, ANestedSupervisorLeavesFromFurtherBelow) {
  const Cgroup outer = MakeSessionCgroup(outer_, std::nullopt).value();
  const std::string base = absl::StrCat(OwnCgroup().value(), "/csa");
  const pid_t child =
      ForkWorker([&] {
        const absl::StatusOr<Cgroup> sub =
            Cgroup::Make(absl::StrCat(base, "/", outer_.id().text(), "/sub"));
        if (!sub.ok() || !sub->Enter().ok()) _exit(1);
        if (FindCgroupPlace().value().path != base) _exit(2);
        if (!MakeSessionCgroup(inner_, std::nullopt).ok()) _exit(3);
        if (OwnCgroup().value() != base + "/supervisors") _exit(4);
        _exit(0);
      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
  EXPECT_TRUE(outer.AwaitEmpty(MonotonicNow()).value());
  EXPECT_EQ(Record(inner_), absl::StrCat(base, "/", inner_.id().text(), "\n"));
}

TEST_F(SessionCgroupTest, ItsPlaceIsKnownBefore) {
  const std::string base = absl::StrCat(OwnCgroup().value(), "/csa");
  EXPECT_EQ(FindCgroupPlace().value().path, base);
  const Cgroup outer = MakeSessionCgroup(outer_, std::nullopt).value();
  EXPECT_EQ(FindCgroupPlace().value().path, base);
  const pid_t child = ForkWorker([&] {
                        if (!outer.Enter().ok()) _exit(1);
                        if (FindCgroupPlace().value().path != base) _exit(2);
                        _exit(0);
                      }).value();
  EXPECT_EQ(Reap(child).value(), 0);
}

TEST_F(SessionCgroupTest, ThereIsNoneWhereItMayNotBeMade) {
  mount_.MakeReadOnly();
  EXPECT_FALSE(FindCgroupPlace().ok());
  EXPECT_FALSE(MakeSessionCgroup(outer_, std::nullopt).ok());
}

TEST_F(SessionCgroupTest, AMemoryLimitIsSetOrRefused) {
  const bool foreseen = FindCgroupPlace().value().memory.ok();
  const absl::StatusOr<Cgroup> cgroup =
      MakeSessionCgroup(outer_, int64_t{1} << 30);
  EXPECT_EQ(foreseen, cgroup.ok());
  if (cgroup.ok()) {
    EXPECT_NE(cgroup->MemoryPeak(), std::nullopt);
  } else {
    EXPECT_EQ(Record(outer_), "none");
    EXPECT_FALSE(std::filesystem::exists(
        absl::StrCat(OwnCgroup().value(), "/csa/", outer_.id().text())));
  }
}

}  // namespace
}  // namespace csa
