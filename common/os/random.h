// Random numbers from the kernel.

#ifndef CSA_COMMON_OS_RANDOM_H_
#define CSA_COMMON_OS_RANDOM_H_

#include <cstdint>

namespace csa {

// 64 random bits: getrandom(2), Linux 3.17. Blocks only until the kernel's
// generator has been seeded, once after the machine has started.
uint64_t Random64();

}  // namespace csa

#endif  // CSA_COMMON_OS_RANDOM_H_
