// Promises, with a real agent: the one that CSA_TEST_AGENT names.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/agents/agents.h"

namespace csa {
namespace {

using testing::HasSubstr;

class AgentTest : public AgentsTest {
 protected:
  static std::string Agent() {
    return std::string(absl::NullSafeStringView(std::getenv("CSA_TEST_AGENT")));
  }

  // Runs csa with the agent's prompt, and options before it, as csa run has
  // them. Returns the session's id.
  std::string RunAgent(std::vector<std::string> options,
                       const std::string& prompt,
                       const ModelAccess& access = {}) const {
    options.insert(options.begin(),
                   {"run", "--tool", Agent(), "--cd", Project()});
    options.emplace_back("-");  // however long the prompt is
    ProgramOptions program = WithAgents({Agent()}, access);
    program.input = prompt;
    const Ended run = Csa(options, program);
    EXPECT_EQ(run.exit_status, 0) << run.error;
    return std::string(absl::StripSuffix(run.output, "\n"));
  }

  // What to say of a session when something has gone wrong.
  std::string LogsOf(const std::string& id) const {
    return absl::StrCat("stdout:\n", FileOf(id, "stdout.log"), "\nstderr:\n",
                        FileOf(id, "stderr.log"));
  }

  // Expects that the session ends as a failure.
  void ExpectFailure(const std::string& id) const {
    const Ended wait = Wait(id);
    EXPECT_EQ(wait.exit_status, 1) << LogsOf(id);
    EXPECT_THAT(wait.error, HasSubstr("status=failure exit=1 "));
    EXPECT_EQ(ResultOf(id).status, SessionStatus::kFailure);
  }
};

TEST_F(AgentTest, AnswersOnStdout) {
  const std::string prompt =
      "Say it.\n\"[[reply It's done: 7 > 6.\n\n"
      "```json\n{\"even\": [2, 4]}\n```\nBye]]\" --now ";
  const std::string id = RunAgent({}, prompt);
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0) << LogsOf(id);
  EXPECT_EQ(wait.output,
            "It's done: 7 > 6.\n\n```json\n{\"even\": [2, 4]}\n```\nBye\n");
  EXPECT_EQ(FileOf(id, "prompt.txt"), prompt);
  const SessionResult result = ResultOf(id);
  EXPECT_EQ(result.status, SessionStatus::kSuccess);
  EXPECT_EQ(result.tool, Agent());
  EXPECT_EQ(result.summary, "Bye");
}

TEST_F(AgentTest, RunsACommandInItsDirectory) {
  const std::string id =
      RunAgent({"--access", "full"}, "[[sh printf $CSA_SESSION_ID > made]]");
  EXPECT_EQ(Wait(id).exit_status, 0) << LogsOf(id);
  EXPECT_EQ(ReadFile(absl::StrCat(Project(), "/made")), id);
}

TEST_F(AgentTest, MakesNothingWithReadOnlyAccess) {
  const std::string made = absl::StrCat(Project(), "/made");
  const std::string id = RunAgent({"--access", "read-only"},
                                  absl::StrCat("[[sh echo > ", made, "]]"));
  EXPECT_EQ(Wait(id).exit_status, 0) << LogsOf(id);
  EXPECT_FALSE(std::filesystem::exists(made));
}

// More than execve(2) takes as an argument, there and back.
TEST_F(AgentTest, TakesAPromptOfAnyLength) {
  std::string text;
  for (int line = 0; text.size() < 300'000; ++line) {
    absl::StrAppend(&text, "This is line ", line, " of a long prompt.\n");
  }
  text += "The end.";
  const std::string id = RunAgent({}, absl::StrCat("[[reply ", text, "]]"));
  const Ended wait = Wait(id);
  EXPECT_EQ(wait.exit_status, 0) << FileOf(id, "stderr.log").substr(0, 5000);
  // Not EXPECT_EQ: nobody wants to see it.
  EXPECT_TRUE(wait.output == text + "\n") << wait.output.size();
}

TEST_F(AgentTest, GoesOnWithAConversation) {
  const std::string first = RunAgent({}, "[[reply I'll keep that in mind]]");
  EXPECT_EQ(Wait(first).exit_status, 0) << LogsOf(first);
  const Ended run =
      Csa({"run", "--session", first, "[[count]]"}, WithAgents({Agent()}));
  EXPECT_EQ(run.exit_status, 0) << run.error;
  const std::string second(absl::StripSuffix(run.output, "\n"));
  EXPECT_NE(second, first);
  const Ended wait = Wait(second);
  EXPECT_EQ(wait.exit_status, 0) << LogsOf(second);
  EXPECT_EQ(wait.output, "2\n");
}

TEST_F(AgentTest, AnErrorOfTheModelIsAFailure) {
  ExpectFailure(RunAgent({}, "[[fail 400]]"));
}

TEST_F(AgentTest, AKeyThatIsRefusedIsAFailure) {
  ExpectFailure(RunAgent({}, "[[reply never]]", {.key = "wrong"}));
}

TEST_F(AgentTest, F42_AModelThatGoesSilentIsNotWaitedForForEver) {
  const std::string id = RunAgent({"--idle-timeout", "5s"}, "[[stall]]");
  EXPECT_EQ(Wait(id).exit_status, 143) << LogsOf(id);
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kIdleTimeout);
}

// These two try again for minutes unless they are told not to, and the others
// for minutes or for ever.
TEST_F(AgentTest, F42_AModelThatIsNotThereIsNotWaitedForForEver) {
  const UniqueFd nobody_listens(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(nobody_listens.get(), any_address, size), 0);
  ASSERT_EQ(getsockname(nobody_listens.get(), any_address, &size), 0);
  const bool gives_up = Agent() == "claude" || Agent() == "gemini";
  const std::string id = RunAgent(
      gives_up ? std::vector<std::string>{}
               : std::vector<std::string>{"--idle-timeout", "5s"},
      "[[reply never]]", {.port = absl::StrCat(ntohs(address.sin_port))});
  Wait(id);
  EXPECT_EQ(ResultOf(id).status,
            gives_up ? SessionStatus::kFailure : SessionStatus::kIdleTimeout)
      << LogsOf(id);
}

// The model's shell tool runs in a POSIX session of its own: a kill of the
// agent's process group does not reach it. And the status is ours: gemini would
// end with 0.
TEST_F(AgentTest, F22_F27_KillEndsWhatTheShellToolStarted) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string tree = absl::StrCat(Hostile(), " ", lifeline.path(),
                                        " own-group,setsid,daemon,ignore-term");
  constexpr int kTree = 5;
  const std::string id = RunAgent(
      {"--access", "full"},
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

// gemini waits for whoever has the output of its shell tool.
TEST_F(AgentTest, F26_NaturalEndLeavesNothingOfTheShellTool) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  const std::string id =
      RunAgent({"--access", "full"},
               absl::StrCat("[[sh setsid --fork ", Hostile(), " ",
                            lifeline.path(), " daemon > /dev/null 2>&1; cat ",
                            lifeline.path(), ".go]][[reply left it]]"));
  lifeline.AwaitReady(2);
  lifeline.Release();
  const Ended wait = Wait(id);
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(wait.exit_status, 0) << LogsOf(id);
  EXPECT_EQ(wait.output, "left it\n");
  EXPECT_GE(ResultOf(id).strays, 2);
}

}  // namespace
}  // namespace csa
