// A debate: what was said, and what is shown of it.

#ifndef CSA_TOOLS_DEBATE_DEBATE_H_
#define CSA_TOOLS_DEBATE_DEBATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/agent/configuration.h"
#include "tools/debate/position.h"

namespace csa {

// Something that one of the two has said.
struct Turn {
  int round = 0;          // counted from 1
  bool critical = false;  // the critic said it, not the proposer
  std::string session;    // the id; empty where none could be started
  std::string text;
};

struct Debate {
  std::string question;
  TierTool proposer;
  TierTool critic;
  int rounds = 0;  // at most
  std::vector<Turn> turns;
  // The last of the critic's that was valid.
  std::optional<Position> position;
  std::string reason;  // why it is undecided; empty where it is decided
};

// Whether the two agree.
bool IsDecided(const Debate& debate);

// What the proposer and the critic are asked in round `round`, after all turns
// so far. The critic is to end with a verdict that keeps to `schema`.
std::string ProposerPrompt(const Debate& debate, int round);
std::string CriticPrompt(const Debate& debate, int round,
                         absl::string_view schema);

// All turns, in Markdown.
std::string FormatTranscript(const Debate& debate);

// The outcome for people, and as one JSON object on one line, with the keys of
// docs/json.md. Neither ends with a newline.
std::string FormatDebateText(const Debate& debate);
std::string FormatDebateJson(const Debate& debate);

}  // namespace csa

#endif  // CSA_TOOLS_DEBATE_DEBATE_H_
