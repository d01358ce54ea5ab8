// bench: measures the tools and prints a table. Run by dev/bench.
//
// Exit status: 0 all that is required was reached, 1 something was missed, 2
// it could not be measured. After 2, sessions may be left in the stores.

#include <iostream>
#include <string>

#include "tests/bench/command.h"
#include "tests/bench/die.h"
#include "tests/bench/lists.h"
#include "tests/bench/standing.h"
#include "tests/bench/store.h"
#include "tests/bench/system.h"
#include "tests/bench/table.h"
#include "tests/bench/times.h"
#include "tests/bench/workflows.h"

namespace csa::bench {
namespace {

struct Plan {
  std::string tools;
  std::string bare;
  std::string stamp;
  std::string hostile;
  std::string memory;
  std::string disk;
  int rounds = 200;
  int sessions = 1000;
};

Plan ParsePlan(int argc, char** argv) {
  constexpr char kUsage[] =
      "usage: bench TOOLS BARE STAMP HOSTILE MEMORY_DIR DISK_DIR [ROUNDS "
      "[SESSIONS]]";
  if (argc < 7 || argc > 9) Die(kUsage);
  Plan plan = {.tools = argv[1],
               .bare = argv[2],
               .stamp = argv[3],
               .hostile = argv[4],
               .memory = argv[5],
               .disk = argv[6]};
  if (argc > 7) plan.rounds = std::stoi(argv[7]);
  if (argc > 8) plan.sessions = std::stoi(argv[8]);
  if (plan.rounds < 1 || plan.sessions < 1) Die(kUsage);
  return plan;
}

int Main(const Plan& plan) {
  const Store memory(plan.tools, plan.memory);
  const Store disk(plan.tools, plan.disk);
  if (memory.FileSystem() != "tmpfs") Die(plan.memory + " is on no tmpfs");
  AdoptOrphans();
  Table table;
  const std::string load_before = LoadAverage();
  MeasureTimes(memory, plan.bare, plan.stamp, plan.rounds, Judged::kYes, table);
  MeasureHostileKills(memory, plan.hostile, table);
  MeasureTimes(disk, plan.bare, plan.stamp, plan.rounds, Judged::kNo, table);
  MeasureIdleSession(memory, table);
  MeasureManySessions(memory, plan.sessions, table);
  MeasureLongList(memory, plan.sessions, table);
  // As dev/install installs them.
  MeasureWeave(memory, plan.tools + "/../share/csa/patterns", table);
  MeasurePlan(memory, plan.tools, table);
  MeasureGreatStore(disk, table);

  std::cout << DescribeSystem() << "; " << plan.rounds << " rounds; stores on "
            << memory.FileSystem() << " and on " << disk.FileSystem()
            << "; load average " << load_before << " before, " << LoadAverage()
            << " after.\n\n";
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
