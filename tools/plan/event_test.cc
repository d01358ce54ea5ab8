#include "tools/plan/event.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Event StepEvent(Event::Kind kind, Turn turn, Outcome outcome = Outcome::kDone) {
  return {.kind = kind,
          .turn = std::move(turn),
          .title = "a \"title\"\n",
          .tool = "bash",
          .session = "01ARYZ6S41TSV4RRFFQ69G5FAV",
          .attempt = 2,
          .outcome = outcome,
          .exit_code = 7,
          .duration = absl::Milliseconds(1500),
          .reason = "why"};
}

TEST(Event, IsReadBackAsItWasWritten) {
  const Event written =
      StepEvent(Event::Kind::kStepEnded, {3, {2, 1}}, Outcome::kSkipped);
  const absl::StatusOr<Event> read = ParseEvent(FormatEvent(written));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->kind, written.kind);
  EXPECT_EQ(read->turn, written.turn);
  EXPECT_EQ(read->title, written.title);
  EXPECT_EQ(read->session, written.session);
  EXPECT_EQ(read->attempt, 2);
  EXPECT_EQ(read->outcome, Outcome::kSkipped);
  EXPECT_EQ(read->exit_code, 7);
  EXPECT_EQ(read->duration, absl::Milliseconds(1500));
  EXPECT_EQ(read->reason, "why");
  EXPECT_EQ(FormatEvent(*read), FormatEvent(written));
}

TEST(Event, KeepsTheVariablesOfThePlan) {
  const absl::StatusOr<Event> read =
      ParseEvent(FormatEvent({.workflow = "w",
                              .path = "/p",
                              .resumes = "x",
                              .variables = {{"A", ""}, {"B", "é\n\""}}}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->workflow, "w");
  EXPECT_EQ(read->path, "/p");
  EXPECT_EQ(read->resumes, "x");
  EXPECT_THAT(read->variables, ElementsAre(Pair("A", ""), Pair("B", "é\n\"")));
}

TEST(Event, IsNothingElse) {
  for (const char* text :
       {"", "[]", "{}", R"({"event": 1})", R"({"event": "step_died"})",
        R"({"event": "step_ended", "outcome": "fine"})", R"({"event")"}) {
    EXPECT_TRUE(absl::IsDataLoss(ParseEvent(text).status())) << text;
  }
}

TEST(FormatTurn, NamesTheItems) {
  EXPECT_EQ(FormatTurn({3, {}}), "3");
  EXPECT_EQ(FormatTurn({3, {2, 1}}), "3[2.1]");
}

TEST(ParseJournal, KeepsTheLastEventOfEachTurn) {
  const absl::StatusOr<Journal> journal = ParseJournal(absl::StrCat(
      FormatEvent({.workflow = "w"}), "\n",
      FormatEvent(StepEvent(Event::Kind::kStepStarted, {1, {1}})), "\n",
      FormatEvent(StepEvent(Event::Kind::kStepEnded, {1, {1}})), "\n",
      FormatEvent(StepEvent(Event::Kind::kStepStarted, {1, {2}})), "\n",
      FormatEvent({.kind = Event::Kind::kPlanEnded}), "\n"));
  ASSERT_TRUE(journal.ok()) << journal.status();
  EXPECT_EQ(journal->start.workflow, "w");
  ASSERT_EQ(journal->last.size(), 2);
  EXPECT_EQ(journal->last.at({1, {1}}).kind, Event::Kind::kStepEnded);
  EXPECT_EQ(journal->last.at({1, {2}}).kind, Event::Kind::kStepStarted);
}

TEST(ParseJournal, F33_LeavesOutWhatWasBeingWritten) {
  const std::string start = FormatEvent({.workflow = "w"}) + "\n";
  const std::string step =
      FormatEvent(StepEvent(Event::Kind::kStepEnded, {1, {}}));
  for (size_t length = 0; length <= step.size(); ++length) {
    const absl::StatusOr<Journal> journal =
        ParseJournal(start + step.substr(0, length));
    ASSERT_TRUE(journal.ok()) << journal.status();
    EXPECT_TRUE(journal->last.empty());
  }
}

TEST(ParseJournal, SaysWhereItIsNone) {
  EXPECT_TRUE(absl::IsDataLoss(ParseJournal("").status()));
  const absl::StatusOr<Journal> torn =
      ParseJournal(FormatEvent({.workflow = "w"}) + "\n{\"ev\n");
  EXPECT_THAT(torn.status().message(), HasSubstr("line 2"));
}

}  // namespace
}  // namespace csa
