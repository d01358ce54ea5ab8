// Letting time go by.

#ifndef CSA_TESTS_BENCH_PAUSE_H_
#define CSA_TESTS_BENCH_PAUSE_H_

#include <chrono>

namespace csa::bench {

// Blocks for `length` in poll(2) on a timerfd.
void Pause(std::chrono::nanoseconds length);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_PAUSE_H_
