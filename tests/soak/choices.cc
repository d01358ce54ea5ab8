#include "tests/soak/choices.h"

#include <array>

#include "absl/strings/str_join.h"

namespace csa {
namespace {

// What can be told without a supervisor comes first.
constexpr std::array<absl::string_view, 9> kKinds = {
    "child",    "own-group",   "setsid",  "daemon", "stopped",
    "threaded", "ignore-term", "respawn", "bare"};

}  // namespace

Choices::Choices(uint64_t seed, int number)
    : generator_(seed * 1'000'003 + static_cast<uint64_t>(number)) {}

int Choices::Below(int bound) {
  return static_cast<int>(generator_() % static_cast<uint64_t>(bound));
}

int Choices::ExitStatus() {
  constexpr std::array<int, 6> kCommon = {0, 0, 1, 2, 7, 124};
  return Coin() ? kCommon[static_cast<size_t>(Below(kCommon.size()))]
                : Below(256);
}

Crowd Choices::SomeProcesses(bool traceable) {
  const int kinds = static_cast<int>(kKinds.size()) - (traceable ? 1 : 0);
  Crowd crowd = {.kinds = "", .count = Below(5)};
  std::vector<absl::string_view> chosen;
  for (int i = 0; i < crowd.count; ++i) {
    chosen.push_back(kKinds[static_cast<size_t>(Below(kinds))]);
    const bool changes =
        chosen.back() == "daemon" || chosen.back() == "respawn";
    crowd.steady = crowd.steady && !changes;
  }
  crowd.kinds = absl::StrJoin(chosen, ",");
  return crowd;
}

}  // namespace csa
