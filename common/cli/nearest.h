// The word that somebody who mistyped one may have meant.

#ifndef CSA_COMMON_CLI_NEAREST_H_
#define CSA_COMMON_CLI_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// The first of `words` that takes the fewest insertions, removals and
// replacements of a character, and swaps of two neighbours, to make of `word`
// (the optimal string alignment distance); "" when each takes more than one for
// every three of its characters.
std::string Nearest(absl::string_view word,
                    const std::vector<std::string>& words);

// What a message goes on with that says that `word` is none of `words`: "; did
// you mean X? the WHAT are A, B", without the question where no word is near.
std::string Suggestion(absl::string_view word, absl::string_view what,
                       const std::vector<std::string>& words);

}  // namespace csa

#endif  // CSA_COMMON_CLI_NEAREST_H_
