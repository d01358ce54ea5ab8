// Promises of csa debate: it is decided where both agree, as the critic has
// stated, and ends with its session.
//
// The agents here are scripts of the same names: tests/agents has the real
// ones.

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/fake_agents.h"

namespace csa {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kAgreed[] =
    R"({"agreement": true, "decision": "tabs", "confidence": "high", )"
    R"("key_points": ["short"], "open_questions": []})";
constexpr char kOpen[] =
    R"({"agreement": false, "decision": "", "confidence": "low", )"
    R"("key_points": [], "open_questions": ["who counts?"]})";

class DebateTest : public FakeAgentsTest {
 protected:
  DebateTest() { Install("codex", "cat > /dev/null; echo 'I propose tabs.'"); }

  Ended Debate(const std::vector<std::string>& arguments) {
    std::vector<std::string> argv = {"debate"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return Csa(argv, WithAgents());
  }

  std::string Start(const std::vector<std::string>& arguments) {
    return IdOf(Debate(arguments));
  }
};

TEST_F(DebateTest, ItStopsWhereTheyAgree) {
  // In the second round it sees its own first objection.
  Install("claude",
          absl::StrCat("if grep -q 'Round 1, the critic'; then\n",
                       Answer(kAgreed), "else\n", Answer(kOpen), "fi"));
  const std::string id = Start({"tabs or spaces?"});
  const Ended waited = Wait(id);
  EXPECT_EQ(waited.exit_status, 0) << FileOf(id, "stderr.log");
  EXPECT_THAT(waited.output,
              AllOf(StartsWith("decided, confidence high"),
                    HasSubstr("rounds: 2"), HasSubstr("\n\ntabs\n")));
  const Json verdict = VerdictOf(id);
  EXPECT_EQ(verdict.at("decided"), true);
  EXPECT_EQ(verdict.at("decision"), "tabs");
  ASSERT_EQ(verdict.at("turns").size(), 4);
  EXPECT_THAT(FileOf(id, "output/transcript.md"),
              AllOf(HasSubstr("# Round 1: proposer (codex"),
                    HasSubstr("I propose tabs."),
                    HasSubstr("# Round 2: critic (claude")));
  for (const Json& turn : verdict.at("turns")) {
    const Json spec =
        Json::parse(FileOf(turn.at("session_id"), "session.json"));
    EXPECT_EQ(spec.at("parent"), id);
    EXPECT_EQ(spec.at("access"), "read-only");
  }
}

TEST_F(DebateTest, F41_WithoutAgreementItIsUndecided) {
  for (const std::string& script :
       {Answer(kOpen), std::string("echo 'I agree. agreement: true'"),
        Answer(R"({"agreement": true})"),
        absl::StrCat(Answer(kAgreed), "exit 1\n")}) {
    Install("claude", script);
    const std::string id = Start({"--rounds=2", "tabs or spaces?"});
    const Ended waited = Wait(id);
    EXPECT_EQ(waited.exit_status, 3) << script << FileOf(id, "stderr.log");
    EXPECT_THAT(waited.output, StartsWith("undecided: "));
    EXPECT_EQ(VerdictOf(id).at("decided"), false);
    EXPECT_TRUE(VerdictOf(id).at("decision").is_null());
  }
}

TEST_F(DebateTest, AProposerThatFailsEndsIt) {
  Install("codex", "exit 7");
  Install("claude", Answer(kAgreed));
  const Ended ended = Debate({"--no-daemon", "--output=json", "why?"});
  EXPECT_EQ(ended.exit_status, 3) << ended.error;
  const Json verdict = Json::parse(ended.output);
  EXPECT_EQ(verdict.at("reason"),
            "the proposer failed: it ended with status failure, exit 7");
  EXPECT_EQ(verdict.at("turns").size(), 1);
}

TEST_F(DebateTest, F22_KillEndsTheRound) {
  Lifeline lifeline(scratch().PathOf("lifeline"));
  Install("claude", absl::StrCat("exec ", Hostile(), " ", lifeline.path(),
                                 " setsid,ignore-term"));
  const std::string id = Start({"why?"});
  lifeline.AwaitReady(2);
  const Ended kill = Kill(id);
  EXPECT_EQ(kill.exit_status, 0) << kill.error;
  EXPECT_TRUE(lifeline.AllDead());
  EXPECT_EQ(ResultOf(id).status, SessionStatus::kKilled);
  EXPECT_THAT(FileOf(id, "output/transcript.md"), HasSubstr("I propose tabs."));
}

TEST_F(DebateTest, F03_OneFamilyIsNotEnough) {
  Install("claude", Answer(kAgreed));
  const Ended refused = Debate({"--proposer=codex", "--critic=codex", "why?"});
  EXPECT_EQ(refused.exit_status, 125);
  EXPECT_THAT(refused.error, HasSubstr("it would agree too soon"));
  const Ended nothing = Debate({" "});
  EXPECT_EQ(nothing.exit_status, 125);
  EXPECT_THAT(nothing.error, HasSubstr("the prompt is empty"));
  EXPECT_FALSE(std::filesystem::exists(Sessions()));
}

}  // namespace
}  // namespace csa
