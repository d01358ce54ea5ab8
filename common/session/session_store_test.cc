#include "common/session/session_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/os/process.h"
#include "common/session/session_spec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

mode_t ModeOf(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777;
}

class SessionStoreTest : public testing::Test {
 protected:
  SessionStoreTest() : scratch_(testing::TempDir() + "storeXXXXXX") {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    for (const char* name :
         {"CSA_STATE_DIR", "XDG_STATE_HOME", "HOME", "CSA_SESSION_ID"}) {
      unsetenv(name);
    }
  }
  ~SessionStoreTest() override { std::filesystem::remove_all(scratch_); }

  // A store in the scratch directory.
  SessionStore MakeStore() {
    setenv("CSA_STATE_DIR", scratch_.c_str(), 1);
    return SessionStore::OpenOrMake().value();
  }

  static std::string PathOf(const SessionStore& store, absl::string_view id) {
    return absl::StrCat(store.path(), "/", id);
  }

  // Makes the directory of a session that can be seen.
  static void Make(const SessionStore& store, const std::string& id,
                   const std::string& parent = "") {
    const SessionId parsed = SessionId::Parse(id).value();
    const SessionDirectory session = store.MakeHidden(parsed).value();
    const SessionSpec spec = {.id = id, .argv = {"true"}, .parent = parent};
    EXPECT_TRUE(
        CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
    std::filesystem::rename(PathOf(store, HiddenName(parsed)),
                            PathOf(store, id));
  }

  std::string scratch_;
};

TEST_F(SessionStoreTest, StateDirectoryHasAnOrderOfPrecedence) {
  EXPECT_TRUE(absl::IsFailedPrecondition(StateDirectory().status()));
  setenv("HOME", "/home/me", 1);
  EXPECT_EQ(StateDirectory().value(), "/home/me/.local/state/csa");
  setenv("XDG_STATE_HOME", "/xdg", 1);
  EXPECT_EQ(StateDirectory().value(), "/xdg/csa");
  setenv("CSA_STATE_DIR", "/own", 1);
  EXPECT_EQ(StateDirectory().value(), "/own");
}

TEST_F(SessionStoreTest, RelativePathsDoNotCount) {
  setenv("HOME", "home", 1);
  EXPECT_TRUE(absl::IsFailedPrecondition(StateDirectory().status()));
  setenv("HOME", "/home/me", 1);
  setenv("XDG_STATE_HOME", "xdg", 1);
  EXPECT_EQ(StateDirectory().value(), "/home/me/.local/state/csa");
  setenv("XDG_STATE_HOME", "", 1);
  EXPECT_EQ(StateDirectory().value(), "/home/me/.local/state/csa");
  setenv("CSA_STATE_DIR", "own", 1);
  EXPECT_TRUE(absl::IsInvalidArgument(StateDirectory().status()));
  setenv("CSA_STATE_DIR", "", 1);
  EXPECT_EQ(StateDirectory().value(), "/home/me/.local/state/csa");
}

TEST_F(SessionStoreTest, OpenMakesNothing) {
  setenv("CSA_STATE_DIR", scratch_.c_str(), 1);
  EXPECT_TRUE(absl::IsNotFound(SessionStore::Open().status()));
  EXPECT_TRUE(std::filesystem::is_empty(scratch_));
}

TEST_F(SessionStoreTest, F39_MakesDirectoriesThatAreClosedToOthers) {
  setenv("HOME", scratch_.c_str(), 1);
  const mode_t before = umask(0);
  const absl::StatusOr<SessionStore> store = SessionStore::OpenOrMake();
  ASSERT_TRUE(store.ok()) << store.status();
  const SessionId id = SessionId::Generate(absl::UnixEpoch());
  EXPECT_TRUE(store->MakeHidden(id).ok());
  umask(before);
  EXPECT_EQ(store->path(), scratch_ + "/.local/state/csa/sessions");
  EXPECT_EQ(ModeOf(scratch_ + "/.local"), 0700U);
  EXPECT_EQ(ModeOf(scratch_ + "/.local/state/csa"), 0700U);
  EXPECT_EQ(ModeOf(store->path()), 0700U);
  EXPECT_EQ(ModeOf(PathOf(*store, HiddenName(id))), 0700U);
}

TEST_F(SessionStoreTest, F39_RefusesAStateDirectoryThatOthersMayWriteTo) {
  const SessionStore store = MakeStore();
  EXPECT_EQ(chmod(scratch_.c_str(), 0770), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(SessionStore::Open().status()));
  EXPECT_EQ(chmod(scratch_.c_str(), 0700), 0);
  EXPECT_EQ(chmod(store.path().c_str(), 0702), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(SessionStore::Open().status()));
  EXPECT_TRUE(absl::IsPermissionDenied(SessionStore::OpenOrMake().status()));
}

TEST_F(SessionStoreTest, FollowsALinkToTheStateDirectoryOnly) {
  const std::string real = scratch_ + "/real";
  const std::string link = scratch_ + "/link";
  setenv("CSA_STATE_DIR", real.c_str(), 1);
  ASSERT_TRUE(SessionStore::OpenOrMake().ok());
  std::filesystem::create_directory_symlink(real, link);
  setenv("CSA_STATE_DIR", link.c_str(), 1);
  EXPECT_TRUE(SessionStore::Open().ok());
  std::filesystem::rename(real + "/sessions", real + "/elsewhere");
  std::filesystem::create_directory_symlink(real + "/elsewhere",
                                            real + "/sessions");
  EXPECT_FALSE(SessionStore::Open().ok());
}

TEST_F(SessionStoreTest, FindsByIdOrPartInEitherCase) {
  const SessionStore store = MakeStore();
  const std::string id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, id);
  Make(store, "01BRYZ6S41TSV4RRFFQ69G5FAW");
  for (const std::string reference :
       {id.c_str(), "01ARYZ6S41TSV4RRFFQ69G5FA", "01AR", "5FAV", "FQ69G5FAV"}) {
    for (const std::string& text :
         {reference, absl::AsciiStrToLower(reference)}) {
      const absl::StatusOr<SessionDirectory> found = store.Find(text);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_EQ(found->id().text(), id);
      EXPECT_EQ(found->path(), PathOf(store, id));
      EXPECT_EQ(found->PathOf("x"), PathOf(store, id) + "/x");
    }
  }
}

