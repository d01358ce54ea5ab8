// Promises: a conversation goes on in a new session, with the same agent, in
// the same place; and an agent may do what was said, and no more.
//
// The agents here are scripts of the same names: tests/agents has the real
// ones.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fake_agents.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class ResumeTest : public FakeAgentsTest {
 protected:
  ResumeTest() {
    std::filesystem::create_directory(scratch().PathOf("project"));
    Install("claude", R"(printf '<%s>' "$@"; pwd)");
    Install("codex",
            R"(echo 'session id: 00000000-0000-4000-8000-000000000001' >&2
               printf '<%s>' "$@"; pwd)");
  }

  Ended Run(const std::vector<std::string>& arguments,
            const std::string& directory = "project") {
    std::vector<std::string> argv = {"--cd", scratch().PathOf(directory),
                                     "run"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Csa(argv, WithAgents());
  }

  // Runs one to its end. Returns its id.
  std::string Finish(const std::vector<std::string>& arguments) {
    const Ended run = Run(arguments);
    EXPECT_EQ(run.exit_status, 0) << run.error;
    std::string id(absl::StripSuffix(run.output, "\n"));
    EXPECT_EQ(Wait(id).exit_status, 0);
    return id;
  }

  Json SpecOf(const std::string& id) {
    return Json::parse(FileOf(id, "session.json"));
  }
};

TEST_F(ResumeTest, AConversationThatCsaNamedGoesOn) {
  const std::string first = Finish({"--tool=claude", "--model=opus", "hello"});
  const std::string conversation = SpecOf(first).at("conversation");
  EXPECT_THAT(conversation, MatchesRegex("[0-9a-f-]{36}"));
  EXPECT_EQ(Wait(first).output,
            absl::StrCat("<--print><--permission-mode><acceptEdits><--model>"
                         "<opus><--session-id><",
                         conversation, ">", scratch().PathOf("project"), "\n"));
  // From elsewhere, by its short id, and twice.
  std::string last = first;
  for (int time = 0; time < 2; ++time) {
    const Ended run = Run({"--session", last.substr(18), "go on"}, "bin");
    ASSERT_EQ(run.exit_status, 0) << run.error;
    const std::string id(absl::StripSuffix(run.output, "\n"));
    EXPECT_EQ(
        Wait(id).output,
        absl::StrCat("<--print><--permission-mode><acceptEdits><--model>"
                     "<opus><--resume><",
                     conversation, ">", scratch().PathOf("project"), "\n"));
    const Json spec = SpecOf(id);
    EXPECT_EQ(spec.at("continues"), last);
    EXPECT_EQ(spec.at("conversation"), conversation);
    EXPECT_EQ(spec.at("model"), "opus");
    EXPECT_EQ(spec.at("access"), "workspace");
    EXPECT_EQ(spec.at("project"), scratch().PathOf("project"));
    EXPECT_EQ(FileOf(id, "prompt.txt"), "go on");
    last = id;
  }
}

TEST_F(ResumeTest, AConversationThatTheAgentNamedGoesOn) {
  const std::string first = Finish({"--tool=codex", "--access=full", "hello"});
  EXPECT_TRUE(SpecOf(first).at("conversation").is_null());
  const Ended run = Run({"--session", first, "go on"});
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const std::string id(absl::StripSuffix(run.output, "\n"));
  EXPECT_EQ(Wait(id).output,
            absl::StrCat("<exec><--skip-git-repo-check>"
                         "<-c><check_for_update_on_startup=false>"
                         "<-c><analytics.enabled=false>"
                         "<--dangerously-bypass-approvals-and-sandbox><resume>"
                         "<00000000-0000-4000-8000-000000000001><->",
                         scratch().PathOf("project"), "\n"));
  EXPECT_EQ(SpecOf(id).at("conversation"),
            "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(SpecOf(id).at("continues"), first);
}

TEST_F(ResumeTest, F03_WhatCannotGoOnIsRefused) {
  const std::string claude = Finish({"--tool=claude", "hello"});
  const std::string shell = Finish({"--tool=sh", "true"});
  Install("codex", "true");
  const std::string silent = Finish({"--tool=codex", "hello"});
  const auto message = [&](const std::vector<std::string>& arguments) {
    const Ended run = Run(arguments);
    EXPECT_EQ(run.exit_status, 125);
    EXPECT_EQ(run.output, "");
    return run.error;
  };
  EXPECT_THAT(message({"--session", shell, "x"}),
              HasSubstr("ran sh, which cannot go on"));
  EXPECT_THAT(message({"--session", silent, "x"}),
              HasSubstr("codex has not told the id"));
  EXPECT_THAT(message({"--session", claude, "--tool=codex", "x"}),
              HasSubstr("ran 'claude', and only that"));
  EXPECT_THAT(message({"--session", "nothing-like-it", "x"}),
              HasSubstr("nothing-like-it"));
  std::filesystem::remove(scratch().PathOf("project"));
  std::filesystem::create_directory(scratch().PathOf("elsewhere"));
  const Ended run = Run({"--session", claude, "x"}, "elsewhere");
  EXPECT_EQ(run.exit_status, 125);
  EXPECT_THAT(run.error, AllOf(HasSubstr(scratch().PathOf("project")),
                               HasSubstr("no such file or directory")));
  std::filesystem::create_directory_symlink(scratch().PathOf("elsewhere"),
                                            scratch().PathOf("project"));
  EXPECT_THAT(message({"--session", claude, "x"}), HasSubstr("leads to "));
  EXPECT_EQ(StoreEntries().size(), 3U);
}

TEST_F(ResumeTest, WhatStillRunsCannotGoOn) {
  const Gate gate(scratch().PathOf("gate"));
  Install("claude", absl::StrCat("read go < ", gate.path()));
  const Ended run = Run({"--tool=claude", "hello"});
  ASSERT_EQ(run.exit_status, 0) << run.error;
  const Ended refused = Run({"--session=latest", "x"});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("is still running: wait for its end"));
  gate.Open();
  EXPECT_EQ(Wait(std::string(absl::StripSuffix(run.output, "\n"))).exit_status,
            0);
}

TEST_F(ResumeTest, AccessIsWhatWasSaid) {
  const std::string id =
      Finish({"--tool=codex", "--access", "read-only", "look"});
  EXPECT_EQ(SpecOf(id).at("access"), "read-only");
  EXPECT_EQ(
      Wait(id).output,
      absl::StrCat("<exec><--skip-git-repo-check>"
                   "<-c><check_for_update_on_startup=false>"
                   "<-c><analytics.enabled=false><--sandbox><read-only><->",
                   scratch().PathOf("project"), "\n"));
}

TEST_F(ResumeTest, F03_AccessThatAToolDoesNotHaveIsRefused) {
  for (const auto& [tool, access] :
       std::vector<std::pair<std::string, std::string>>{
           {"codex", "some"}, {"codex", ""}, {"sh", "read-only"}}) {
    const Ended run = Run({"--tool", tool, "--access", access, "x"});
    EXPECT_EQ(run.exit_status, 125) << tool << access;
    EXPECT_THAT(run.error, HasSubstr("--access")) << tool << access;
  }
  // A model that codex would take for an option.
  const Ended run = Run({"--tool=codex", "--model=--yolo", "x"});
  EXPECT_EQ(run.exit_status, 125);
  EXPECT_THAT(run.error, HasSubstr("would take it for an option"));
  EXPECT_FALSE(std::filesystem::exists(Sessions()));
}

}  // namespace
}  // namespace csa
