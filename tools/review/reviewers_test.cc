#include "tools/review/reviewers.h"

#include <sys/stat.h>

#include <cstdlib>

#include "common/cli/exit_status.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReviewersTest : public testing::Test {
 protected:
  ReviewersTest() {
    setenv("PATH", scratch_.path().c_str(), 1);
    for (const char* program : {"codex", "claude", "gemini", "sh"}) {
      WriteFile(scratch_.PathOf(program), "");
      EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), 0700), 0);
    }
  }

  static std::vector<std::string> NamesOf(
      const absl::StatusOr<std::vector<TierTool>>& reviewers) {
    std::vector<std::string> names;
    EXPECT_TRUE(reviewers.ok()) << reviewers.status();
    for (const TierTool& reviewer : *reviewers) {
      names.push_back(reviewer.tool + "/" + reviewer.model);
    }
    return names;
  }

  ScratchDirectory scratch_;
  const Configuration configuration_ = BuiltinConfiguration({
      {.name = "codex", .family = "openai", .argv = {"codex"}},
      {.name = "claude", .family = "anthropic", .argv = {"claude"}},
      {.name = "gemini", .family = "google", .argv = {"gemini"}},
      {.name = "sh", .family = "other", .explicit_only = true, .argv = {"sh"}},
  });
};

TEST_F(ReviewersTest, AreOfAnotherFamily) {
  EXPECT_THAT(NamesOf(ChooseReviewers(configuration_, "openai", 1)),
              ElementsAre("claude/"));
  EXPECT_THAT(NamesOf(ChooseReviewers(configuration_, "anthropic", 3)),
              ElementsAre("codex/", "gemini/", "codex/"));
  EXPECT_THAT(NamesOf(ChooseReviewers(configuration_, "", 3)),
              ElementsAre("codex/", "claude/", "gemini/"));
}

TEST_F(ReviewersTest, AreNotOfTheCallersFamilyForWantOfAnother) {
  for (const char* program : {"claude", "gemini"}) {
    ASSERT_EQ(remove(scratch_.PathOf(program).c_str()), 0);
  }
  const absl::Status status =
      ChooseReviewers(configuration_, "openai", 1).status();
  EXPECT_EQ(ExitStatusFor(status), ExitStatus::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("than the caller's, which is openai"),
                    HasSubstr("claude, gemini"), HasSubstr("--reviewer")));
}

TEST_F(ReviewersTest, CanBeNamed) {
  std::vector<std::string> notes;
  EXPECT_THAT(NamesOf(NamedReviewers(configuration_, "openai",
                                     {"claude:opus", "gemini"}, notes)),
              ElementsAre("claude/opus", "gemini/"));
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_THAT(
      NamesOf(NamedReviewers(configuration_, "openai", {"codex"}, notes)),
      ElementsAre("codex/"));
  EXPECT_THAT(notes, ElementsAre("the reviewer codex is of the caller's own "
                                 "family, openai"));
}

TEST_F(ReviewersTest, F03_WhoIsNamedMustBeThere) {
  std::vector<std::string> notes;
  const auto message = [&](const std::string& name) {
    return std::string(
        NamedReviewers(configuration_, "", {name}, notes).status().message());
  };
  EXPECT_THAT(message("claud"), HasSubstr("did you mean claude?"));
  EXPECT_THAT(message("sh"), HasSubstr("sh is no agent"));
  EXPECT_THAT(message("claude:--yolo"), HasSubstr("--reviewer: "));
  ASSERT_EQ(remove(scratch_.PathOf("gemini").c_str()), 0);
  EXPECT_THAT(message("gemini:pro"),
              HasSubstr("gemini (--reviewer) is not installed"));
}

}  // namespace
}  // namespace csa
