#include "tools/list/table.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Json = nlohmann::json;
using Kind = SessionState::Kind;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

SessionEntry MakeEntry(const char* id, absl::Duration age, Kind kind,
                       SessionStatus status = SessionStatus::kSuccess) {
  return {.id = SessionId::Parse(id).value(),
          .spec = {.id = id, .created_at = kNow - age},
          .state = SessionState{
              .kind = kind,
              .result = {.id = id,
                         .status = status,
                         .exit_code = status == SessionStatus::kSuccess ? 0 : 3,
                         .wall = absl::Seconds(12)}}};
}

constexpr char kOld[] = "01AAAAAAAAAAAAAAAAAAAAAA01";
constexpr char kMiddle[] = "01AAAAAAAAAAAAAAAAAAAAAA02";
constexpr char kYoung[] = "01AAAAAAAAAAAAAAAAAAAAAA03";

TEST(FormatTable, HasAColumnForEach) {
  SessionEntry running = MakeEntry(kYoung, absl::Seconds(5), Kind::kRunning);
  running.spec.tool = "codex";
  running.spec.project = "/home/me/src";
  running.spec.description = "mend the parser";
  SessionEntry failed = MakeEntry(kOld, absl::Hours(50), Kind::kFinished,
                                  SessionStatus::kFailure);
  failed.spec.project = "/home/me2";
  failed.spec.argv = {"make", "-j8"};
  EXPECT_THAT(
      FormatTable({running, failed}, {.now = kNow, .home = "/home/me"}),
      ElementsAre(
          "ID        STATUS   TOOL   AGE    TIME  PROJECT    DESCRIPTION",
          "AAAAAA03  running  codex  5s     5s    ~/src      mend the parser",
          "AAAAAA01  failure         2d02h  12s   /home/me2  make -j8"));
}

TEST(FormatTable, IsEmptyWhereThereIsNothing) {
  EXPECT_THAT(FormatTable({}, {.now = kNow}), IsEmpty());
}

TEST(FormatTable, FitsTheWidth) {
  SessionEntry entry = MakeEntry(kOld, absl::Seconds(5), Kind::kFinished);
  entry.spec.tool = "sh";
  entry.spec.project = "/p";
  entry.spec.description = "\xC3\xA4\xC3\xB6\xC3\xBC is longer";
  EXPECT_THAT(FormatTable({entry}, {.now = kNow, .width = 50}),
              ElementsAre("ID        STATUS   TOOL  AGE  TIME  PROJECT  DESCR",
                          "AAAAAA01  success  sh    5s   12s   /p       "
                          "\xC3\xA4\xC3\xB6\xC3\xBC i"));
  EXPECT_THAT(FormatTable({entry}, {.now = kNow, .width = 4}),
              ElementsAre("ID", "AAAA"));
}

TEST(FormatTable, ColoursTheStatusAlone) {
  const SessionEntry entry = MakeEntry(kOld, absl::Seconds(5), Kind::kFinished);
  EXPECT_THAT(FormatTable({entry}, {.now = kNow, .colours = true}),
              ElementsAre("ID        STATUS   TOOL  AGE  TIME  PROJECT  "
                          "DESCRIPTION",
                          "AAAAAA01  \x1b[32msuccess\x1b[0m        5s   12s"));
}

TEST(FormatTable, ShowsNothingThatATerminalObeys) {
  SessionEntry entry = MakeEntry(kOld, absl::Seconds(5), Kind::kFinished);
  entry.spec.description = "a\x1b[2Jb\nc";
  EXPECT_THAT(FormatTable({entry}, {.now = kNow})[1],
              testing::EndsWith("a\\x1B[2Jb\\x0Ac"));
}

TEST(FormatTable, PutsNestedSessionsBelowTheirParents) {
  const SessionEntry old = MakeEntry(kOld, absl::Seconds(9), Kind::kRunning);
  SessionEntry middle = MakeEntry(kMiddle, absl::Seconds(8), Kind::kRunning);
  middle.spec.parent = "01AAAAAAAAAAAAAAAAAAAAAA99";
  SessionEntry young = MakeEntry(kYoung, absl::Seconds(7), Kind::kRunning);
  young.spec.parent = kOld;
  const std::vector<std::string> lines =
      FormatTable({young, middle, old}, {.now = kNow, .tree = true});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[1], testing::StartsWith("AAAAAA02  "));
  EXPECT_THAT(lines[2], testing::StartsWith("AAAAAA01  "));
  EXPECT_THAT(lines[3], testing::StartsWith("  AAAAAA03"));
}

// A forged record could name a child as the parent.
TEST(FormatTable, IsNotLedInACircle) {
  SessionEntry old = MakeEntry(kOld, absl::Seconds(9), Kind::kRunning);
  old.spec.parent = kYoung;
  SessionEntry young = MakeEntry(kYoung, absl::Seconds(7), Kind::kRunning);
  young.spec.parent = kOld;
  EXPECT_EQ(FormatTable({young, old}, {.now = kNow, .tree = true}).size(), 3U);
}

TEST(FormatEntryJson, HasAllKeys) {
  SessionEntry entry = MakeEntry(kOld, absl::Seconds(60), Kind::kFinished,
                                 SessionStatus::kFailure);
  entry.spec.tool = "sh";
  entry.spec.labels = {{"k", "v"}};
  EXPECT_EQ(Json::parse(FormatEntryJson(entry, kNow)), Json::parse(R"({
    "session_id": "01AAAAAAAAAAAAAAAAAAAAAA01", "state": "finished",
    "status": "failure", "exit_code": 3, "tool": "sh", "model": null,
    "project": null, "description": null, "labels": {"k": "v"}, "parent": null,
    "created_at": "2027-01-15T07:59:00+00:00", "age_seconds": 60.0,
    "wall_seconds": 12.0})"));
}

TEST(FormatEntryJson, TellsOfWhatHasNotEnded) {
  const Json running = Json::parse(
      FormatEntryJson(MakeEntry(kOld, absl::Seconds(1), Kind::kRunning), kNow));
  EXPECT_EQ(running["state"], "running");
  EXPECT_EQ(running["status"], nullptr);
  EXPECT_EQ(running["exit_code"], nullptr);
  const Json lost = Json::parse(FormatEntryJson(
      MakeEntry(kOld, absl::Seconds(1), Kind::kLost, SessionStatus::kLost),
      kNow));
  EXPECT_EQ(lost["state"], "lost");
  EXPECT_EQ(lost["status"], "lost");
  EXPECT_EQ(lost["wall_seconds"], nullptr);
  SessionEntry corrupt = MakeEntry(kOld, absl::Seconds(1), Kind::kFinished);
  corrupt.state.reset();
  EXPECT_EQ(Json::parse(FormatEntryJson(corrupt, kNow))["state"], "corrupt");
}

}  // namespace
}  // namespace csa
