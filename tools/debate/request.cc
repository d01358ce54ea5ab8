#include "tools/debate/request.h"

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/agent/agent_tool.h"
#include "common/agent/choice.h"
#include "common/base/status_macros.h"
#include "common/base/utf8.h"
#include "common/cli/tool.h"
#include "common/launch/own_session.h"

ABSL_FLAG(std::string, proposer, "", "AGENT|who proposes: TOOL or TOOL:MODEL");
ABSL_FLAG(std::string, critic, "",
          "AGENT|who criticises, of another family: TOOL or TOOL:MODEL");
ABSL_FLAG(int, rounds, 3, "N|end after N rounds; 3 unless given");
ABSL_FLAG(csa::OutputFormat, output, csa::OutputFormat::kText,
          "FORMAT|text or json: how the session prints the outcome");

namespace csa {
namespace {

// Without a family, nobody is named.
absl::StatusOr<NamedAgent> FindDebater(const Configuration& configuration,
                                       absl::string_view option,
                                       const std::string& name) {
  if (name.empty()) return NamedAgent();
  return FindNamedAgent(configuration, option, name);
}

// The preferred agent of another family than `other` is of.
absl::StatusOr<NamedAgent> FindOpponent(const Configuration& configuration,
                                        const NamedAgent& other) {
  std::vector<std::string> looked_for;
  const std::vector<AgentTool> tools =
      OneOfEachFamily(configuration, other.family, looked_for);
  if (!tools.empty()) {
    return NamedAgent{{.tool = tools[0].name}, tools[0].family};
  }
  return NotInstalled(absl::StrCat(
      "a debate needs agents of two families, and there are no two: looked on "
      "PATH for ",
      absl::StrJoin(looked_for, ", ")));
}

}  // namespace

OutputFormat RequestedFormat() { return absl::GetFlag(FLAGS_output); }

absl::StatusOr<Debate> ResolveDebate(const Configuration& configuration) {
  Debate debate = {.rounds = absl::GetFlag(FLAGS_rounds)};
  if (debate.rounds < 1 || debate.rounds > kMaxRounds) {
    return UsageError(
        absl::StrCat("--rounds: there can be 1 to ", kMaxRounds, " rounds"));
  }
  CSA_ASSIGN_OR_RETURN(
      NamedAgent proposer,
      FindDebater(configuration, "--proposer", absl::GetFlag(FLAGS_proposer)));
  CSA_ASSIGN_OR_RETURN(
      NamedAgent critic,
      FindDebater(configuration, "--critic", absl::GetFlag(FLAGS_critic)));
  if (proposer.family.empty()) {
    CSA_ASSIGN_OR_RETURN(proposer, FindOpponent(configuration, critic));
  }
  if (critic.family.empty()) {
    CSA_ASSIGN_OR_RETURN(critic, FindOpponent(configuration, proposer));
  }
  if (proposer.family == critic.family) {
    return UsageError(absl::StrCat(
        "--critic: ", critic.agent.tool, " is of the family of ",
        proposer.agent.tool, ", ", critic.family, ": it would agree too soon"));
  }
  debate.proposer = proposer.agent;
  debate.critic = critic.agent;
  return debate;
}

absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const Debate& debate, const LaunchOptions& options) {
  LaunchOptions described = options;
  if (described.description.empty()) {
    constexpr size_t kMostCharacters = 60;
    described.description = absl::StrCat(
        "debate: ",
        Utf8Prefix(BlankControls(ReplaceInvalidUtf8(debate.question)),
                   kMostCharacters));
  }
  return OwnSessionArguments(
      "debate",
      {"--conduct",
       absl::StrCat("--proposer=", FormatTierTool(debate.proposer)),
       absl::StrCat("--critic=", FormatTierTool(debate.critic)),
       absl::StrCat("--rounds=", debate.rounds),
       absl::StrCat("--output=", AbslUnparseFlag(RequestedFormat()))},
      described);
}

}  // namespace csa
