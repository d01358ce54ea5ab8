#include "common/agent/choice.h"

#include <sys/stat.h>

#include <cstdlib>

#include "common/cli/exit_status.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ChoiceTest : public testing::Test {
 protected:
  ChoiceTest() { setenv("PATH", scratch_.path().c_str(), 1); }

  void Install(const std::string& program, mode_t mode = 0700) {
    WriteFile(scratch_.PathOf(program), "");
    EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), mode), 0);
  }

  std::vector<std::string> Families(const std::string& but_not) {
    looked_for_.clear();
    std::vector<std::string> names;
    for (const AgentTool& tool :
         OneOfEachFamily(configuration_, but_not, looked_for_)) {
      names.push_back(tool.name);
    }
    return names;
  }

  ScratchDirectory scratch_;
  std::vector<std::string> looked_for_;
  const Configuration configuration_ = BuiltinConfiguration({
      {.name = "a1", .family = "a", .argv = {"a1-program"}},
      {.name = "a2", .family = "a", .argv = {"a2-program"}},
      {.name = "b", .family = "b", .argv = {"b-program"}},
      {.name = "sh",
       .family = "c",
       .explicit_only = true,
       .argv = {"b-program"}},
  });
};

TEST_F(ChoiceTest, AnInstalledToolIsFound) {
  Install("a2-program");
  EXPECT_EQ((*InstalledTool(configuration_, "a2", ""))->name, "a2");
}

TEST_F(ChoiceTest, F04_OneThatIsNotSaysWhoNamedIt) {
  Install("b-program", 0600);
  const auto error = [&](const std::string& name) {
    return InstalledTool(configuration_, name, " (of x)").status();
  };
  EXPECT_EQ(ExitStatusFor(error("a1")), ExitStatus::kNotFound);
  EXPECT_THAT(std::string(error("a1").message()),
              HasSubstr("the tool a1 (of x) is not installed"));
  EXPECT_EQ(ExitStatusFor(error("b")), ExitStatus::kNotExecutable);
  EXPECT_EQ(ExitStatusFor(error("a3")), ExitStatus::kFailed);
  EXPECT_THAT(std::string(error("a3").message()),
              HasSubstr("unknown tool 'a3'; the tools are a1, a2, b, sh"));
}

TEST_F(ChoiceTest, AnAgentIsNamedWithItsModel) {
  Install("a2-program");
  Install("b-program");
  const NamedAgent named =
      FindNamedAgent(configuration_, "--x", "a2:m").value();
  EXPECT_EQ(FormatTierTool(named.agent), "a2:m");
  EXPECT_EQ(named.family, "a");
  const auto error = [&](const std::string& name) {
    return std::string(
        FindNamedAgent(configuration_, "--x", name).status().message());
  };
  EXPECT_THAT(error("a1"), HasSubstr("the tool a1 (--x) is not installed"));
  EXPECT_THAT(error("a2:--yolo"), HasSubstr("--x: the model '--yolo'"));
  EXPECT_EQ(error("sh"), "--x: sh is no agent");
}

TEST_F(ChoiceTest, OfEachFamilyThereIsOne) {
  EXPECT_THAT(Families(""), IsEmpty());
  EXPECT_THAT(looked_for_,
              ElementsAre("a1-program", "a2-program", "b-program"));
  Install("a2-program");
  Install("b-program");
  EXPECT_THAT(Families(""), ElementsAre("a2", "b"));
  Install("a1-program");
  EXPECT_THAT(Families(""), ElementsAre("a1", "b"));
  EXPECT_THAT(Families("a"), ElementsAre("b"));
  EXPECT_THAT(looked_for_, IsEmpty());
}

}  // namespace
}  // namespace csa
