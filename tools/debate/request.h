// Who debates: the command line of csa-debate.

#ifndef CSA_TOOLS_DEBATE_REQUEST_H_
#define CSA_TOOLS_DEBATE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/configuration.h"
#include "common/cli/launch_options.h"
#include "common/cli/output.h"
#include "tools/debate/debate.h"

namespace csa {

// The most rounds of a debate.
inline constexpr int kMaxRounds = 10;

// How the session is to print the outcome.
OutputFormat RequestedFormat();

// The debate that is asked for, without its question: between two agents of
// different families, those that are named or else of the families that are
// preferred and on PATH. An error with exit status 127 where there are no two;
// a usage error where both that are named are of one family.
absl::StatusOr<Debate> ResolveDebate(const Configuration& configuration);

// The arguments of csa-spawn, its path first, for the session in which
// csa-debate conducts `debate`; the question is its prompt.
absl::StatusOr<std::vector<std::string>> SpawnArguments(
    const Debate& debate, const LaunchOptions& options);

}  // namespace csa

#endif  // CSA_TOOLS_DEBATE_REQUEST_H_
