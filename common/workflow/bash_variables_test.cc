#include "common/workflow/bash_variables.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// "NAME", or "NAME-FALLBACK", of each mention.
std::vector<std::string> Mentions(absl::string_view script) {
  std::vector<std::string> mentions;
  for (const VariableUse& use : FindVariablesOfBash(script)) {
    EXPECT_EQ(script[use.offset], '$');
    mentions.push_back(use.name +
                       (use.fallback.has_value() ? "-" + *use.fallback : ""));
  }
  return mentions;
}

// The names of what `script` gives a value.
std::vector<std::string> Values(absl::string_view script) {
  std::vector<std::string> names;
  for (const auto& [name, from] : FindValuesOfBash(script)) {
    names.push_back(name);
  }
  return names;
}

TEST(FindVariablesOfBash, KnowsTheFormsOfExpansion) {
  EXPECT_THAT(Mentions("a $B \"${C}\" '${D}' # ${E}"),
              ElementsAre("B", "C", "D", "E"));
  EXPECT_THAT(Mentions("${#A} ${!B} ${C[0]} ${D#x} ${E/a/b} ${F:?no}"),
              ElementsAre("A", "B", "C", "D", "E", "F"));
  EXPECT_THAT(Mentions("$1 $@ $? $$ ${1} ${@} $( $ ${} ${-}"), IsEmpty());
}

TEST(FindVariablesOfBash, KeepsFallbacks) {
  EXPECT_THAT(Mentions("${A:-x y} ${B-x} ${C:+x} ${D:=x}"),
              ElementsAre("A-x y", "B", "C", "D"));
  EXPECT_THAT(Mentions("${A:-${B}} ${C:-$D}"),
              ElementsAre("A-${B}", "B", "C-$D", "D"));
}

TEST(FindValuesOfBash, KnowsHowVariablesGetOne) {
  EXPECT_THAT(Values("A=1; B=2 && C+=x\nif true; then D=4; fi\n{ E[1]=x; }"),
              ElementsAre("A", "B", "C", "D", "E"));
  EXPECT_THAT(Values("export A=1\nlocal -r B=2\ndeclare -a C=()\n(D=4)"),
              ElementsAre("A", "B", "C", "D"));
  EXPECT_THAT(Values("for A in x; do :; done\nwhile IFS= read -r B C; do :;\n"
                     "printf -v D x\nmapfile -t E < x"),
              testing::IsSupersetOf({"A", "B", "C", "D", "E"}));
}

TEST(FindValuesOfBash, SaysFromWhereOn) {
  EXPECT_THAT(FindValuesOfBash("x\nA=$A\nA=2\n"), ElementsAre(Pair("A", 7)));
}

TEST(FindValuesOfBash, LeavesOutWhatIsAnOperand) {
  EXPECT_THAT(Values("git -c a.b=1 log\ncsa run --env X=1\n[ \"$A\" = b ]"),
              IsEmpty());
}

}  // namespace
}  // namespace csa
