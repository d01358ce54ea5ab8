#include "tools/review/consensus.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One opinion for each letter: c(lean), f(indings), u(ncertain).
Verdict Of(Consensus consensus, const std::string& letters) {
  std::vector<Opinion> opinions;
  for (const char letter : letters) {
    opinions.push_back({.verdict = letter == 'c'   ? Verdict::kClean
                                   : letter == 'f' ? Verdict::kFindings
                                                   : Verdict::kUncertain});
  }
  return Agree(consensus, opinions);
}

TEST(Agree, MoreThanHalfAreAMajority) {
  const auto majority = [](const std::string& letters) {
    return Of(Consensus::kMajority, letters);
  };
  EXPECT_EQ(majority("c"), Verdict::kClean);
  EXPECT_EQ(majority("f"), Verdict::kFindings);
  EXPECT_EQ(majority("u"), Verdict::kUncertain);
  EXPECT_EQ(majority("ccf"), Verdict::kClean);
  EXPECT_EQ(majority("ffc"), Verdict::kFindings);
  for (const char* const none : {"cf", "cfu", "ccff", "cu", "fu", "ccuu"}) {
    EXPECT_EQ(majority(none), Verdict::kUncertain) << none;
  }
}

TEST(Agree, UnanimousAreAll) {
  const auto unanimous = [](const std::string& letters) {
    return Of(Consensus::kUnanimous, letters);
  };
  EXPECT_EQ(unanimous("ccc"), Verdict::kClean);
  EXPECT_EQ(unanimous("ff"), Verdict::kFindings);
  for (const char* const none : {"ccf", "ffc", "ccu", "uu"}) {
    EXPECT_EQ(unanimous(none), Verdict::kUncertain) << none;
  }
}

TEST(Agree, OneThatFindsSomethingCanBeEnough) {
  const auto any = [](const std::string& letters) {
    return Of(Consensus::kAny, letters);
  };
  EXPECT_EQ(any("ccc"), Verdict::kClean);
  EXPECT_EQ(any("ccf"), Verdict::kFindings);
  EXPECT_EQ(any("uuf"), Verdict::kFindings);
  EXPECT_EQ(any("ccu"), Verdict::kUncertain);
}

TEST(Agree, F41_NobodyIsNotClean) {
  for (const Consensus consensus :
       {Consensus::kMajority, Consensus::kUnanimous, Consensus::kAny}) {
    EXPECT_EQ(Of(consensus, ""), Verdict::kUncertain);
  }
}

TEST(Gather, PutsTheWorstFirstAndNamesAllWhoFoundIt) {
  const Finding low = {"low", "a", 1, "small", "x"};
  const Finding high = {"high", "b", std::nullopt, "big", "y"};
  Finding again = low;
  again.detail = "in other words";
  const std::vector<SharedFinding> shared =
      Gather({{.verdict = Verdict::kFindings, .findings = {low, high}},
              {},
              {.verdict = Verdict::kFindings, .findings = {again, again}}});
  ASSERT_EQ(shared.size(), 2);
  EXPECT_EQ(shared[0].finding, high);
  EXPECT_THAT(shared[0].stated_by, ElementsAre(0));
  EXPECT_EQ(shared[1].finding, low);
  EXPECT_THAT(shared[1].stated_by, ElementsAre(0, 2));
  EXPECT_THAT(Gather({}), IsEmpty());
}

TEST(Consensus, HasNames) {
  for (const Consensus consensus :
       {Consensus::kMajority, Consensus::kUnanimous, Consensus::kAny}) {
    Consensus read = Consensus::kMajority;
    std::string error;
    EXPECT_TRUE(AbslParseFlag(AbslUnparseFlag(consensus), &read, &error));
    EXPECT_EQ(read, consensus);
  }
  Consensus read = Consensus::kMajority;
  std::string error;
  EXPECT_FALSE(AbslParseFlag("most", &read, &error));
  EXPECT_EQ(error, "it is majority, unanimous or any");
}

}  // namespace
}  // namespace csa
