#include "tools/run/resume.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/session/session_result.h"
#include "common/session/session_spec.h"
#include "common/session/session_store.h"
#include "common/testing/scratch_directory.h"
#include "common/testing/stored_session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() { setenv("CSA_STATE_DIR", scratch_.PathOf("state").c_str(), 1); }

  // Makes a session that has ended.
  static void Finish(const SessionSpec& spec) {
    SessionSpec its = spec;
    its.id = kId;
    its.project = "/p";
    const SessionDirectory session = StoreSession(its);
    ASSERT_TRUE(
        session
            .Publish(
                {.id = kId, .status = SessionStatus::kSuccess, .exit_code = 0})
            .ok());
  }

  static void Log(const char* file, absl::string_view text) {
    const SessionStore store = SessionStore::Open().value();
    ASSERT_TRUE(CreateFileAt(store.Find(kId)->fd(), file, text).ok());
  }

  std::string MessageFor(LaunchOptions options = {}) {
    return std::string(
        FindConversationOf(kId, tools_, options).status().message());
  }

  ScratchDirectory scratch_;
  const std::vector<AgentTool> tools_ = {
      {.name = "told",
       .argv = {"told", "{conversation}"},
       .resume_argv = {"told", "-r", "{conversation}"}},
      {.name = "tells",
       .argv = {"tells"},
       .resume_argv = {"tells", "-r", "{conversation}"},
       .conversation_pattern = R"((?m)^id: (\S+)$)"},
      {.name = "sh", .argv = {"sh"}},
  };
};

TEST_F(ResumeTest, ANewConversationHasAnIdWhereTheToolTakesOne) {
  EXPECT_THAT(NewConversation(tools_[0]).id,
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-.*"));
  EXPECT_NE(NewConversation(tools_[0]).id, NewConversation(tools_[0]).id);
  EXPECT_EQ(NewConversation(tools_[1]).id, "");
}

TEST_F(ResumeTest, WhatTheSessionHadIsKept) {
  Finish({.tool = "told", .model = "m", .access = "full", .conversation = "u"});
  LaunchOptions options;
  const absl::StatusOr<Conversation> conversation =
      FindConversationOf("latest", tools_, options);
  ASSERT_TRUE(conversation.ok()) << conversation.status();
  EXPECT_EQ(conversation->id, "u");
  EXPECT_EQ(conversation->continues, kId);
  EXPECT_EQ(conversation->project, "/p");
  EXPECT_EQ(options.tool, "told");
  EXPECT_EQ(options.model, "m");
  EXPECT_EQ(options.access, "full");
  LaunchOptions asked = {.tool = "told", .model = "n", .access = "read-only"};
  ASSERT_TRUE(FindConversationOf(kId, tools_, asked).ok());
  EXPECT_EQ(asked.model, "n");
  EXPECT_EQ(asked.access, "read-only");
}

TEST_F(ResumeTest, TheIdIsFoundInTheLogs) {
  Finish({.tool = "tells"});
  LaunchOptions options;
  EXPECT_THAT(MessageFor(), HasSubstr("tells has not told the id of one"));
  Log(kStdoutFile, "id: second\n");
  EXPECT_EQ(FindConversationOf(kId, tools_, options)->id, "second");
  Log(kStderrFile, "hello\nid: first\nid: other\n");
  EXPECT_EQ(FindConversationOf(kId, tools_, options)->id, "first");
}

TEST_F(ResumeTest, AnIdThatWouldBeAnOptionIsNone) {
  Finish({.tool = "tells"});
  Log(kStderrFile, "id: --yolo\n");
  EXPECT_THAT(MessageFor(), HasSubstr("no conversation to go on with"));
}

TEST_F(ResumeTest, OnlyTheSameToolCanGoOn) {
  Finish({.tool = "told", .conversation = "u"});
  EXPECT_THAT(MessageFor({.tool = "tells"}), HasSubstr("ran 'told', and only"));
}

TEST_F(ResumeTest, WhatIsNoAgentCannotGoOn) {
  Finish({.tool = "sh"});
  EXPECT_THAT(MessageFor(), HasSubstr("ran sh, which cannot go on"));
}

TEST_F(ResumeTest, WhatIsNotKnownCannotGoOn) {
  Finish({.tool = "other"});
  EXPECT_THAT(MessageFor(), HasSubstr("ran 'other', which is no agent"));
}

TEST_F(ResumeTest, ACommandCannotGoOn) {
  Finish({});
  EXPECT_THAT(MessageFor(), HasSubstr("ran no agent"));
}

TEST_F(ResumeTest, ThereMustBeASession) {
  LaunchOptions options;
  EXPECT_TRUE(
      absl::IsNotFound(FindConversationOf(kId, tools_, options).status()));
}

}  // namespace
}  // namespace csa
