// What agents state: a block that is found in an answer is found again, and
// what is said in it is the same wherever it stands. Clean is what says so, and
// nothing else.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/agent/answer.h"
#include "common/base/fenced_code.h"
#include "tests/fuzz/fuzz_input.h"
#include "tools/debate/position.h"
#include "tools/review/verdict.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(csa::TextOf(data, size));
  const std::string fence = csa::FenceFor(text);
  const std::string block = absl::StrCat(fence, "\n", text, "\n", fence, "\n");
  const csa::FencedBlocks blocks = csa::FencedBlocksOf(block);
  csa::Require(!blocks.ends_open);
  csa::Require(blocks.contents ==
               std::vector<std::string>{absl::StrCat(text, "\n")});

  const csa::Opinion opinion = csa::OpinionOf(text, "");
  csa::Require(csa::OpinionOf(std::nullopt, block) == opinion);
  csa::Require(csa::OpinionOf(text, block) == opinion);
  csa::Require(csa::OpinionOf(text, "") == opinion);
  csa::Require((opinion.verdict == csa::Verdict::kUncertain) ==
               !opinion.reason.empty());
  csa::Require((opinion.verdict != csa::Verdict::kClean) ||
               (opinion.findings.empty() && absl::StrContains(text, "clean")));
  csa::Require((opinion.verdict != csa::Verdict::kFindings) ||
               !opinion.findings.empty());

  const absl::StatusOr<csa::Position> position =
      csa::PositionOf(text, "no block");
  csa::Require(csa::PositionOf(std::nullopt, block) == position);
  csa::Require(!position.ok() ||
               position->agreement == !position->decision.empty() ||
               !position->agreement);
  return 0;
}
