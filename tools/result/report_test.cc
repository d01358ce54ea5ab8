#include "tools/result/report.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/os/file.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;
using Kind = SessionState::Kind;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

Outcome Failed() {
  return {.id = kId,
          .state = {.kind = Kind::kFinished,
                    .result = {.id = kId,
                               .status = SessionStatus::kKilled,
                               .exit_code = 143,
                               .command_signal = 15,
                               .tool = "codex",
                               .summary = "almost \x1b done",
                               .started_at = absl::UnixEpoch(),
                               .completed_at =
                                   absl::UnixEpoch() + absl::Seconds(90),
                               .wall = absl::Seconds(90),
                               .cpu = absl::Seconds(2),
                               .max_rss_kb = 2048,
                               .strays = 1,
                               .stray_names = {"77 sleep"},
                               .ended_by = "88 csa-kill < 87 bash"}},
          .stderr_lines = {"one", "two"},
          .stdout_path = "/s/stdout.log",
          .stderr_path = "/s/stderr.log"};
}

TEST(FormatOutcome, SaysAllThatIsKnown) {
  EXPECT_EQ(FormatOutcome(Failed()),
            "session   01ARYZ6S41TSV4RRFFQ69G5FAV\n"
            "status    killed, exit code 143\n"
            "command   signal 15 (Terminated)\n"
            "tool      codex\n"
            "summary   almost \\x1B done\n"
            "started   1970-01-01T00:00:00.000Z\n"
            "ended     1970-01-01T00:01:30.000Z\n"
            "took      1m30s\n"
            "cpu       2s\n"
            "memory    2.0 MiB in its largest process\n"
            "strays    1: 77 sleep\n"
            "ended by  88 csa-kill < 87 bash\n"
            "stderr ends with, in /s/stderr.log:\n"
            "  one\n"
            "  two");
}

TEST(FormatOutcome, OfALostOneIsLittle) {
  EXPECT_EQ(
      FormatOutcome({.id = kId, .state = {.kind = Kind::kLost, .result = {}}}),
      absl::StrCat("session   ", kId, "\nstatus    lost, exit code 1"));
}

TEST(FormatOutcomeJson, SaysAllThatIsKnown) {
  const Json json = Json::parse(FormatOutcomeJson(Failed()), nullptr, false);
  EXPECT_EQ(json["session_id"], kId);
  EXPECT_EQ(json["state"], "finished");
  EXPECT_EQ(json["exit_code"], 143);
  EXPECT_TRUE(json["command_exit"].is_null());
  EXPECT_EQ(json["command_signal"], 15);
  EXPECT_EQ(json["cpu_seconds"], 2.0);
  EXPECT_EQ(json["stderr_lines"], Json({"one", "two"}));
}

TEST(FormatOutcomeJson, WhatIsNotKnownIsNull) {
  for (const Kind kind : {Kind::kRunning, Kind::kLost}) {
    const Json json = Json::parse(
        FormatOutcomeJson({.id = kId, .state = {.kind = kind, .result = {}}}),
        nullptr, false);
    EXPECT_EQ(json["state"], kind == Kind::kLost ? "lost" : "running");
    for (const char* key : {"summary", "wall_seconds", "strays"}) {
      EXPECT_TRUE(json[key].is_null()) << key;
    }
  }
}

class ReadOutcomeTest : public testing::Test {
 protected:
  ReadOutcomeTest() { EXPECT_EQ(mkdir(scratch_.PathOf(kId).c_str(), 0700), 0); }

  std::vector<std::string> LinesOf(SessionStatus status,
                                   const std::string& log) const {
    WriteFile(scratch_.PathOf(absl::StrCat(kId, "/stderr.log")), log);
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_.path(), O_RDONLY | O_DIRECTORY).value();
    const SessionDirectory session =
        SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                               kId, scratch_.path())
            .value();
    return ReadOutcome(session,
                       {.kind = Kind::kFinished, .result = {.status = status}})
        .stderr_lines;
  }

  const ScratchDirectory scratch_;
};

TEST_F(ReadOutcomeTest, F42_TheLastLinesOfStderrTellWhy) {
  EXPECT_THAT(LinesOf(SessionStatus::kFailure, "a\nb\x1b\xFF\n"),
              ElementsAre("a", "b \uFFFD"));
  EXPECT_THAT(LinesOf(SessionStatus::kFailure, ""), IsEmpty());
  EXPECT_THAT(LinesOf(SessionStatus::kFailure, "no newline"),
              ElementsAre("no newline"));
  EXPECT_THAT(LinesOf(SessionStatus::kSuccess, "a\n"), IsEmpty());
}

TEST_F(ReadOutcomeTest, OfALongLogOnlyTheEndIsTaken) {
  std::string log;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&log, "line ", i, "\n");
  const std::vector<std::string> lines = LinesOf(SessionStatus::kTimeout, log);
  ASSERT_THAT(lines, SizeIs(kStderrLines));
  EXPECT_EQ(lines.back(), "line 9999");
  EXPECT_THAT(LinesOf(SessionStatus::kFailure, std::string(100'000, 'x')),
              IsEmpty())
      << "it is part of a line";
}

}  // namespace
}  // namespace csa
