#include "tools/review/consensus.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace csa {
namespace {

constexpr std::array<std::pair<absl::string_view, Consensus>, 3> kNames = {{
    {"majority", Consensus::kMajority},
    {"unanimous", Consensus::kUnanimous},
    {"any", Consensus::kAny},
}};

size_t Rank(const Finding& finding) {
  return static_cast<size_t>(
      std::find(kSeverities.begin(), kSeverities.end(), finding.severity) -
      kSeverities.begin());
}

}  // namespace

bool AbslParseFlag(absl::string_view text, Consensus* consensus,
                   std::string* error) {
  for (const auto& [name, value] : kNames) {
    if (text == name) *consensus = value;
    if (text == name) return true;
  }
  *error = "it is majority, unanimous or any";
  return false;
}

std::string AbslUnparseFlag(Consensus consensus) {
  for (const auto& [name, value] : kNames) {
    if (consensus == value) return std::string(name);
  }
  return "unknown";
}

Verdict Agree(Consensus consensus, absl::Span<const Opinion> opinions) {
  const auto count = [&](Verdict verdict) {
    return static_cast<size_t>(std::count_if(
        opinions.begin(), opinions.end(),
        [&](const Opinion& opinion) { return opinion.verdict == verdict; }));
  };
  if (opinions.empty()) return Verdict::kUncertain;
  const size_t all = opinions.size();
  for (const Verdict verdict : {Verdict::kFindings, Verdict::kClean}) {
    const size_t votes = count(verdict);
    const bool one_is_enough =
        consensus == Consensus::kAny && verdict == Verdict::kFindings;
    const size_t wanted = one_is_enough                       ? 1
                          : consensus == Consensus::kMajority ? all / 2 + 1
                                                              : all;
    if (votes >= wanted) return verdict;
  }
  return Verdict::kUncertain;
}

std::vector<SharedFinding> Gather(absl::Span<const Opinion> opinions) {
  std::vector<SharedFinding> shared;
  for (size_t i = 0; i < opinions.size(); ++i) {
    for (const Finding& finding : opinions[i].findings) {
      const auto same = std::find_if(
          shared.begin(), shared.end(), [&](const SharedFinding& other) {
            return other.finding.file == finding.file &&
                   other.finding.line == finding.line &&
                   other.finding.title == finding.title &&
                   other.finding.severity == finding.severity;
          });
      if (same == shared.end()) {
        shared.push_back({.finding = finding, .stated_by = {i}});
      } else if (same->stated_by.back() != i) {
        same->stated_by.push_back(i);
      }
    }
  }
  std::stable_sort(shared.begin(), shared.end(),
                   [](const SharedFinding& a, const SharedFinding& b) {
                     return Rank(a.finding) < Rank(b.finding);
                   });
  return shared;
}

}  // namespace csa
