#include "tests/bench/system.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "tests/bench/proc.h"

namespace csa::bench {

std::string DescribeSystem() {
  utsname system = {};
  uname(&system);
  // The version alone of the release, without what its builder added.
  const std::string release = system.release;
  return std::string(system.sysname) + " " +
         release.substr(0, release.find('-')) + ", " +
         std::to_string(sysconf(_SC_NPROCESSORS_ONLN)) + " processors";
}

std::string LoadAverage() {
  const std::string load = ReadFile("/proc/loadavg");
  return load.substr(0, load.find(' '));
}

}  // namespace csa::bench
