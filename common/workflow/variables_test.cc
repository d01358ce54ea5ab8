#include "common/workflow/variables.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/testing/repeat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kMebibyte = 1 << 20;

VariableUse Use(std::string name, size_t offset, size_t length,
                std::optional<std::string> fallback = std::nullopt) {
  return {std::move(name), std::move(fallback), offset, length};
}

std::string Substituted(absl::string_view text, const Variables& variables) {
  const absl::StatusOr<std::string> result = Substitute(text, variables);
  return result.ok() ? *result : std::string(result.status().message());
}

TEST(IsVariableName, TakesWordsThatBeginWithNoDigit) {
  for (const absl::string_view name : {"a", "_", "A_9", "__1", "STEP_1_EXIT"}) {
    EXPECT_TRUE(IsVariableName(name)) << name;
  }
  for (const absl::string_view name :
       {"", "1", "9a", "a-b", "a b", " a", "a\n", "\xc3\xa9", "a."}) {
    EXPECT_FALSE(IsVariableName(name)) << name;
  }
  EXPECT_FALSE(IsVariableName(absl::string_view("a\0", 2)));
}

TEST(FindVariables, FindsBothForms) {
  EXPECT_THAT(FindVariables("${A} and ${_b9:-x y}${C:-}"),
              ElementsAre(Use("A", 0, 4), Use("_b9", 9, 11, "x y"),
                          Use("C", 20, 6, "")));
}

TEST(FindVariables, EndsAFallbackAtItsOwnBrace) {
  EXPECT_THAT(FindVariables("${A:-${B:-${C}}} }"),
              ElementsAre(Use("A", 0, 16, "${B:-${C}}")));
  EXPECT_THAT(FindVariables("${A:-{x}}"), ElementsAre(Use("A", 0, 8, "{x")));
  EXPECT_THAT(FindVariables("${A:-\"}\"}"), ElementsAre(Use("A", 0, 7, "\"")));
}

TEST(FindVariables, KnowsNoEscapes) {
  EXPECT_THAT(FindVariables("\\${A} $${B} '${C}'"),
              ElementsAre(Use("A", 1, 4), Use("B", 7, 4), Use("C", 13, 4)));
}

TEST(FindVariables, TakesTheRestForText) {
  for (const absl::string_view text :
       {"",      "$",     "${",      "${}",    "$A",     "{A}",     "$ {A}",
        "${ A}", "${A }", "${1}",    "${A-b}", "${A:b}", "${A:=b}", "${A:+b}",
        "${#A}", "${!A}", "${A[0]}", "${A",    "${A:-",  "${A:-}x"}) {
    const bool is_one = text == "${A:-}x";
    EXPECT_EQ(FindVariables(text).size(), is_one ? 1 : 0) << text;
  }
  EXPECT_THAT(FindVariables("${A:-${B}"), ElementsAre(Use("B", 5, 4)));
  EXPECT_THAT(FindVariables("${1:-${B}}"), ElementsAre(Use("B", 5, 4)));
  EXPECT_THAT(FindVariables("} ${ ${B} ${"), ElementsAre(Use("B", 5, 4)));
}

TEST(FindVariables, TakesAnyBytes) {
  const std::string text("\xff\0${A}\0${B:-\0\xc3}", 15);
  EXPECT_THAT(
      FindVariables(text),
      ElementsAre(Use("A", 2, 4), Use("B", 7, 8, std::string("\0\xc3", 2))));
}

TEST(FindVariables, TakesAMebibyteInItsStride) {
  EXPECT_THAT(FindVariables(Repeat("${a:-", kMebibyte / 5)), IsEmpty());
  EXPECT_THAT(FindVariables(Repeat("${", kMebibyte / 2)), IsEmpty());
  EXPECT_THAT(FindVariables(Repeat("a", kMebibyte)), IsEmpty());
  EXPECT_EQ(FindVariables(Repeat("${a}", kMebibyte / 4)).size(), kMebibyte / 4);
  const size_t count = kMebibyte / 6;
  EXPECT_EQ(FindVariables(Repeat("${a:-", count) + Repeat("}", count)).size(),
            1);
}

TEST(Substitute, PutsValuesIn) {
  const Variables variables = {{"A", "a"}, {"B", "${A}"}, {"E", ""}};
  EXPECT_EQ(Substituted("", variables), "");
  EXPECT_EQ(Substituted("no mention, $A {A}", variables), "no mention, $A {A}");
  EXPECT_EQ(Substituted("<${A}${A}>", variables), "<aa>");
  EXPECT_EQ(Substituted("<${E}>", variables), "<>");
  EXPECT_EQ(Substituted("${E:-x} ${N:-y} ${A:-z} ${N:-}", variables), "x y a ");
  EXPECT_EQ(Substituted("\\${A} $${A}", variables), "\\a $a");
}

TEST(Substitute, F44_LooksAtNothingTwice) {
  const Variables variables = {
      {"A", "${B}"}, {"B", "${A}"}, {"C", "$"}, {"D", "${"}};
  EXPECT_EQ(Substituted("${A} ${B}", variables), "${B} ${A}");
  EXPECT_EQ(Substituted("${C}{A}", variables), "${A}");
  EXPECT_EQ(Substituted("${D}A}", variables), "${A}");
  EXPECT_EQ(Substituted("${N:-${A}}", variables), "${A}");
}

TEST(Substitute, TakesAnyBytes) {
  const std::string bytes("\xff\0\n", 3);
  EXPECT_EQ(Substituted(bytes + "${A}" + bytes, {{"A", bytes}}),
            bytes + bytes + bytes);
}

TEST(Substitute, NamesAllThatAreMissing) {
  const absl::Status status =
      Substitute("${B} ${A} ${B} ${C} ${D:-}", {{"C", ""}}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(status.message(), "no value for B, A");
}

}  // namespace
}  // namespace csa
