#include "tools/review/verdict.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/review/verdict_schema.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Json Bug() {
  return {{"severity", "high"},
          {"file", "a.cc"},
          {"line", 7},
          {"title", "it leaks"},
          {"detail", "because"}};
}

Json With(const Json& finding) {
  return {{"verdict", "findings"}, {"findings", {finding}}};
}

Json Clean() { return {{"verdict", "clean"}, {"findings", Json::array()}}; }

// What is in a file that states `json`, and in no other place.
Opinion Stated(const std::string& json) { return OpinionOf(json, ""); }

std::string Block(const Json& json) {
  return absl::StrCat("I looked.\n```json\n", json.dump(), "\n```\n");
}

TEST(OpinionOf, ReadsVerdicts) {
  EXPECT_EQ(Stated(Clean().dump()), (Opinion{.verdict = Verdict::kClean}));
  Json without_line = Bug();
  without_line["line"] = nullptr;
  EXPECT_EQ(
      Stated(Json{{"verdict", "findings"}, {"findings", {Bug(), without_line}}}
                 .dump()),
      (Opinion{.verdict = Verdict::kFindings,
               .findings = {
                   {"high", "a.cc", 7, "it leaks", "because"},
                   {"high", "a.cc", std::nullopt, "it leaks", "because"}}}));
  Json uncertain = Clean();
  uncertain["verdict"] = "uncertain";
  EXPECT_EQ(Stated(uncertain.dump()).reason, "the reviewer says so");
  uncertain["summary"] = "no compiler";
  EXPECT_EQ(Stated(uncertain.dump()), (Opinion{.reason = "no compiler"}));
}

TEST(OpinionOf, F41_WhatIsInvalidIsUncertain) {
  std::vector<Json> invalid = {
      Json::array(),
      "clean",
      nullptr,
      Json::object(),
      {{"verdict", "clean"}},
      {{"verdict", "PASS"}, {"findings", Json::array()}},
      {{"verdict", true}, {"findings", Json::array()}},
      {{"verdict", "clean"}, {"findings", nullptr}},
      {{"verdict", "clean"}, {"findings", Json::object()}},
      {{"verdict", "clean"}, {"findings", Json::array()}, {"summary", 1}},
      With("a bug"),
  };
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, Json>>{{"severity", "terrible"},
                                                 {"severity", 1},
                                                 {"file", nullptr},
                                                 {"line", 0},
                                                 {"line", -1},
                                                 {"line", "7"},
                                                 {"line", 1.5},
                                                 {"line", UINT64_MAX},
                                                 {"title", " "},
                                                 {"title", 5},
                                                 {"detail", Json::array()}}) {
    Json finding = Bug();
    finding[key] = value;
    invalid.push_back(With(finding));
    finding.erase(key);
    invalid.push_back(With(finding));
  }
  for (const Json& json : invalid) {
    const Opinion opinion = Stated(json.dump());
    EXPECT_EQ(opinion.verdict, Verdict::kUncertain) << json;
    EXPECT_THAT(opinion.findings, testing::IsEmpty()) << json;
    EXPECT_THAT(opinion.reason, StartsWith("there is no valid verdict: "))
        << json;
  }
  for (const char* text : {"", "clean", "{", "{} {}", "{'verdict':'clean'}"}) {
    EXPECT_EQ(Stated(text).reason, "there is no valid verdict: it is no JSON")
        << text;
  }
}

TEST(OpinionOf, F41_WhatContradictsItselfIsUncertain) {
  Json clean = With(Bug());
  clean["verdict"] = "clean";
  EXPECT_THAT(Stated(clean.dump()).reason,
              HasSubstr("it is clean, and has findings"));
  Json none = Clean();
  none["verdict"] = "findings";
  EXPECT_THAT(Stated(none.dump()).reason,
              HasSubstr("it has findings, and lists none"));
  EXPECT_THAT(Stated(R"({"verdict": "findings", "findings": [],
                               "verdict": "clean"})")
                  .reason,
              HasSubstr("a key stands twice"));
}

TEST(OpinionOf, IsThatOfTheLastBlock) {
  EXPECT_EQ(OpinionOf(std::nullopt, Block(Clean())).verdict, Verdict::kClean);
  EXPECT_EQ(
      OpinionOf(std::nullopt, absl::StrCat(Block(Clean()), Block(With(Bug()))))
          .verdict,
      Verdict::kUncertain);
}

TEST(OpinionOf, F41_IsNotThatOfProse) {
  for (const std::string& answer :
       {std::string(), std::string("PASS. The verdict is clean.\n"),
        Clean().dump(), absl::StrCat("`", Clean().dump(), "`"),
        std::string("```json\n{\"verdict\": \"clean\", \"findings\": []}\n")}) {
    EXPECT_EQ(OpinionOf(std::nullopt, answer).verdict, Verdict::kUncertain)
        << answer;
  }
  EXPECT_EQ(
      OpinionOf(std::nullopt, Block(Clean()) + "```sh\nmake\n```").verdict,
      Verdict::kUncertain);
}

TEST(OpinionOf, IsThatOfTheFile) {
  EXPECT_EQ(OpinionOf(With(Bug()).dump(), "prose").verdict, Verdict::kFindings);
  EXPECT_EQ(OpinionOf(Clean().dump(), "```sh\nmake\n```").verdict,
            Verdict::kClean);
  EXPECT_EQ(OpinionOf(Clean().dump(), "```\n[1]\n```").verdict,
            Verdict::kClean);
  EXPECT_EQ(OpinionOf(Clean().dump(), Block(Clean())).verdict, Verdict::kClean);
  EXPECT_EQ(OpinionOf("", Block(Clean())).verdict, Verdict::kUncertain);
}

TEST(OpinionOf, F41_FileAndAnswerMustAgree) {
  EXPECT_THAT(OpinionOf(Clean().dump(), Block(With(Bug()))).reason,
              HasSubstr("no valid verdict"));
  EXPECT_THAT(OpinionOf(With(Bug()).dump(), Block(Clean())).reason,
              HasSubstr("no valid verdict"));
  EXPECT_THAT(OpinionOf(Clean().dump(),
                        "```json\n{\"verdict\": \"findings\", \"findings")
                  .reason,
              HasSubstr("no valid verdict"));
}

// What the schema asks for is what is looked at.
TEST(VerdictSchema, SaysWhatIsAccepted) {
  const Json schema = Json::parse(kVerdictSchema);
  EXPECT_THAT(schema.at("properties").at("verdict").at("enum"),
              ElementsAreArray({"clean", "findings", "uncertain"}));
  const Json finding = schema.at("properties").at("findings").at("items");
  EXPECT_THAT(finding.at("properties")
                  .at("severity")
                  .at("enum")
                  .get<std::vector<std::string>>(),
              ElementsAreArray(std::vector<std::string>(kSeverities.begin(),
                                                        kSeverities.end())));
  const auto required = finding.at("required").get<std::vector<std::string>>();
  EXPECT_EQ(required.size(), Bug().size());
  for (const std::string& key : required) {
    EXPECT_TRUE(Bug().contains(key)) << key;
    EXPECT_TRUE(finding.at("properties").contains(key)) << key;
  }
  for (const Json& key : schema.at("required")) {
    Json verdict = Clean();
    EXPECT_EQ(verdict.erase(key.get<std::string>()), 1) << key;
    EXPECT_EQ(Stated(verdict.dump()).verdict, Verdict::kUncertain);
  }
}

}  // namespace
}  // namespace csa
