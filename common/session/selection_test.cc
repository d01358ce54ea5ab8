#include "common/session/selection.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

class SelectionTest : public testing::Test {
 protected:
  SelectionTest() : store_(MakeStore()) {}

  SessionStore MakeStore() const {
    setenv("CSA_STATE_DIR", scratch_.path().c_str(), 1);
    return SessionStore::OpenOrMake().value();
  }

  // A session that was started `later` than kStart. Lost, unless it is given a
  // result.
  std::string Make(absl::Duration later, SessionSpec spec = {}) const {
    spec.created_at = kStart + later;
    spec.argv = {"true"};
    const SessionId id = SessionId::Generate(spec.created_at);
    spec.id = id.text();
    const SessionDirectory session = store_.MakeHidden(id).value();
    EXPECT_TRUE(
        CreateFileAt(session.fd(), kSpecFile, FormatSessionSpec(spec)).ok());
    EXPECT_EQ(rename(absl::StrCat(store_.path(), "/.", id.text()).c_str(),
                     session.path().c_str()),
              0);
    return id.text();
  }

  void Finish(const std::string& id, SessionStatus status) const {
    EXPECT_TRUE(store_.Find(id)->Publish({.id = id, .status = status}).ok());
  }

  std::vector<std::string> Select(const Selection& selection,
                                  size_t count = 100) const {
    std::vector<std::string> ids;
    const std::vector<SessionEntry> entries =
        SelectNewest(store_, selection, count).value();
    ids.reserve(entries.size());
    for (const SessionEntry& entry : entries) ids.push_back(entry.id.text());
    return ids;
  }

  const ScratchDirectory scratch_;
  const SessionStore store_;
};

TEST_F(SelectionTest, TheNewestComeFirst) {
  const std::string second = Make(absl::Seconds(2));
  const std::string first = Make(absl::Seconds(1));
  const std::string third = Make(absl::Seconds(3));
  EXPECT_THAT(Select({}), ElementsAre(third, second, first));
  EXPECT_THAT(Select({}, 2), ElementsAre(third, second));
  EXPECT_THAT(Select({}, 0), IsEmpty());
}

TEST_F(SelectionTest, ByState) {
  const std::string lost = Make(absl::Seconds(1));
  const std::string failed = Make(absl::Seconds(2));
  Finish(failed, SessionStatus::kFailure);
  const std::string corrupt = Make(absl::Seconds(3));
  WriteFile(absl::StrCat(store_.path(), "/", corrupt, "/result.toml"), "torn");
  EXPECT_THAT(Select({.state = "lost"}), ElementsAre(lost));
  EXPECT_THAT(Select({.state = "failure"}), ElementsAre(failed));
  EXPECT_THAT(Select({.state = "corrupt"}), ElementsAre(corrupt));
  EXPECT_THAT(Select({.state = "running"}), IsEmpty());
  EXPECT_THAT(Select({.state = "finished"}), ElementsAre(failed, lost));
}

TEST_F(SelectionTest, ByWhatItWasStartedAs) {
  const std::string one =
      Make(absl::Seconds(1),
           {.project = "/p", .tool = "sh", .labels = {{"a", "1"}, {"b", "2"}}});
  const std::string two = Make(absl::Seconds(2), {.labels = {{"a", "2"}}});
  EXPECT_THAT(Select({.tool = "sh"}), ElementsAre(one));
  EXPECT_THAT(Select({.project = "/p"}), ElementsAre(one));
  EXPECT_THAT(Select({.labels = {{"a", "2"}}}), ElementsAre(two));
  EXPECT_THAT(Select({.labels = {{"a", "1"}, {"b", "2"}}}), ElementsAre(one));
  EXPECT_THAT(Select({.labels = {{"a", "1"}, {"b", "3"}}}), IsEmpty());
}

TEST_F(SelectionTest, ByTime) {
  Make(absl::Seconds(1));
  const std::string second = Make(absl::Seconds(2));
  EXPECT_THAT(Select({.since = kStart + absl::Seconds(2)}),
              ElementsAre(second));
  EXPECT_THAT(Select({.since = kStart + absl::Seconds(3)}), IsEmpty());
}

// The older csa wrote no session.json.
TEST_F(SelectionTest, WhatHasNoRecordHasTheTimeOfItsId) {
  const std::string id = Make(absl::Seconds(5));
  ASSERT_EQ(
      unlink(absl::StrCat(store_.path(), "/", id, "/session.json").c_str()), 0);
  const std::vector<SessionEntry> entries = SelectNewest(store_, {}, 1).value();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].spec.created_at, kStart + absl::Seconds(5));
}

}  // namespace
}  // namespace csa
