#include "tools/kill/targets.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "common/cli/options.h"
#include "common/os/file.h"
#include "common/session/session_store.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TargetsTest : public testing::Test {
 protected:
  TargetsTest() {
    setenv("CSA_STATE_DIR", scratch_.path().c_str(), 1);
    unsetenv("CSA_SESSION_ID");
  }

  // A session that its supervisor has died of, younger than those before.
  std::string Make(SessionSpec spec = {}) {
    const SessionStore store = SessionStore::OpenOrMake().value();
    spec.created_at = absl::FromUnixSeconds(1'700'000'000 + ++made_);
    spec.argv = {"true"};
    const SessionId id = SessionId::Generate(spec.created_at);
    spec.id = id.text();
    const SessionDirectory session = store.MakeHidden(id).value();
    EXPECT_TRUE(
        CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
    EXPECT_EQ(rename(absl::StrCat(store.path(), "/.", id.text()).c_str(),
                     session.path().c_str()),
              0);
    return id.text();
  }

  // What a command line means. Puts the flags back.
  static absl::StatusOr<Targets> Find(
      const std::vector<std::string>& arguments) {
    const absl::FlagSaver saver;
    return FindTargets(SessionStore::Open(),
                       ParseOptions(arguments, OptionOrder::kAnywhere).value());
  }

  static std::vector<std::string> Ids(
      const std::vector<std::string>& arguments) {
    const absl::StatusOr<Targets> targets = Find(arguments);
    std::vector<std::string> ids;
    for (const SessionId& id : targets->sessions) ids.push_back(id.text());
    return ids;
  }

 private:
  const ScratchDirectory scratch_;
  int made_ = 0;
};

TEST_F(TargetsTest, TheNamedAreTakenOnceAndInOrder) {
  const std::string one = Make();
  const std::string two = Make();
  EXPECT_THAT(Ids({two, one, two.substr(10)}), ElementsAre(two, one));
  const absl::StatusOr<Targets> targets = Find({"ZZZZ", one, "x"});
  EXPECT_THAT(targets->sessions, SizeIs(1));
  EXPECT_THAT(targets->faults, SizeIs(2));
}

TEST_F(TargetsTest, ARuleTakesWhatHasNotEnded) {
  const std::string ended = Make({.labels = {{"k", "v"}}});
  const SessionStore store = SessionStore::Open().value();
  ASSERT_TRUE(store.Find(ended)
                  ->Publish({.id = ended, .status = SessionStatus::kFailure})
                  .ok());
  const std::string labelled = Make({.project = "/", .labels = {{"k", "v"}}});
  const std::string other = Make();
  EXPECT_THAT(Ids({"--all"}), ElementsAre(other, labelled));
  EXPECT_THAT(Ids({"--label=k=v"}), ElementsAre(labelled));
  EXPECT_THAT(Ids({"--all", "--label=k=v"}), ElementsAre(labelled));
  EXPECT_THAT(Ids({"--project=/"}), ElementsAre(labelled));
  EXPECT_THAT(Ids({"--project=/", "--label=k=w"}), IsEmpty());
}

TEST_F(TargetsTest, ATreeIsASessionAndWhatDescendsFromIt) {
  const std::string root = Make();
  const std::string child = Make({.parent = root, .labels = {{"k", "v"}}});
  Make();
  const std::string grandchild = Make({.parent = child});
  EXPECT_THAT(Ids({"--tree", root}), ElementsAre(grandchild, child, root));
  EXPECT_THAT(Ids({"--tree", child}), ElementsAre(grandchild, child));
  EXPECT_THAT(Ids({"--tree", root, "--label=k=v"}), ElementsAre(child));
  EXPECT_TRUE(absl::IsNotFound(Find({"--tree", "ZZZZ"}).status()));
}

TEST_F(TargetsTest, ARuleSparesWhatTheCallerRunsIn) {
  const std::string outer = Make();
  const std::string own = Make({.parent = outer});
  const std::string other = Make();
  setenv("CSA_SESSION_ID", own.c_str(), 1);
  EXPECT_THAT(Ids({"--all"}), ElementsAre(other));
  EXPECT_THAT(Find({"--all"})->spared, SizeIs(2));
  EXPECT_THAT(Ids({own}), ElementsAre(own)) << "it is named";
}

// Nobody knows whether it has ever run: a start that fails is seen, and then
// taken back.
TEST_F(TargetsTest, F28_OfWhatHasGoneNoEndIsInvented) {
  const std::string gone = Make();
  const Targets named = Find({gone}).value();
  const Targets by_rule = Find({"--all"}).value();
  const SessionStore store = SessionStore::Open().value();
  std::filesystem::remove_all(store.Find(gone)->path());
  std::vector<std::string> told;
  const auto tell = [&](const SessionId& id,
                        const absl::StatusOr<Ending>& ending) {
    EXPECT_TRUE(absl::IsNotFound(ending.status())) << ending.status();
    told.push_back(id.text());
  };
  EndTargets(store, named, tell);
  EXPECT_THAT(told, ElementsAre(gone));
  EndTargets(store, by_rule, tell);
  EXPECT_THAT(told, ElementsAre(gone));
}

TEST_F(TargetsTest, SomethingMustBeSaidAndNoMore) {
  const std::string one = Make();
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {}, {"--all", one}, {"--label=k=v", one}, {"--label=k"}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Find(arguments).status()));
  }
}

TEST_F(TargetsTest, WithoutAStoreARuleMeansNothing) {
  EXPECT_THAT(Ids({"--all"}), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Find({"ZZZZ"}).status()));
}

// As after the clock was set back between a start and the next.
TEST_F(TargetsTest, F20_ATreeNeedsNoOrder) {
  const std::string child = Make();
  const std::string root = Make();
  const SessionStore store = SessionStore::Open().value();
  const SessionSpec spec = {.id = child, .argv = {"true"}, .parent = root};
  WriteFile(absl::StrCat(store.path(), "/", child, "/session.json"),
            FormatSessionSpec(spec));
  EXPECT_THAT(Ids({"--tree", root}), ElementsAre(root, child));
}

}  // namespace
}  // namespace csa
