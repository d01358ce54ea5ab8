#include "common/launch/family.h"

#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/os/capture.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

std::vector<AgentTool> Tools() {
  return {
      {.name = "codex", .family = "openai", .argv = {"codex", "exec"}},
      {.name = "claude", .family = "anthropic", .argv = {"/opt/claude"}},
      {.name = "sh",
       .family = "other",
       .explicit_only = true,
       .argv = {"/bin/sh"}},
  };
}

// The family of the agent that is run by these arguments.
std::string FamilyOf(const std::vector<std::string>& arguments) {
  std::string command_line;
  for (const std::string& argument : arguments) {
    absl::StrAppend(&command_line, argument, absl::string_view("\0", 1));
  }
  const std::vector<AgentTool> tools = Tools();
  const AgentTool* const tool = AgentRunBy(command_line, tools);
  return tool == nullptr ? "" : tool->family;
}

TEST(AgentRunBy, KnowsTheProgram) {
  EXPECT_EQ(FamilyOf({"codex", "exec", "-"}), "openai");
  EXPECT_EQ(FamilyOf({"/usr/bin/codex"}), "openai");
  EXPECT_EQ(FamilyOf({"claude"}), "anthropic");
  EXPECT_EQ(FamilyOf({"/x/claude.exe", "-p"}), "anthropic");
}

TEST(AgentRunBy, KnowsTheScriptOfAnInterpreter) {
  EXPECT_EQ(FamilyOf({"node", "/usr/lib/codex/bin/codex.js", "exec"}),
            "openai");
  EXPECT_EQ(FamilyOf({"node", "--no-warnings", "/usr/bin/codex"}), "openai");
}

TEST(AgentRunBy, KnowsNothingElse) {
  EXPECT_EQ(FamilyOf({}), "");
  EXPECT_EQ(FamilyOf({""}), "");
  EXPECT_EQ(FamilyOf({"codexx"}), "");
  EXPECT_EQ(FamilyOf({"codex/vim"}), "");
  EXPECT_EQ(FamilyOf({"vim", "notes", "codex"}), "");
  EXPECT_EQ(FamilyOf({"find", "claude", "-exec", "csa"}), "");
  EXPECT_EQ(FamilyOf({"node", "server.js", "claude"}), "");
  EXPECT_EQ(FamilyOf({"/bin/sh", "script"}), "") << "is no agent";
}

TEST(CallersFamily, IsThatOfTheSessionsTool) {
  setenv("CSA_TOOL", "claude", 1);
  EXPECT_EQ(CallersFamily(Tools()), "anthropic");
  unsetenv("CSA_TOOL");
}

TEST(CallersFamily, IsThatOfTheNearestAncestorThatIsAnAgent) {
  // This test itself, for the test that runs it so.
  if (std::getenv("SAY_FAMILY") != nullptr) {
    setenv("CSA_TOOL", "sh", 1);
    const std::string said = absl::StrCat("<", CallersFamily(Tools()), ">");
    ASSERT_EQ(write(STDOUT_FILENO, said.data(), said.size()),
              static_cast<ssize_t>(said.size()));
    return;
  }
  const auto said_below = [](const std::string& name) {
    return Capture({"bash", "-c",
                    absl::StrCat("exec -a ", name, " bash -c '\"$0\" ",
                                 "--gtest_filter=CallersFamily.IsThatOfTheN*; ",
                                 "true' /proc/", getpid(), "/exe")},
                   "", 1 << 16)
        ->output;
  };
  setenv("SAY_FAMILY", "1", 1);
  EXPECT_NE(said_below("/opt/bin/codex").find("<openai>"), std::string::npos);
  EXPECT_NE(said_below("other").find("<>"), std::string::npos);
  unsetenv("SAY_FAMILY");
}

}  // namespace
}  // namespace csa
