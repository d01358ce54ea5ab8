#include "common/session/session_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Kind = SessionState::Kind;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class SessionReportTest : public testing::Test {
 protected:
  SessionReportTest()
      : scratch_(testing::TempDir() + "reportXXXXXX"), session_(Make()) {}
  ~SessionReportTest() override { std::filesystem::remove_all(scratch_); }

  SessionDirectory Make() {
    EXPECT_NE(mkdtemp(scratch_.data()), nullptr);
    EXPECT_EQ(mkdir((scratch_ + "/" + kId).c_str(), 0700), 0);
    const UniqueFd sessions =
        OpenAt(AT_FDCWD, scratch_, O_RDONLY | O_DIRECTORY).value();
    return SessionDirectory::Open(sessions.get(), SessionId::Parse(kId).value(),
                                  kId, scratch_)
        .value();
  }

  // The object with `middle` between what is always the same.
  std::string Json(absl::string_view middle) {
    return absl::StrCat("{\"session_id\":\"", kId, "\",", middle,
                        ",\"stdout_path\":\"", scratch_, "/", kId,
                        "/stdout.log\",\"stderr_path\":\"", scratch_, "/", kId,
                        "/stderr.log\"}");
  }

  std::string scratch_;
  const SessionDirectory session_;
};

TEST_F(SessionReportTest, ARunningSessionHasNoOutcome) {
  EXPECT_EQ(
      FormatStateJson(session_,
                      {.kind = Kind::kRunning, .result = {}, .supervisor = 7}),
      Json("\"state\":\"running\",\"status\":null,\"exit_code\":null,"
           "\"summary\":null,\"wall_seconds\":null"));
}

TEST_F(SessionReportTest, F14_AFinishedSessionHasItsTrueExitCode) {
  const SessionState state = {.kind = Kind::kFinished,
                              .result = {.id = kId,
                                         .status = SessionStatus::kFailure,
                                         .exit_code = 124,
                                         .summary = "\"é\"",
                                         .wall = absl::Milliseconds(1500)}};
  EXPECT_EQ(FormatStateJson(session_, state),
            Json("\"state\":\"finished\",\"status\":\"failure\","
                 "\"exit_code\":124,\"summary\":\"\\\"é\\\"\","
                 "\"wall_seconds\":1.5"));
  EXPECT_FALSE(IsLost(state));
}

TEST_F(SessionReportTest, ALostSessionIsLostPublishedOrNot) {
  const SessionState lost = {.kind = Kind::kLost, .result = {}};
  EXPECT_TRUE(IsLost(lost));
  EXPECT_EQ(FormatStateJson(session_, lost),
            Json("\"state\":\"lost\",\"status\":\"lost\",\"exit_code\":1,"
                 "\"summary\":null,\"wall_seconds\":null"));
  const SessionState published = {.kind = Kind::kFinished,
                                  .result = {.id = kId,
                                             .status = SessionStatus::kLost,
                                             .exit_code = 1,
                                             .summary = "last words",
                                             .wall = absl::Seconds(2)}};
  EXPECT_TRUE(IsLost(published));
  EXPECT_EQ(FormatStateJson(session_, published),
            Json("\"state\":\"lost\",\"status\":\"lost\",\"exit_code\":1,"
                 "\"summary\":\"last words\",\"wall_seconds\":2.0"));
}

TEST(DescribeAlive, NamesTheProcessAndItsOwner) {
  EXPECT_EQ(DescribeAlive({.pid = getpid(), .comm = "a\nname"}),
            absl::StrCat("still alive: pid ", getpid(), " uid ", geteuid(),
                         " command a\\nname"));
}

TEST(DescribeAlive, SaysWhereSomebodyMayBeUnseen) {
  EXPECT_EQ(DescribeAlive({.pid = kUnseenProcess}),
            "there may be more alive: not all of /proc can be read");
}

TEST_F(SessionReportTest, ALossNamesTheLogs) {
  EXPECT_THAT(DescribeLost(session_),
              AllOf(HasSubstr(kId), HasSubstr(session_.PathOf(kStdoutFile)),
                    HasSubstr(session_.PathOf(kStderrFile))));
}

}  // namespace
}  // namespace csa
