#include "common/agent/answer.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// The last one, if it is closed.
std::optional<std::string> LastFencedBlock(absl::string_view markdown) {
  const FencedBlocks blocks = FencedBlocksOf(markdown);
  if (blocks.ends_open || blocks.contents.empty()) return std::nullopt;
  return blocks.contents.back();
}

TEST(LastFencedBlock, IsTheLast) {
  EXPECT_EQ(LastFencedBlock("a\n```\nfirst\n```\nb\n```json\n{}\n\n```\nend"),
            "{}\n\n");
  EXPECT_EQ(LastFencedBlock("```\nx\n```"), "x\n");
  EXPECT_EQ(LastFencedBlock("```\n```"), "");
}

TEST(LastFencedBlock, IsNoneWhereNoneIs) {
  EXPECT_EQ(LastFencedBlock(""), std::nullopt);
  EXPECT_EQ(LastFencedBlock("``\nx\n``\n`y`\n    ```\n    z\n"), std::nullopt);
  EXPECT_EQ(LastFencedBlock("``` a ``` b\nx\n"), std::nullopt);
}

TEST(LastFencedBlock, F41_IsNoneWhereTheLastIsNotClosed) {
  EXPECT_EQ(LastFencedBlock("```\nwhole\n```\n```json\n{\"verdict\":"),
            std::nullopt);
  EXPECT_EQ(LastFencedBlock("```\nx\n``` y\n"), std::nullopt);
}

TEST(LastFencedBlock, EndsAtAFenceOfItsOwnKindAndLength) {
  EXPECT_EQ(LastFencedBlock("~~~\n```\nx\n```\n~~~~ \n"), "```\nx\n```\n");
  EXPECT_EQ(LastFencedBlock("````md\n```\nx\n```\n````\n"), "```\nx\n```\n");
  EXPECT_EQ(LastFencedBlock("  ```\n  x\n   ```\n"), "  x\n");
}

TEST(LastFencedBlock, ReadsLinesThatEndAsOnWindows) {
  EXPECT_EQ(LastFencedBlock("```json\r\n{}\r\n```\r\n"), "{}\r\n");
}

TEST(StatedJson, IsThatOfTheFileOrOfTheLastBlock) {
  const std::string block = "x\n```json\n{\"v\": 1}\n```\n";
  EXPECT_EQ(StatedJson(std::nullopt, block, "v").value(),
            (nlohmann::json{{"v", 1}}));
  EXPECT_EQ(StatedJson("{\"v\": 2}", "prose\n```sh\nmake\n```", "v").value(),
            (nlohmann::json{{"v", 2}}));
  EXPECT_TRUE(StatedJson("{\"v\": 1}", block, "v").ok());
  EXPECT_FALSE(StatedJson(std::nullopt, "{\"v\": 1}", "v").ok());
  EXPECT_FALSE(StatedJson("", block, "v").ok());
}

TEST(StatedJson, F41_FileAndAnswerDoNotContradictEachOther) {
  for (const char* answer :
       {"```\n{\"v\": 2}\n```\n", "```\n{\"v\": 1, \"v\": 1}\n```\n",
        "```\n{\"v\": 1,}\n```\n", "```\n{\"v\": 1", "{\"v\": 1}",
        "```\n[{\"v\": 1}]\n```\n", "```\n{\"v\": 1}\n```\nBut no.\n"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(StatedJson("{\"v\": 1}", answer, "v").status()))
        << answer;
  }
}

TEST(StatedJson, F41_AnAnswerDoesNotContradictItself) {
  const std::string one = "```\n{\"v\": 1}\n```\n";
  EXPECT_TRUE(StatedJson(std::nullopt, one + "so:\n" + one, "v").ok());
  EXPECT_TRUE(
      StatedJson(std::nullopt, "```sh\nmake\n```\n" + one + "\n \n", "v").ok());
  for (const std::string& answer :
       {"```\n{\"v\": 2}\n```\n" + one, one + "Wait: there is more.\n",
        one + "* this:\n    ```\n    {\"v\": 2}\n    ```\n"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(StatedJson(std::nullopt, answer, "v").status()))
        << answer;
  }
}

TEST(StatedJson, F41_IsOfBoundedSize) {
  const std::string deep(kMaxStatedBytes, '[');
  EXPECT_THAT(std::string(StatedJson(deep + "[", "", "v").status().message()),
              testing::HasSubstr("longer than 1 MiB"));
  EXPECT_FALSE(StatedJson(deep, "", "v").ok());
}

}  // namespace
}  // namespace csa
