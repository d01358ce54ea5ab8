// bench: measures the tools and prints a table. Run by dev/bench.
//
// Exit status: 0 all that is required was reached, 1 something was missed, 2
// it could not be measured. After 2, sessions may be left in the stores.

#include <sys/utsname.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include "tests/bench/command.h"
#include "tests/bench/die.h"
#include "tests/bench/proc.h"
#include "tests/bench/standing.h"
#include "tests/bench/store.h"
#include "tests/bench/table.h"
#include "tests/bench/times.h"

namespace csa::bench {
namespace {

struct Plan {
  std::string tools;
  std::string stamp;
  std::string memory;
  std::string disk;
  int rounds = 200;
  int sessions = 1000;
};

Plan ParsePlan(int argc, char** argv) {
  constexpr char kUsage[] =
      "usage: bench TOOLS STAMP MEMORY_DIR DISK_DIR [ROUNDS [SESSIONS]]";
  if (argc < 5 || argc > 7) Die(kUsage);
  Plan plan = {
      .tools = argv[1], .stamp = argv[2], .memory = argv[3], .disk = argv[4]};
  if (argc > 5) plan.rounds = std::stoi(argv[5]);
  if (argc > 6) plan.sessions = std::stoi(argv[6]);
  if (plan.rounds < 1 || plan.sessions < 1) Die(kUsage);
  return plan;
}

std::string LoadAverage() {
  const std::string load = ReadFile("/proc/loadavg");
  return load.substr(0, load.find(' '));
}

// The version alone of a kernel's release, without what its builder added.
std::string VersionOf(const std::string& release) {
  return release.substr(0, release.find('-'));
}

int Main(const Plan& plan) {
  const Store memory(plan.tools, plan.memory);
  const Store disk(plan.tools, plan.disk);
  if (memory.FileSystem() != "tmpfs") Die(plan.memory + " is on no tmpfs");
  AdoptOrphans();
  Table table;
  const std::string load_before = LoadAverage();
  MeasureTimes(memory, plan.stamp, plan.rounds, Judged::kYes, table);
  MeasureTimes(disk, plan.stamp, plan.rounds, Judged::kNo, table);
  MeasureIdleSession(memory, table);
  MeasureManySessions(memory, plan.sessions, table);

  utsname system = {};
  uname(&system);
  std::cout << system.sysname << " " << VersionOf(system.release) << ", "
            << sysconf(_SC_NPROCESSORS_ONLN) << " processors; " << plan.rounds
            << " rounds; stores on " << memory.FileSystem() << " and on "
            << disk.FileSystem() << "; load average " << load_before
            << " before, " << LoadAverage() << " after.\n\n";
  table.Print(std::cout);
  if (table.missed() == 0) return 0;
  std::cerr << "bench: " << table.missed() << " missed\n";
  return 1;
}

}  // namespace
}  // namespace csa::bench

int main(int argc, char** argv) {
  return csa::bench::Main(csa::bench::ParsePlan(argc, argv));
}
