#include "tools/plan/step_outcome.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/os/file.h"
#include "common/testing/scratch_directory.h"
#include "common/testing/stored_session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";
constexpr char kSession[] = "STEP_2_SESSION";

class ReadOutcomeTest : public testing::Test {
 protected:
  ReadOutcomeTest() {
    setenv("CSA_STATE_DIR", scratch_.PathOf("state").c_str(), 1);
  }

  // What a step with this output leaves, where `mentioned` are.
  void Read(absl::string_view output, const std::set<std::string>& mentioned,
            const std::string& tool = "bash") {
    const SessionDirectory session = StoreSession({.id = kId});
    EXPECT_TRUE(CreateFileAt(session.fd(), kStdoutFile, output).ok());
    const absl::Status status = ReadOutcome({.id = 2, .tool = tool}, session, 7,
                                            mentioned, variables_, notices_);
    EXPECT_TRUE(status.ok()) << status;
  }

  ScratchDirectory scratch_;
  PlanVariables variables_;
  std::vector<std::string> notices_;
};

TEST_F(ReadOutcomeTest, AStepLeavesItsOutputSessionAndExit) {
  Read("a\n\xFF\nb\n\n\n", {"STEP_2_OUTPUT"});
  EXPECT_THAT(
      variables_.values(),
      UnorderedElementsAre(Pair("STEP_2_OUTPUT", "a\n\xFF\nb"),
                           Pair("STEP_2_EXIT", "7"), Pair(kSession, kId)));
}

TEST_F(ReadOutcomeTest, AnOutputThatNobodyMentionsIsNotKept) {
  variables_.Set("STEP_2_OUTPUT", "the one before");
  Read("a\n", {});
  EXPECT_THAT(
      variables_.values(),
      UnorderedElementsAre(Pair("STEP_2_EXIT", "7"), Pair(kSession, kId)));
}

TEST_F(ReadOutcomeTest, LinesOfAScriptSetVariables) {
  Read(
      "CSA_VAR:A=1=2\nCSA_VAR:B= ${A} \r\nx CSA_VAR:C=1\nCSA_VAR:D=\n"
      "CSA_VAR:A=3\nCSA_VAR:E=last",
      {"A", "B", "C", "D", "E"});
  EXPECT_THAT(
      variables_.values(),
      UnorderedElementsAre(Pair("A", "3"), Pair("B", " ${A} \r"), Pair("D", ""),
                           Pair("E", "last"), Pair("STEP_2_EXIT", "7"),
                           Pair(kSession, kId)));
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(ReadOutcomeTest, AnAgentSetsNone) {
  Read("CSA_VAR:A=1\n", {"A"}, "codex");
  EXPECT_EQ(variables_.values().count("A"), 0);
}

TEST_F(ReadOutcomeTest, WhatIsNotObeyedIsSaid) {
  Read(absl::StrCat("CSA_VAR:PATH=/x\nCSA_VAR:X=1\nCSA_VAR:A\nCSA_VAR:=1\n",
                    "CSA_VAR:A=", std::string(300000, 'x'), "\n"),
       {"A", "PATH"});
  EXPECT_EQ(variables_.values().count("A"), 0);
  EXPECT_EQ(variables_.values().count("PATH"), 0);
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("no step may set that"),
                                    HasSubstr("no step mentions it"),
                                    HasSubstr("it has no '='"),
                                    HasSubstr("no step may set that"),
                                    HasSubstr("the value is too long")));
}

TEST_F(ReadOutcomeTest, LinesAreFoundWhereverTheOutputIsCut) {
  std::string output;
  // Every place in the line comes to the end of a part once.
  for (size_t i = 0; i < 40; ++i) {
    output.append(64 * 1024 - 13, '.');
    absl::StrAppend(&output, "\nCSA_VAR:A=", i, "\n");
  }
  Read(output, {"A"});
  EXPECT_EQ(variables_.values().at("A"), "39");
}

TEST_F(ReadOutcomeTest, AnOutputThatIsTooLongIsUnusable) {
  Read(std::string(kMaxOutputBytes + 1, 'x') + "\nCSA_VAR:A=1\n",
       {"A", "STEP_2_OUTPUT"});
  EXPECT_EQ(variables_.values().at("A"), "1");
  EXPECT_EQ(variables_.values().count("STEP_2_OUTPUT"), 0);
  EXPECT_THAT(variables_.CheckUsable({{.name = "STEP_2_OUTPUT"}}).message(),
              HasSubstr("10 MiB"));
}

}  // namespace
}  // namespace csa
