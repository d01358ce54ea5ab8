#include "common/base/fenced_code.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// A letter for each line: what it is.
std::string KindsOf(absl::string_view text) {
  FencedCode code;
  std::string kinds;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    kinds.push_back("tocx"[static_cast<int>(code.Next(line))]);
  }
  return kinds;
}

TEST(FencedCode, TellsCodeFromText) {
  EXPECT_EQ(KindsOf("a\n```sh\nb\n## c\n```\nd"), "toccxt");
  EXPECT_EQ(KindsOf("~~~\n```\n~~~~\n"), "ocxt");
  EXPECT_EQ(KindsOf("   ````\n```\n````x\n````  "), "occx");
  EXPECT_EQ(KindsOf("    ```\n``\n``` a ``` b"), "ttt");
  EXPECT_EQ(KindsOf("```\n~~~\na"), "occ");
}

TEST(FencedCode, KnowsWhatIsOpen) {
  FencedCode code;
  EXPECT_FALSE(code.is_open());
  code.Next("``` bash x=1\r");
  EXPECT_TRUE(code.is_open());
  EXPECT_EQ(code.language(), "bash");
  code.Next("```\r");
  EXPECT_FALSE(code.is_open());
  code.Next("~~~");
  EXPECT_EQ(code.language(), "");
}

TEST(FenceFor, IsClosedByNoLineOfTheText) {
  EXPECT_EQ(FenceFor(""), "```");
  EXPECT_EQ(FenceFor("`a` ~~~~\n~~~~"), "```");
  const std::string text = "```\nx\n  `````c\n`````";
  const std::string fence = FenceFor(text);
  EXPECT_EQ(fence, "``````");
  EXPECT_EQ(KindsOf(absl::StrCat(fence, "\n", text, "\n", fence)), "occccx");
}

}  // namespace
}  // namespace csa
