// Reading what an agent has answered.

#ifndef CSA_COMMON_AGENT_ANSWER_H_
#define CSA_COMMON_AGENT_ANSWER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace csa {

// The blocks of fenced code of an answer.
struct FencedBlocks {
  std::vector<std::string> contents;  // without their fences
  bool ends_open = false;  // the last one is not closed, and not among them
  std::string rest;        // what stands behind the last one that is
};

FencedBlocks FencedBlocksOf(absl::string_view markdown);

// The longest document that an agent may state.
inline constexpr size_t kMaxStatedBytes = size_t{1} << 20;

// The JSON document that an agent states: what it has written to a `file`, if
// it did, else the last fenced block of its `answer`, with nothing behind it.
// InvalidArgument where there is none, where it is longer than kMaxStatedBytes,
// no JSON or says a thing twice, or where the answer has the key `key` in
// another place too, and does not say the same there.
absl::StatusOr<nlohmann::json> StatedJson(
    const std::optional<std::string>& file, absl::string_view answer,
    absl::string_view key);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_ANSWER_H_
