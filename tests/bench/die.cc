#include "tests/bench/die.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace csa::bench {

void Die(const std::string& what) {
  std::cerr << "bench: " << what << std::endl;
  _exit(2);
}

int Must(int result, const std::string& what) {
  if (result < 0) Die(what + ": " + std::strerror(errno));
  return result;
}

}  // namespace csa::bench
