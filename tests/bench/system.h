// What a table of figures is headed with: where they were measured.

#ifndef CSA_TESTS_BENCH_SYSTEM_H_
#define CSA_TESTS_BENCH_SYSTEM_H_

#include <string>

namespace csa::bench {

// The kernel and the number of processors.
std::string DescribeSystem();

// The load average of the last minute.
std::string LoadAverage();

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_SYSTEM_H_
