#include "common/os/random.h"

#include <sys/random.h>

#include "common/os/errno_status.h"

namespace csa {

uint64_t Random64() {
  uint64_t bits = 0;
  // Up to 256 bytes are always given whole: getrandom(2).
  static_cast<void>(
      RetryOnEintr([&] { return getrandom(&bits, sizeof bits, 0); }));
  return bits;
}

}  // namespace csa
