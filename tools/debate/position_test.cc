#include "tools/debate/position.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/debate/verdict_schema.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

Json Agreed() {
  return {{"agreement", true},
          {"decision", "do it"},
          {"confidence", "high"},
          {"key_points", {"cheap", "safe"}},
          {"open_questions", Json::array()}};
}

Json Open() {
  Json json = Agreed();
  json["agreement"] = false;
  json["decision"] = "";
  json["open_questions"] = {"who pays?"};
  return json;
}

std::string Block(const Json& json) {
  return absl::StrCat("I think.\n```json\n", json.dump(), "\n```\n");
}

std::string ReasonFor(const Json& json) {
  return std::string(PositionOf(std::nullopt, Block(json)).status().message());
}

TEST(PositionOf, ReadsTheLastBlock) {
  EXPECT_EQ(PositionOf(std::nullopt, Block(Agreed())).value(),
            (Position{.agreement = true,
                      .decision = "do it",
                      .confidence = "high",
                      .key_points = {"cheap", "safe"}}));
  EXPECT_EQ(PositionOf(std::nullopt, Block(Open()))->open_questions,
            std::vector<std::string>{"who pays?"});
}

TEST(PositionOf, F41_IsNotThatOfProse) {
  for (const std::string& answer :
       {std::string(), std::string("I agree.\n"), Agreed().dump(),
        Block(Agreed()) + "```sh\nmake\n```\n"}) {
    EXPECT_FALSE(PositionOf(std::nullopt, answer).ok()) << answer;
  }
}

TEST(PositionOf, F41_KeepsToTheSchema) {
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, Json>>{{"agreement", "true"},
                                                 {"agreement", 1},
                                                 {"decision", nullptr},
                                                 {"confidence", "0.9"},
                                                 {"confidence", 0.9},
                                                 {"key_points", "cheap"},
                                                 {"key_points", {1}},
                                                 {"open_questions", nullptr}}) {
    Json json = Agreed();
    json[key] = value;
    EXPECT_THAT(ReasonFor(json), HasSubstr(key)) << json;
    json.erase(key);
    EXPECT_THAT(ReasonFor(json), HasSubstr(key)) << json;
  }
  EXPECT_EQ(ReasonFor(Json::array()), "it is no JSON object");
}

TEST(PositionOf, F41_ContradictsNothing) {
  Json json = Agreed();
  json["decision"] = " ";
  EXPECT_EQ(ReasonFor(json), "there is agreement, and no decision");
  json = Open();
  json["decision"] = "do it";
  EXPECT_EQ(ReasonFor(json), "there is a decision without agreement");
  EXPECT_THAT(
      std::string(
          PositionOf(Open().dump(), Block(Agreed())).status().message()),
      HasSubstr("contradicts itself"));
}

TEST(PositionOf, ReadsTheFile) {
  EXPECT_TRUE(PositionOf(Agreed().dump(), "prose")->agreement);
  EXPECT_TRUE(PositionOf(Agreed().dump(), Block(Agreed()))->agreement);
  EXPECT_TRUE(PositionOf(Agreed().dump(), "```\n[1]\n```")->agreement);
  EXPECT_FALSE(PositionOf("", Block(Agreed())).ok());
}

TEST(VerdictSchema, SaysWhatIsAccepted) {
  const Json schema = Json::parse(kVerdictSchema);
  EXPECT_EQ(
      schema.at("properties").at("confidence").at("enum"),
      Json(std::vector<std::string>(kConfidences.begin(), kConfidences.end())));
  EXPECT_EQ(schema.at("required").size(), Agreed().size());
  for (const Json& key : schema.at("required")) {
    Json json = Agreed();
    EXPECT_EQ(json.erase(key.get<std::string>()), 1) << key;
    EXPECT_FALSE(PositionOf(std::nullopt, Block(json)).ok()) << key;
  }
}

}  // namespace
}  // namespace csa