TEST_F(SessionStoreTest, F39_FindRefusesPaths) {
  const SessionStore store = MakeStore();
  for (const char* text : {"../../x", "..", "", "5FA", "/etc", "....",
                           ".01ARYZ6S41TSV4RRFFQ69G5FA"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store.Find(text).status())) << text;
  }
}

TEST_F(SessionStoreTest, FindSaysWhenThereIsNone) {
  const SessionStore store = MakeStore();
  Make(store, "01ARYZ6S41TSV4RRFFQ69G5FAV");
  // RYZ6 stands in the middle.
  for (const char* text : {"01ARYZ6S41TSV4RRFFQ69G5FAW", "RYZ6", "0000"}) {
    EXPECT_TRUE(absl::IsNotFound(store.Find(text).status())) << text;
  }
}

TEST_F(SessionStoreTest, FindRefusesWhatIsAmbiguous) {
  const SessionStore store = MakeStore();
  Make(store, "01ARYZ6S41TSV4RRFFQ69G5FAV");
  Make(store, "01ARYZ6S41TSV4RRFFQ69G5FAW");
  // Begins one id and ends another.
  Make(store, "5FAVYZ6S41TSV4RRFFQ69G5FAX");
  const absl::Status status = store.Find("01ARYZ6S").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("2 sessions"), HasSubstr("5FAV"),
                    HasSubstr("5FAW"), Not(HasSubstr("5FAX"))));
  EXPECT_TRUE(absl::IsInvalidArgument(store.Find("5fav").status()));
  EXPECT_TRUE(store.Find("5FAW").ok());
}

