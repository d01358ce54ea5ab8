// How the benchmark fails: with a message, at once. dev/bench cleans up.

#ifndef CSA_TESTS_BENCH_DIE_H_
#define CSA_TESTS_BENCH_DIE_H_

#include <string>

namespace csa::bench {

// Prints "bench: <what>" and ends the program with status 2.
[[noreturn]] void Die(const std::string& what);

// Returns what a system call has returned; dies with the text of errno when
// that is negative.
int Must(int result, const std::string& what);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_DIE_H_
