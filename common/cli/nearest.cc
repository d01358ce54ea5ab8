#include "common/cli/nearest.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace csa {
namespace {

size_t Distance(absl::string_view a, absl::string_view b) {
  // The distance of the first i characters of `a` to the first j of `b`.
  std::vector<std::vector<size_t>> distance(a.size() + 1,
                                            std::vector<size_t>(b.size() + 1));
  std::iota(distance[0].begin(), distance[0].end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    distance[i][0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced =
          distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      distance[i][j] =
          std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
      }
    }
  }
  return distance.back().back();
}

}  // namespace

std::string Nearest(absl::string_view word,
                    const std::vector<std::string>& words) {
  std::string nearest;
  size_t least = word.size();
  for (const std::string& candidate : words) {
    const size_t distance = Distance(word, candidate);
    if (distance < least && distance * 3 <= candidate.size()) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

std::string Suggestion(absl::string_view word, absl::string_view what,
                       const std::vector<std::string>& words) {
  const std::string nearest = Nearest(word, words);
  return absl::StrCat(
      "; ", nearest.empty() ? "" : absl::StrCat("did you mean ", nearest, "? "),
      "the ", what, " are ", absl::StrJoin(words, ", "));
}

}  // namespace csa
