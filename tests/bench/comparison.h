// csa and its peers, side by side: the same work in the same run.

#ifndef CSA_TESTS_BENCH_COMPARISON_H_
#define CSA_TESTS_BENCH_COMPARISON_H_

#include <ostream>
#include <string>

namespace csa::bench {

struct PeerPlan {
  // Where csa's tools are, //tests/bench:stamp and //common/testing:hostile.
  std::string tools;
  std::string stamp;
  std::string hostile;
  // A directory on tmpfs to work in.
  std::string directory;
  int rounds;
};

// Measures all of Peers() and prints a table, a column for each; what a peer
// does not know has a dash. Mounts a file system that gets full. To be called
// as root, in a mount and a pid namespace of its own: whatever a peer has
// started ends with that. Returns how many of csa's answers (exit codes, what
// is left alive) are not the right ones.
int ComparePeers(const PeerPlan& plan, std::ostream& out);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_COMPARISON_H_