TEST_F(SessionStoreTest, HiddenAndForeignNamesAreNeverFound) {
  const SessionStore store = MakeStore();
  const std::string id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  ASSERT_TRUE(store.MakeHidden(SessionId::Parse(id).value()).ok());
  for (const std::string& name :
       {absl::StrCat(".", id, ".gc"), absl::AsciiStrToLower(id),
        "8" + id.substr(1), id + "0"}) {
    ASSERT_TRUE(std::filesystem::create_directory(PathOf(store, name)));
  }
  EXPECT_EQ(HiddenName(SessionId::Parse(id).value()), "." + id);
  for (const std::string& text :
       {id, id.substr(0, 4), id.substr(22), std::string("latest")}) {
    EXPECT_TRUE(absl::IsNotFound(store.Find(text).status())) << text;
  }
}

TEST_F(SessionStoreTest, F39_RefusesSessionsThatAreNotTheCallersOwn) {
  const SessionStore store = MakeStore();
  const std::string real = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  const std::string link = "01ARYZ6S41TSV4RRFFQ69G5FAW";
  const std::string file = "01ARYZ6S41TSV4RRFFQ69G5FAX";
  Make(store, real);
  std::filesystem::create_directory_symlink(PathOf(store, real),
                                            PathOf(store, link));
  std::filesystem::copy_file(PathOf(store, real) + "/session.json",
                             PathOf(store, file));
  EXPECT_FALSE(store.Find(link).ok());
  EXPECT_FALSE(store.Find(file).ok());
  EXPECT_EQ(chmod(PathOf(store, real).c_str(), 0720), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(store.Find(real).status()));
  EXPECT_EQ(chmod(PathOf(store, real).c_str(), 0755), 0);
  EXPECT_TRUE(store.Find(real).ok());
  if (chown(PathOf(store, real).c_str(), 12345, -1) != 0) {
    GTEST_SKIP() << "needs the right to give files away";
  }
  EXPECT_TRUE(absl::IsPermissionDenied(store.Find(real).status()));
}

TEST_F(SessionStoreTest, LatestIsTheNewestOfTheCallersOwn) {
  const SessionStore store = MakeStore();
  const std::string parent = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, parent);
  Make(store, "01CRYZ6S41TSV4RRFFQ69G5FAV", parent);
  Make(store, "01DRYZ6S41TSV4RRFFQ69G5FAV", parent);
  Make(store, "01ERYZ6S41TSV4RRFFQ69G5FAV", "01DRYZ6S41TSV4RRFFQ69G5FAV");
  EXPECT_EQ(store.Find("latest")->id().text(), parent);
  setenv("CSA_SESSION_ID", parent.c_str(), 1);
  EXPECT_EQ(CallersSession(), parent);
  EXPECT_EQ(store.Find("latest")->id().text(), "01DRYZ6S41TSV4RRFFQ69G5FAV");
  setenv("CSA_SESSION_ID", "01CRYZ6S41TSV4RRFFQ69G5FAV", 1);
  EXPECT_TRUE(absl::IsNotFound(store.Find("latest").status()));
}

TEST_F(SessionStoreTest, LatestPassesOverWhatCannotBeRead) {
  const SessionStore store = MakeStore();
  const std::string good = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  const std::string bad = "01BRYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, good);
  Make(store, bad);
  std::filesystem::resize_file(PathOf(store, bad) + "/session.json", 5);
  EXPECT_EQ(store.Find("latest")->id().text(), good);
}

TEST_F(SessionStoreTest, RemovesHiddenDirectoriesWithAllThatIsInThem) {
  const SessionStore store = MakeStore();
  const SessionId id = SessionId::Generate(absl::UnixEpoch());
  const SessionDirectory session = store.MakeHidden(id).value();
  EXPECT_TRUE(CreateFileAt(session.fd(), "x", "y").ok());
  EXPECT_TRUE(absl::IsAlreadyExists(store.MakeHidden(id).status()));
  EXPECT_TRUE(store.RemoveHidden(id).ok());
  EXPECT_TRUE(std::filesystem::is_empty(store.path()));
  EXPECT_TRUE(store.RemoveHidden(id).ok());
}

