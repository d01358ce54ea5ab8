#include "common/agent/answer.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

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

TEST(FenceFor, IsNotInTheText) {
  EXPECT_EQ(FenceFor(""), "```");
  EXPECT_EQ(FenceFor("`a` ~~~~\n~~~~"), "```");
  EXPECT_EQ(FenceFor("```\nx\n  `````c\n"), "``````");
  const std::string text = "x\n```\n````\n";
  EXPECT_EQ(LastFencedBlock(
                absl::StrCat(FenceFor(text), "\n", text, FenceFor(text), "\n")),
            text);
}

}  // namespace
}  // namespace csa
