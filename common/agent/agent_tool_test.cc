#include "common/agent/agent_tool.h"

#include "absl/strings/string_view.h"
#include "common/agent/tool_table.h"
#include "common/os/file.h"
#include "common/os/unique_fd.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;

const AgentTool* Find(const std::vector<AgentTool>& tools,
                      absl::string_view name) {
  for (const AgentTool& tool : tools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

TEST(BuiltinTools, AreThoseOfTheTable) {
  constexpr size_t kMaxTableBytes = 1 << 20;
  const absl::StatusOr<UniqueFd> file =
      OpenNamedByUser("common/agent/builtin_tools.toml");
  ASSERT_TRUE(file.ok()) << file.status();
  const absl::StatusOr<std::string> toml = ReadAll(file->get(), kMaxTableBytes);
  ASSERT_TRUE(toml.ok()) << toml.status();
  const absl::StatusOr<std::vector<AgentTool>> table = ParseToolTable(*toml);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(BuiltinTools(), *table);
}

TEST(BuiltinTools, HasCodex) {
  const std::vector<AgentTool> tools = BuiltinTools();
  const AgentTool* const codex = Find(tools, "codex");
  ASSERT_NE(codex, nullptr);
  EXPECT_EQ(codex->argv[0], "codex");
  EXPECT_EQ(codex->delivery, PromptDelivery::kStdin);
  EXPECT_FALSE(codex->explicit_only);
  EXPECT_FALSE(codex->model_arguments.empty());
}

TEST(BuiltinTools, HasAShellThatIsNeverChosenByItself) {
  const std::vector<AgentTool> tools = BuiltinTools();
  const AgentTool* const sh = Find(tools, "sh");
  ASSERT_NE(sh, nullptr);
  EXPECT_THAT(sh->argv, ElementsAre("/bin/sh", "{prompt}"));
  EXPECT_EQ(sh->delivery, PromptDelivery::kFile);
  EXPECT_TRUE(sh->explicit_only);
}

}  // namespace
}  // namespace csa
