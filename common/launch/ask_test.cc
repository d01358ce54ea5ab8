#include "common/launch/ask.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/session/session_result.h"
#include "common/testing/scratch_directory.h"
#include "common/testing/stored_session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class AskTest : public testing::Test {
 protected:
  AskTest() { setenv("CSA_STATE_DIR", scratch_.PathOf("state").c_str(), 1); }
  ~AskTest() override { unsetenv("CSA_SESSION_ID"); }

  // A session that is there to be seen, without a result.
  static SessionDirectory Make() {
    SessionDirectory session = StoreSession({.id = kId});
    EXPECT_TRUE(CreateFileAt(session.fd(), kStdoutFile, "it is\n").ok());
    return session;
  }

  static void End(const SessionDirectory& session, SessionStatus status,
                  int exit) {
    EXPECT_TRUE(
        session.Publish({.id = kId, .status = status, .exit_code = exit}).ok());
  }

  static std::string PathOf(const SessionDirectory& session,
                            const std::string& name) {
    return absl::StrCat(session.path(), "/output/", name);
  }

  ScratchDirectory scratch_;
};

TEST_F(AskTest, AnAnswerIsWhatWasWritten) {
  const SessionDirectory session = Make();
  End(session, SessionStatus::kSuccess, 0);
  const Answer answer = ReadAnswer(session);
  EXPECT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.session, kId);
  EXPECT_EQ(answer.text, "it is\n");
  EXPECT_EQ(answer.verdict, std::nullopt);
  std::filesystem::create_directory(session.PathOf("output"));
  EXPECT_EQ(ReadAnswer(session).verdict, std::nullopt);
  WriteFile(PathOf(session, "verdict.json"), "{}");
  EXPECT_EQ(ReadAnswer(session).verdict, "{}");
}

TEST_F(AskTest, F41_WhoFailedHasNotAnswered) {
  const SessionDirectory session = Make();
  EXPECT_THAT(ReadAnswer(session).status.ToString(), HasSubstr("is lost"));
  End(session, SessionStatus::kTimeout, 143);
  EXPECT_THAT(ReadAnswer(session).status.ToString(),
              HasSubstr("it ended with status timeout, exit 143"));
}

TEST_F(AskTest, F41_AVerdictThatCannotBeReadIsNoAnswer) {
  const SessionDirectory session = Make();
  End(session, SessionStatus::kSuccess, 0);
  std::filesystem::create_directory(session.PathOf("output"));
  WriteFile(scratch_.PathOf("elsewhere"), "{}");
  std::filesystem::create_symlink(scratch_.PathOf("elsewhere"),
                                  PathOf(session, "verdict.json"));
  EXPECT_FALSE(ReadAnswer(session).status.ok());
  std::filesystem::remove_all(session.PathOf("output"));
  std::filesystem::create_symlink(scratch_.path(), session.PathOf("output"));
  EXPECT_FALSE(ReadAnswer(session).status.ok());
}

TEST(QuestionFor, LetsAnAgentLookOnlyWhereItKnowsThat) {
  const Configuration configuration = BuiltinConfiguration(
      {{.name = "a", .argv = {"a"}, .access = {{"read-only", {}}}},
       {.name = "b", .argv = {"b"}}});
  const Question a = QuestionFor(configuration, {"a", "m"},
                                 {.idle_timeout = absl::Minutes(5)}, "d", "p");
  EXPECT_THAT(a.options,
              ElementsAre("--tool=a", "--model=m", "--access=read-only",
                          "--description=d", "--idle-timeout=5m"));
  EXPECT_EQ(a.prompt, "p");
  EXPECT_THAT(QuestionFor(configuration, {"b", ""}, {}, "d", "p").options,
              ElementsAre("--tool=b", "--description=d"));
}

TEST_F(AskTest, WhatCannotBeStartedHasNoSession) {
  const SessionStore store = SessionStore::OpenOrMake().value();
  const absl::StatusOr<std::vector<Answer>> answers =
      Ask(store, std::vector<Question>(2));
  ASSERT_TRUE(answers.ok()) << answers.status();
  ASSERT_EQ(answers->size(), 2);
  for (const Answer& answer : *answers) {
    EXPECT_EQ(answer.session, "");
    EXPECT_THAT(answer.status.ToString(), HasSubstr("/csa-run: "))
        << "there is none beside the test";
  }
}

TEST_F(AskTest, OutputIsReplaced) {
  const SessionDirectory session = Make();
  const SessionStore store = SessionStore::Open().value();
  setenv("CSA_SESSION_ID", kId, 1);
  ASSERT_TRUE(WriteOutput(store, "a", "1").ok());
  ASSERT_TRUE(WriteOutput(store, "b", "2").ok());
  EXPECT_EQ(ReadFile(PathOf(session, "a")), "1");
  EXPECT_EQ(ReadFile(PathOf(session, "b")), "2");
  ASSERT_TRUE(WriteOutput(store, "a", "3").ok());
  EXPECT_EQ(ReadFile(PathOf(session, "a")), "3");
}

}  // namespace
}  // namespace csa