TEST_F(SessionStoreTest, ListsWhatIsThereByItsKindAndAge) {
  const SessionStore store = MakeStore();
  const std::string older = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  const std::string newer = "01BRYZ6S41TSV4RRFFQ69G5FAV";
  for (const std::string& id : {newer, older}) {
    for (const std::string& name : {id, "." + id, "." + id + ".gc"}) {
      std::filesystem::create_directory(PathOf(store, name));
    }
  }
  for (const char* other :
       {"x", ".x", ".gc", ".01ARYZ6S41TSV4RRFFQ69G5FAV.x",
        "01ARYZ6S41TSV4RRFFQ69G5FAV.gc", "01aryz6s41tsv4rrffq69g5fav"}) {
    std::filesystem::create_directory(PathOf(store, other));
  }
  const std::vector<SessionId> both = {SessionId::Parse(older).value(),
                                       SessionId::Parse(newer).value()};
  const absl::StatusOr<SessionStore::Contents> contents = store.List();
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->sessions, both);
  EXPECT_EQ(contents->hidden, both);
  EXPECT_EQ(contents->discarded, both);
}

TEST_F(SessionStoreTest, DiscardsWhatIsHiddenAndWhatIsHalfDiscarded) {
  const SessionStore store = MakeStore();
  const SessionId id = SessionId::Generate(absl::UnixEpoch());
  const SessionDirectory session = store.MakeHidden(id).value();
  EXPECT_TRUE(CreateFileAt(session.fd(), "x", "y").ok());
  EXPECT_TRUE(store.Discard(id).ok());
  EXPECT_TRUE(std::filesystem::is_empty(store.path()));
  std::filesystem::create_directories(
      PathOf(store, absl::StrCat(HiddenName(id), ".gc/x")));
  EXPECT_TRUE(store.Discard(id).ok());
  EXPECT_TRUE(std::filesystem::is_empty(store.path()));
  EXPECT_TRUE(store.Discard(id).ok());
  Make(store, id.text());
  EXPECT_TRUE(store.Discard(id).ok());
  EXPECT_TRUE(store.Find(id.text()).ok());
}

TEST_F(SessionStoreTest, RemovesASessionThatCanBeSeen) {
  const SessionStore store = MakeStore();
  const std::string id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  const std::string other = "01BRYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, id);
  Make(store, other);
  const SessionDirectory session = store.Find(id).value();
  EXPECT_TRUE(store.Remove(session.id()).ok());
  EXPECT_TRUE(absl::IsNotFound(store.Find(id).status()));
  EXPECT_FALSE(session.IsVisible().value());
  EXPECT_TRUE(absl::IsNotFound(store.Remove(session.id())));
  EXPECT_TRUE(store.Find(other).ok());
  EXPECT_EQ(store.List()->sessions.size(), 1U);
  EXPECT_TRUE(store.List()->discarded.empty());
}

TEST_F(SessionStoreTest, RemoveHidesASessionBeforeAnythingOfItGoes) {
  const SessionStore store = MakeStore();
  const std::string id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, id);
  const SessionId parsed = SessionId::Parse(id).value();
  // What must not be replaced holds it up at that step.
  std::filesystem::create_directories(
      PathOf(store, absl::StrCat(DiscardedName(parsed), "/x")));
  EXPECT_TRUE(absl::IsAlreadyExists(store.Remove(parsed)));
  EXPECT_TRUE(store.Find(id)->ReadSpec().ok());
}

TEST_F(SessionStoreTest, TellsTheDiskUsageOfADirectory) {
  const SessionStore store = MakeStore();
  const std::string id = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  Make(store, id);
  EXPECT_TRUE(absl::IsNotFound(store.DiskUsageOf("." + id).status()));
  const int64_t before = store.DiskUsageOf(id).value();
  ASSERT_TRUE(
      CreateFileAt(store.Find(id)->fd(), kStdoutFile, std::string(100'000, 'x'))
          .ok());
  EXPECT_GE(store.DiskUsageOf(id).value(), before + 100'000);
}

}  // namespace
}  // namespace csa
