#include "tools/doctor/agent_checks.h"

#include <sys/stat.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using Result = Finding::Result;
using ::testing::HasSubstr;

TEST(JudgeAgents, OneIsEnough) {
  const Finding one = JudgeAgents({"codex"}, {});
  EXPECT_EQ(one.result, Result::kOk);
  EXPECT_EQ(one.found, "on PATH: codex");
  const Finding some = JudgeAgents({"a", "b"}, {"c", "d"});
  EXPECT_EQ(some.result, Result::kOk);
  EXPECT_EQ(some.found, "on PATH: a, b; could be installed: c, d");
  EXPECT_EQ(some.advice, "");
}

TEST(JudgeAgents, NoneIsWorthAWarning) {
  const Finding none = JudgeAgents({}, {"a", "b"});
  EXPECT_EQ(none.result, Result::kWarning);
  EXPECT_EQ(none.found, "none is on PATH; looked for a, b");
  EXPECT_THAT(none.advice, HasSubstr("install"));
}

TEST(JudgeVersion, NamesVersionAndPath) {
  const Finding good = JudgeVersion({.name = "codex"}, "/bin/codex", {"1.2.3"});
  EXPECT_EQ(good.check, "agent_codex");
  EXPECT_EQ(good.result, Result::kOk);
  EXPECT_EQ(good.found, "1.2.3 (/bin/codex)");
  const Finding bad = JudgeVersion({.name = "codex"}, "/bin/codex",
                                   absl::FailedPreconditionError("why"));
  EXPECT_EQ(bad.result, Result::kWarning);
  EXPECT_EQ(bad.found, "/bin/codex --version: why");
  EXPECT_NE(bad.advice, "");
}

TEST(CheckAgents, LooksForAllThatMayBeChosen) {
  const ScratchDirectory scratch;
  const auto put = [&](const std::string& name, mode_t mode) {
    WriteFile(scratch.PathOf(name), "#!/bin/sh\necho 1.2.3\n");
    ASSERT_EQ(chmod(scratch.PathOf(name).c_str(), mode), 0);
  };
  put("first", 0700);
  put("second", 0600);
  put("named", 0700);
  setenv("PATH", scratch.path().c_str(), 1);
  const std::vector<Finding> findings = CheckAgents({
      {.name = "one", .argv = {"first"}},
      {.name = "two", .argv = {"second"}},
      {.name = "three", .argv = {"third"}},
      {.name = "four", .explicit_only = true, .argv = {"named"}},
  });
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].found, "on PATH: one; could be installed: two, three");
  EXPECT_EQ(findings[1].check, "agent_one");
  EXPECT_EQ(findings[1].found,
            absl::StrCat("1.2.3 (", scratch.PathOf("first"), ")"));
  EXPECT_EQ(findings[2].check, "agent_two");
  EXPECT_EQ(findings[2].result, Result::kWarning);
  EXPECT_THAT(findings[2].found, HasSubstr("may not be executed"));
}

}  // namespace
}  // namespace csa
