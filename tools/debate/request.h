// Who debates: the command line of csa-debate.

#ifndef CSA_TOOLS_DEBATE_REQUEST_H_
#define CSA_TOOLS_DEBATE_REQUEST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/agent/configuration.h"
#include "common/cli/launch_options.h"
#include "tools/debate/debate.h"

namespace csa {

// The most rounds of a debate.
inline constexpr int kMaxRounds = 10;

// How the session prints the outcome.
enum class DebateFormat { kText, kJson };
bool AbslParseFlag(absl::string_view text, DebateFormat* format,
                   std::string* error);
std::string AbslUnparseFlag(DebateFormat format);

// The format that is asked for.
DebateFormat RequestedFormat();

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
