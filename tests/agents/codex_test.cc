// Promises, with the real codex: dev/setup installs it. The model it talks to
// is model_server.py.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/os/process.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::HasSubstr;

// Where dev/setup puts the commands of the agent.
std::string AgentDirectory() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  return absl::StrCat(cache != nullptr  ? cache
                      : home != nullptr ? absl::StrCat(home, "/.cache")
                                        : "",
                      "/csa/npm/openai-codex-0.169.0/node_modules/.bin");
}

class CodexTest : public CsaTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(FindExecutable(absl::StrCat(AgentDirectory(), "/codex")).ok())
        << "codex is not in " << AgentDirectory()
        << ": dev/setup installs it there";
    ASSERT_TRUE(FindExecutable("node").ok())
        << "codex needs node on PATH, which is " << std::getenv("PATH");
    absl::StatusOr<Pipe> input = OpenPipe();
    ASSERT_TRUE(input.ok());
    server_.emplace(
        std::vector<std::string>{"python3", "tests/agents/model_server.py"},
        ProgramOptions{.prepare = [&] { dup2(input->reader.get(), 0); }});
    server_input_ = std::move(input->writer);
    std::filesystem::create_directory(scratch().PathOf("codex"));
    WriteFile(scratch().PathOf("codex/config.toml"),
              Configuration(server_->AwaitFirstLine()));
  }

  // What codex needs to talk to the server on `port`, and to nobody else.
  static std::string Configuration(const std::string& port) {
    return absl::StrCat(R"(
model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false

[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:)",
                        port, R"(/v1"
env_key = "SCRIPTED_KEY"
wire_api = "responses"
supports_websockets = false
request_max_retries = 0
stream_max_retries = 0
)");
  }

  // Gives codex a prompt. Returns the session's id.
  std::string RunCodex(const std::string& prompt) {
    ProgramOptions options;
    options.environment = {
        {"CODEX_HOME", scratch().PathOf("codex")},
        {"HOME", scratch().path()},
        {"PATH", absl::StrCat(AgentDirectory(), ":", std::getenv("PATH"))},
        {"SCRIPTED_KEY", "any"},
    };
    const Ended run = Csa({"run", "--tool", "codex", prompt}, options);
    EXPECT_EQ(run.exit_status, 0) << run.error;
    return std::string(absl::StripSuffix(run.output, "\n"));
  }

 private:
  UniqueFd server_input_;  // the server lives as long as this is open
  std::optional<Program> server_;
};

TEST_F(CodexTest, AnswersOnStdout) {
  const std::string prompt = "Say it.\n\"[[reply It's done: 7 > 6]]\" --now ";
  const std::string id = RunCodex(prompt);
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0) << wait.error << FileOf(id, "stderr.log");
  EXPECT_EQ(wait.output, "It's done: 7 > 6\n");
  EXPECT_EQ(FileOf(id, "prompt.txt"), prompt);
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kSuccess);
  EXPECT_EQ(result.tool, "codex");
  EXPECT_EQ(result.summary, "It's done: 7 > 6");
}

TEST_F(CodexTest, RunsACommand) {
  const std::string made = scratch().PathOf("made");
  const std::string id =
      RunCodex(absl::StrCat("[[sh printf $CSA_SESSION_ID > ", made, "]]"));
  EXPECT_EQ(Wait(id).exit_status, 0) << FileOf(id, "stderr.log");
  EXPECT_EQ(ReadFile(made), id);
}

TEST_F(CodexTest, AnErrorOfTheModelIsAFailure) {
  const std::string id = RunCodex("[[fail 400]]");
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 1) << wait.error;
  EXPECT_THAT(wait.error, HasSubstr("status=failure exit=1 "));
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
}

// The model's shell tool runs in a POSIX session of its own: a kill of the
// agent's process group does not reach it.
TEST_F(CodexTest, F22_KillEndsWhatTheShellToolStarted) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string tree = absl::StrCat(Hostile(), " ", lifeline.path(),
                                        " own-group,setsid,daemon,ignore-term");
  constexpr int kTree = 5;
  const std::string id = RunCodex(
      absl::StrCat("[[sh setsid --fork ", tree, "; (", tree,
                   " &); env -i setsid --fork ", tree, "; ", tree, " | cat]]"));
  lifeline.AwaitReady(4 * kTree);
  const Ended kill = Kill(id);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kKilled);
  EXPECT_EQ(result.exit_code, 143);
}

TEST_F(CodexTest, F26_NaturalEndLeavesNothingOfTheShellTool) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id = RunCodex(
      absl::StrCat("[[sh setsid --fork ", Hostile(), " ", lifeline.path(),
                   " daemon; cat ", lifeline.path(), ".go]][[reply left it]]"));
  lifeline.AwaitReady(2);
  lifeline.Release();
  const Ended wait = Wait(id);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(wait.exit_status, 0) << FileOf(id, "stderr.log");
  EXPECT_EQ(wait.output, "left it\n");
  EXPECT_GE(ResultOf(id).strays, 2);
}

}  // namespace
}  // namespace csa
