#include "tools/debate/request.h"

#include <sys/stat.h>

#include <cstdlib>

#include "absl/flags/reflection.h"
#include "common/cli/exit_status.h"
#include "common/cli/options.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class RequestTest : public testing::Test {
 protected:
  RequestTest() {
    setenv("PATH", scratch_.path().c_str(), 1);
    for (const char* program : {"codex", "claude", "sh"}) {
      WriteFile(scratch_.PathOf(program), "");
      EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), 0700), 0);
    }
  }

  absl::StatusOr<Debate> Resolve(const std::vector<std::string>& arguments) {
    const absl::FlagSaver saver;
    const absl::Status parsed =
        ParseOptions(arguments, OptionOrder::kAnywhere).status();
    if (!parsed.ok()) return parsed;
    return ResolveDebate(configuration_);
  }

  // "PROPOSER against CRITIC".
  std::string Pair(const std::vector<std::string>& arguments) {
    const absl::StatusOr<Debate> debate = Resolve(arguments);
    EXPECT_TRUE(debate.ok()) << debate.status();
    return FormatTierTool(debate->proposer) + " against " +
           FormatTierTool(debate->critic);
  }

  std::string MessageFor(const std::vector<std::string>& arguments) {
    return std::string(Resolve(arguments).status().message());
  }

  ScratchDirectory scratch_;
  const Configuration configuration_ = BuiltinConfiguration({
      {.name = "codex", .family = "openai", .argv = {"codex"}},
      {.name = "other", .family = "openai", .argv = {"codex"}},
      {.name = "claude", .family = "anthropic", .argv = {"claude"}},
      {.name = "sh", .family = "other", .explicit_only = true, .argv = {"sh"}},
  });
};

TEST_F(RequestTest, TwoFamiliesDebate) {
  EXPECT_EQ(Pair({}), "codex against claude");
  EXPECT_EQ(Pair({"--proposer=claude:opus"}), "claude:opus against codex");
  EXPECT_EQ(Pair({"--critic=codex:m"}), "claude against codex:m");
  EXPECT_EQ(Pair({"--proposer=claude", "--critic=other"}),
            "claude against other");
}

TEST_F(RequestTest, F03_WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(MessageFor({"--proposer=codex", "--critic=other"}),
              HasSubstr("other is of the family of codex, openai"));
  EXPECT_THAT(MessageFor({"--proposer=sh"}), HasSubstr("sh is no agent"));
  EXPECT_THAT(MessageFor({"--critic=claud"}), HasSubstr("did you mean claude"));
  EXPECT_THAT(MessageFor({"--rounds=0"}), HasSubstr("1 to 10 rounds"));
  EXPECT_THAT(MessageFor({"--rounds=11"}), HasSubstr("1 to 10 rounds"));
  EXPECT_THAT(MessageFor({"--output=sarif"}), HasSubstr("text or json"));
  ASSERT_EQ(remove(scratch_.PathOf("claude").c_str()), 0);
  const absl::Status status = Resolve({}).status();
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("there are no two: looked on PATH for claude"));
}

TEST_F(RequestTest, TheSessionIsToldAllOfIt) {
  const Debate debate = {.question = "a\nb",
                         .proposer = {"codex", "m"},
                         .critic = {"claude", ""},
                         .rounds = 2};
  EXPECT_THAT(
      SpawnArguments(debate, {.idle_timeout = absl::Minutes(5)}).value(),
      ElementsAre(EndsWith("/csa-spawn"), "--tool=debate",
                  "--description=debate: a b", "--end-nested",
                  "--stdin=capture", "--", EndsWith("/csa-debate"), "--conduct",
                  "--proposer=codex:m", "--critic=claude", "--rounds=2",
                  "--output=text", "--idle-timeout=5m"));
}

}  // namespace
}  // namespace csa
