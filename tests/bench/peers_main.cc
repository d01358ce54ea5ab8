// peers: compares csa with its peers and prints a table. Run by dev/bench
// --peers.
//
// Exit status: 0; 1 when csa gave a wrong answer; 2 when something could not be
// measured.

#include <iostream>
#include <sstream>
#include <string>

#include "tests/bench/command.h"
#include "tests/bench/comparison.h"
#include "tests/bench/die.h"
#include "tests/bench/system.h"

int main(int argc, char** argv) {
  if (argc != 6) csa::bench::Die("usage: peers TOOLS STAMP HOSTILE DIR ROUNDS");
  const csa::bench::PeerPlan plan = {.tools = argv[1],
                                     .stamp = argv[2],
                                     .hostile = argv[3],
                                     .directory = argv[4],
                                     .rounds = std::stoi(argv[5])};
  csa::bench::AdoptOrphans();
  const std::string before = csa::bench::LoadAverage();
  std::ostringstream table;
  const int wrong = csa::bench::ComparePeers(plan, table);
  std::cout << csa::bench::DescribeSystem() << "; " << plan.rounds
            << " rounds; on tmpfs; load average " << before << " before, "
            << csa::bench::LoadAverage() << " after.\n\n"
            << table.str();
  return wrong == 0 ? 0 : 1;
}
