// What /proc tells about a process: proc(5).

#ifndef CSA_TESTS_BENCH_PROC_H_
#define CSA_TESTS_BENCH_PROC_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace csa::bench {

// The whole content of a file, "" where it cannot be read.
std::string ReadFile(const std::string& path);

// The only child of `pid`. Dies when it has none or several.
pid_t OnlyChildOf(pid_t pid);

// The children of `pid`, their children and so on, parents first.
std::vector<pid_t> DescendantsOf(pid_t pid);

// Blocks until `pid` has not been scheduled for 20 ms. Dies when that takes
// more than ten seconds.
void AwaitBlocked(pid_t pid);

// Blocks until `pid` runs the program `comm` and is blocked in ppoll(2).
// Dies when that takes more than ten seconds.
void AwaitPolling(pid_t pid, const std::string& comm);

// How often a process has given up its processor of its own accord, and the
// processor time that it has used, since its start.
struct Activity {
  int64_t wake_ups = 0;
  int64_t cpu_ns = 0;
};
Activity ActivityOf(pid_t pid);

// Memory that no other process shares, and the proportional share of all that
// the process has mapped, in KiB.
struct Memory {
  int64_t private_kib = 0;
  int64_t proportional_kib = 0;
};
Memory MemoryOf(pid_t pid);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_PROC_H_
