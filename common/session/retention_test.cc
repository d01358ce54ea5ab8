#include "common/session/retention.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

absl::Time Now() { return absl::FromUnixSeconds(1'000'000); }

// A finished session, over `age` before now.
StoredSession Finished(char name, absl::Duration age, int64_t bytes = 0) {
  return {.id = SessionId::Parse(
                    absl::StrCat(std::string(25, '0'), std::string(1, name)))
                    .value(),
          .completed_at = Now() - age,
          .removable = true,
          .bytes = bytes};
}

// One that is running, or whose result cannot be read.
StoredSession Unfinished(char name, int64_t bytes = 0) {
  StoredSession session = Finished(name, absl::ZeroDuration(), bytes);
  session.completed_at = std::nullopt;
  session.removable = false;
  return session;
}

// One that has finished, and that somebody is in.
StoredSession Held(char name, absl::Duration age, int64_t bytes = 0) {
  StoredSession session = Finished(name, age, bytes);
  session.removable = false;
  return session;
}

// The names of those that are chosen.
std::string Choose(const std::vector<StoredSession>& sessions,
                   const RetentionLimits& limits) {
  std::string names;
  for (const SessionId& id : ChooseForRemoval(sessions, limits, Now())) {
    names += id.text().back();
  }
  return names;
}

TEST(ChooseForRemoval, ChoosesNothingWithoutALimit) {
  EXPECT_EQ(Choose({Finished('A', absl::Hours(1'000'000), kNone)}, {}), "");
  EXPECT_THAT(
      ChooseForRemoval(
          {}, {.max_age = absl::Nanoseconds(1), .max_count = 0, .max_bytes = 0},
          Now()),
      IsEmpty());
}

TEST(ChooseForRemoval, ByAgeItIsTheEndThatCounts) {
  // A ran for long: it is the oldest, and was over last.
  const std::vector<StoredSession> sessions = {
      Finished('A', absl::Hours(1)), Finished('B', absl::Hours(3)),
      Finished('C', absl::Hours(2)),
      Finished('D', absl::Hours(2) + absl::Nanoseconds(1)),
      Finished('E', -absl::Hours(9))};  // the clock has been set back
  EXPECT_EQ(Choose(sessions, {.max_age = absl::Hours(2)}), "BD");
  EXPECT_EQ(Choose(sessions, {.max_age = absl::Hours(4)}), "");
  EXPECT_EQ(Choose(sessions, {.max_age = absl::Nanoseconds(1)}), "ABCD");
}

TEST(ChooseForRemoval, ByNumberTheNewestStay) {
  const std::vector<StoredSession> sessions = {Finished('A', absl::Hours(1)),
                                               Finished('B', absl::Hours(2)),
                                               Finished('C', absl::Hours(3))};
  EXPECT_EQ(Choose(sessions, {.max_count = 0}), "ABC");
  EXPECT_EQ(Choose(sessions, {.max_count = 1}), "AB");
  EXPECT_EQ(Choose(sessions, {.max_count = 2}), "A");
  EXPECT_EQ(Choose(sessions, {.max_count = 3}), "");
  EXPECT_EQ(Choose(sessions, {.max_count = kNone}), "");
}

TEST(ChooseForRemoval, ByNumberOnlyFinishedSessionsCount) {
  const std::vector<StoredSession> sessions = {
      Finished('A', absl::Hours(1)), Unfinished('B'),
      Finished('C', absl::Hours(1)), Unfinished('D'),
      Held('E', absl::Hours(1)),     Unfinished('F')};
  EXPECT_EQ(Choose(sessions, {.max_count = 0}), "AC");
  EXPECT_EQ(Choose(sessions, {.max_count = 1}), "AC");
  EXPECT_EQ(Choose(sessions, {.max_count = 2}), "A");
  EXPECT_EQ(Choose(sessions, {.max_count = 3}), "");
}

TEST(ChooseForRemoval, BySizeTheOldestGoUntilTheRestFits) {
  const std::vector<StoredSession> sessions = {
      Finished('A', absl::Hours(1), 10), Finished('B', absl::Hours(1), 20),
      Finished('C', absl::Hours(1), 30)};
  EXPECT_EQ(Choose(sessions, {.max_bytes = 60}), "");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 59}), "A");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 50}), "A");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 49}), "AB");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 30}), "AB");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 29}), "ABC");
}

TEST(ChooseForRemoval, BySizeWhatStaysCounts) {
  const std::vector<StoredSession> sessions = {
      Unfinished('A', 100), Finished('B', absl::Hours(1), 10),
      Held('C', absl::Hours(1), 100), Finished('D', absl::Hours(1), 10)};
  EXPECT_EQ(Choose(sessions, {.max_bytes = 220}), "");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 219}), "B");
  EXPECT_EQ(Choose(sessions, {.max_bytes = 1}), "BD");
}

TEST(ChooseForRemoval, WhatIsHeldIsNeverChosen) {
  const std::vector<StoredSession> sessions = {
      Unfinished('A', 10), Held('B', absl::Hours(9), 10), Unfinished('C', 10)};
  EXPECT_EQ(
      Choose(sessions,
             {.max_age = absl::Nanoseconds(1), .max_count = 0, .max_bytes = 1}),
      "");
}

TEST(ChooseForRemoval, EachLimitHoldsByItself) {
  const std::vector<StoredSession> sessions = {
      Finished('A', absl::Hours(1), 10), Finished('B', absl::Hours(9), 10),
      Finished('C', absl::Hours(1), 10), Finished('D', absl::Hours(9), 10)};
  const RetentionLimits age = {.max_age = absl::Hours(5)};
  const RetentionLimits size = {.max_bytes = 30};
  EXPECT_EQ(Choose(sessions, age), "BD");
  EXPECT_EQ(Choose(sessions, size), "A");
  EXPECT_EQ(
      Choose(sessions, {.max_age = age.max_age, .max_bytes = size.max_bytes}),
      "ABD");
  EXPECT_EQ(Choose(sessions, {.max_age = age.max_age, .max_count = 1}), "ABCD");
}

}  // namespace
}  // namespace csa
