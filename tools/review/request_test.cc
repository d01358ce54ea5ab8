#include "tools/review/request.h"

#include <sys/stat.h>

#include <cstdlib>

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RequestTest : public testing::Test {
 protected:
  RequestTest() {
    setenv("PATH", scratch_.path().c_str(), 1);
    setenv("CSA_TOOL", "codex", 1);
    for (const char* program : {"codex", "claude"}) {
      WriteFile(scratch_.PathOf(program), "");
      EXPECT_EQ(chmod(scratch_.PathOf(program).c_str(), 0700), 0);
    }
    file_ = scratch_.PathOf("file");
    WriteFile(file_, "the text\n");
  }

  absl::StatusOr<Request> Resolve(const std::vector<std::string>& arguments) {
    const absl::StatusOr<std::vector<std::string>> operands =
        ParseOptions(arguments, OptionOrder::kAnywhere);
    if (!operands.ok()) return operands.status();
    return ResolveRequest(configuration_, *operands);
  }

  // The same, with the flags as they were afterwards.
  absl::StatusOr<Request> ResolveAlone(
      const std::vector<std::string>& arguments) {
    const absl::FlagSaver saver;
    return Resolve(arguments);
  }

  std::string MessageFor(const std::vector<std::string>& arguments) {
    return std::string(ResolveAlone(arguments).status().message());
  }

  const absl::FlagSaver saver_;
  ScratchDirectory scratch_;
  std::string file_;
  const Configuration configuration_ = BuiltinConfiguration({
      {.name = "codex", .family = "openai", .argv = {"codex"}},
      {.name = "claude", .family = "anthropic", .argv = {"claude"}},
  });
};

TEST_F(RequestTest, AnotherFamilyReviewsUnlessSaidOtherwise) {
  const absl::StatusOr<Request> request = Resolve({"--files", file_});
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->review.reviewers.size(), 1);
  EXPECT_EQ(request->review.reviewers[0].agent.tool, "claude");
  EXPECT_THAT(request->prompt, HasSubstr("the text\n"));
  EXPECT_THAT(request->prompt,
              HasSubstr("\"enum\": [\"clean\", \"findings\", \"uncertain\"]"));
}

TEST_F(RequestTest, F03_WhatMakesNoSenseIsRefused) {
  EXPECT_THAT(MessageFor({"--files", "--commit=HEAD", file_}),
              StartsWith("one of --diff, --commit"));
  EXPECT_THAT(MessageFor({file_}),
              HasSubstr("Files are reviewed with --files"));
  EXPECT_THAT(MessageFor({"--files", "--reviewers=10", file_}),
              HasSubstr("1 to 9 reviewers"));
  EXPECT_THAT(MessageFor({"--files", "--reviewers=0", file_}),
              HasSubstr("1 to 9 reviewers"));
  EXPECT_THAT(
      MessageFor({"--files", "--reviewers=2", "--reviewer=codex", file_}),
      HasSubstr("not both"));
  EXPECT_THAT(MessageFor({"--output=html"}), HasSubstr("text, json or sarif"));
}

TEST_F(RequestTest, TheSessionIsToldAllOfIt) {
  absl::StatusOr<Request> request =
      ResolveAlone({"--files", "--reviewer=codex:m", "--reviewer=claude",
                    "--consensus=any", "--output=sarif", file_});
  ASSERT_TRUE(request.ok()) << request.status();
  request->review.cut = true;
  const absl::StatusOr<std::vector<std::string>> arguments =
      SpawnArguments(*request, {.timeout = absl::Hours(1),
                                .idle_timeout = absl::Minutes(5),
                                .labels = {{"k", "v"}},
                                .environment = {{"A", "1"}}});
  ASSERT_TRUE(arguments.ok()) << arguments.status();
  EXPECT_THAT(
      *arguments,
      ElementsAre(EndsWith("/csa-spawn"), "--tool=review",
                  "--description=review of the files", "--timeout=1h",
                  "--label=k=v", "--env=A=1", "--end-nested", "--stdin=capture",
                  "--", EndsWith("/csa-review"), "--conduct",
                  "--what=the files", "--consensus=any", "--output=sarif",
                  "--cut", "--reviewer=codex:m", "--reviewer=claude",
                  "--idle-timeout=5m", "--env-name=A"));
  // And makes the same of it.
  ASSERT_TRUE(ParseOptions({arguments->begin() + 11, arguments->begin() + 17},
                           OptionOrder::kAnywhere)
                  .ok());
  const absl::StatusOr<Request> conducted = ConductedRequest();
  ASSERT_TRUE(conducted.ok()) << conducted.status();
  EXPECT_EQ(conducted->format, ReviewFormat::kSarif);
  EXPECT_EQ(FormatReviewJson(conducted->review),
            FormatReviewJson(request->review));
}

TEST_F(RequestTest, NobodyIsToConductNothing) {
  EXPECT_TRUE(absl::IsInvalidArgument(ConductedRequest().status()));
}

}  // namespace
}  // namespace csa
