#include "tools/weave/diff.h"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

TEST(Diff, IsNothingWhereNothingDiffers) {
  EXPECT_EQ(Diff("p", "", ""), "");
  EXPECT_EQ(Diff("p", "a\nb", "a\nb"), "");
}

TEST(Diff, ShowsThreeLinesAroundWhatDiffers) {
  EXPECT_EQ(Diff("d/x y", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
                 "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- d/x y\t\n+++ d/x y\t(compiled)\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n"
            "-5\n+five\n 6\n 7\n 8");
  EXPECT_EQ(Diff("p", "1\n2\n", "0\n1\n2\n"),
            "--- p\t\n+++ p\t(compiled)\n@@ -1,2 +1,3 @@\n+0\n 1\n 2");
  EXPECT_EQ(Diff("p", "1\n2\n3\n", "1\n"),
            "--- p\t\n+++ p\t(compiled)\n@@ -1,3 +1,1 @@\n 1\n-2\n-3");
}

TEST(Diff, OfNothing) {
  EXPECT_EQ(Diff("p", "", "a\nb\n"),
            "--- p\t\n+++ p\t(compiled)\n@@ -0,0 +1,2 @@\n+a\n+b");
  EXPECT_EQ(Diff("p", "a\n", ""),
            "--- p\t\n+++ p\t(compiled)\n@@ -1,1 +0,0 @@\n-a");
}

TEST(Diff, ShowsAMissingNewline) {
  EXPECT_EQ(Diff("p", "a\nb", "a\nb\n"),
            "--- p\t\n+++ p\t(compiled)\n@@ -1,2 +1,2 @@\n a\n-b\n"
            "\\ No newline at end of file\n+b");
  EXPECT_EQ(Diff("p", "a\nb", "c\nb"),
            "--- p\t\n+++ p\t(compiled)\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n"
            "\\ No newline at end of file");
}

// What `before` becomes by the hunk in `diff`, checked line by line.
std::string Applied(const std::string& before, const std::string& diff) {
  std::vector<std::string> lines = absl::StrSplit(diff, '\n');
  int old_begin = 0;
  int old_count = 0;
  int new_begin = 0;
  int new_count = 0;
  EXPECT_EQ(std::sscanf(lines.at(2).c_str(), "@@ -%d,%d +%d,%d @@", &old_begin,
                        &old_count, &new_begin, &new_count),
            4);
  absl::string_view rest = before;
  std::string after;
  for (int i = old_count == 0 ? 0 : 1; i < old_begin; ++i) {
    const size_t length = rest.find('\n') + 1;
    absl::StrAppend(&after, rest.substr(0, length));
    rest.remove_prefix(length);
  }
  for (size_t i = 3; i < lines.size(); ++i) {
    if (lines[i][0] == '\\') continue;
    const bool ends = i + 1 == lines.size() || lines[i + 1][0] != '\\';
    const std::string line = lines[i].substr(1) + (ends ? "\n" : "");
    const char mark = lines[i][0];
    if (mark != '+') {
      EXPECT_TRUE(absl::ConsumePrefix(&rest, line)) << diff;
      --old_count;
    }
    if (mark != '-') {
      absl::StrAppend(&after, line);
      --new_count;
    }
  }
  EXPECT_EQ(old_count, 0) << diff;
  EXPECT_EQ(new_count, 0) << diff;
  return absl::StrCat(after, rest);
}

TEST(Diff, LeadsFromOneToTheOther) {
  std::mt19937 random(1);
  const auto make_text = [&] {
    constexpr absl::string_view kLines[] = {"", "a", "b", "-", "+", "\\"};
    std::string text;
    for (size_t i = random() % 12; i > 0; --i) {
      absl::StrAppend(&text, kLines[random() % std::size(kLines)], "\n");
    }
    if (random() % 3 == 0) absl::StrAppend(&text, "end");
    return text;
  };
  for (int i = 0; i < 5000; ++i) {
    const std::string before = make_text();
    const std::string after = make_text();
    if (before == after) continue;
    ASSERT_EQ(Applied(before, Diff("p", before, after)), after);
  }
}

}  // namespace
}  // namespace csa
