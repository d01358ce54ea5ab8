// What the soak does, by chance.

#ifndef CSA_TESTS_SOAK_CHOICES_H_
#define CSA_TESTS_SOAK_CHOICES_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace csa {

// Processes of the hostile command besides its leader.
struct Crowd {
  std::string kinds;  // as common/testing/hostile.cc takes them
  int count = 0;      // how many bytes they write when they are ready
  // Whether there are as many processes as that at any time.
  bool steady = true;
};

// The choices of one session: the same for the same seed and number.
class Choices {
 public:
  Choices(uint64_t seed, int number);

  // 0 to `bound` - 1.
  int Below(int bound);
  bool Coin() { return Below(2) == 0; }

  // One that most commands end with, or any other.
  int ExitStatus();

  // Up to four processes. `traceable`: none that cannot be told to belong to a
  // session whose supervisor is dead.
  Crowd SomeProcesses(bool traceable);

 private:
  std::mt19937_64 generator_;
};

}  // namespace csa

#endif  // CSA_TESTS_SOAK_CHOICES_H_
