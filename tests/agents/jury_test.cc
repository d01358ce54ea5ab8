// Promises: reviews and debates by two real agents of different families.
//
// The models' answers stand in what is reviewed, and in the question.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/agents/agents.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

constexpr char kClean[] = R"({"verdict": "clean", "findings": []})";
constexpr char kBug[] =
    R"({"verdict": "findings", "findings": [{"severity": "low", )"
    R"("file": "change", "line": null, "title": "odd", "detail": "so"}]})";
constexpr char kAgreed[] =
    R"({"agreement": true, "decision": "tabs", "confidence": "high", )"
    R"("key_points": [], "open_questions": []})";
constexpr char kOpen[] =
    R"({"agreement": false, "decision": "", "confidence": "low", )"
    R"("key_points": [], "open_questions": ["why?"]})";

// What has a model of the protocol answer with a block.
std::string Replies(const std::string& protocol, const std::string& json) {
  return absl::StrCat("[[reply@", protocol, " I looked.\n```json\n", json,
                      "\n```\n]]\n");
}

class JuryTest : public AgentsTest {
 protected:
  Ended Judge(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin() + 1,
                     {"--no-daemon", "--output=json", "--cd", Project()});
    return Csa(arguments, WithAgents({"codex", "claude"}));
  }

  // Has both review a file of this content.
  Ended Review(const std::string& change) const {
    const ProgramOptions agents = WithAgents({"codex", "claude"});
    WriteFile(Project() + "/change", change);
    return Judge({"review", "--files", "change", "--reviewers=2",
                  "--consensus=unanimous"});
  }
};

TEST_F(JuryTest, TwoFamiliesReview) {
  const Ended clean =
      Review(Replies("openai", kClean) + Replies("anthropic", kClean));
  EXPECT_EQ(clean.exit_status, 0) << clean.output << clean.error;
  const Json verdict = Json::parse(clean.output);
  EXPECT_EQ(verdict.at("verdict"), "clean");
  EXPECT_EQ(verdict.at("reviewers").at(0).at("tool"), "codex");
  EXPECT_EQ(verdict.at("reviewers").at(1).at("tool"), "claude");
  const Ended found =
      Review(Replies("openai", kBug) + Replies("anthropic", kBug));
  EXPECT_EQ(found.exit_status, 1) << found.output << found.error;
  EXPECT_EQ(Json::parse(found.output).at("findings").at(0).at("reviewers"),
            (Json{"codex", "claude"}));
}

TEST_F(JuryTest, F41_OneVerdictThatIsNoneIsEnoughForDoubt) {
  for (const std::string& other :
       {std::string("[[reply@anthropic PASS: it is clean.]]"),  // missing
        Replies("anthropic", R"({"verdict": "clean", "findings")"),
        Replies("anthropic",
                R"({"verdict": "findings", "findings": []})"),  // contradictory
        std::string("[[fail@anthropic 400]]")}) {
    const Ended ended = Review(Replies("openai", kClean) + other);
    EXPECT_EQ(ended.exit_status, 3) << other << ended.output << ended.error;
    const Json verdict = Json::parse(ended.output);
    EXPECT_EQ(verdict.at("verdict"), "uncertain") << other;
    EXPECT_EQ(verdict.at("reviewers").at(0).at("verdict"), "clean") << other;
    EXPECT_FALSE(verdict.at("reviewers").at(1).at("reason").is_null());
  }
}

TEST_F(JuryTest, TwoFamiliesDebate) {
  const Ended decided = Judge({"debate", "[[reply@openai I propose tabs.]] " +
                                             Replies("anthropic", kAgreed)});
  EXPECT_EQ(decided.exit_status, 0) << decided.output << decided.error;
  const Json verdict = Json::parse(decided.output);
  EXPECT_EQ(verdict.at("decision"), "tabs");
  ASSERT_EQ(verdict.at("turns").size(), 2);
  EXPECT_EQ(FileOf(verdict.at("turns").at(0).at("session_id"), "stdout.log"),
            "I propose tabs.\n");
  const Ended open = Judge(
      {"debate", "--rounds=2",
       "[[reply@openai I propose tabs.]] " + Replies("anthropic", kOpen)});
  EXPECT_EQ(open.exit_status, 3) << open.output << open.error;
  EXPECT_EQ(Json::parse(open.output).at("turns").size(), 4);
  EXPECT_THAT(Json::parse(open.output).at("reason").get<std::string>(),
              HasSubstr("no agreement after round 2"));
}

}  // namespace
}  // namespace csa
