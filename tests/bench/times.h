// The figures that are times: to start, to hear of the end, to end.

#ifndef CSA_TESTS_BENCH_TIMES_H_
#define CSA_TESTS_BENCH_TIMES_H_

#include <string>

#include "tests/bench/store.h"
#include "tests/bench/table.h"

namespace csa::bench {

// Whether the times have limits, or are only shown.
enum class Judged { kYes, kNo };

// Measures every row once in each of `rounds` rounds, in a new order each time,
// after a few rounds that do not count. Nothing of one measurement is alive in
// the next. `bare` and `stamp` are the paths of //tests/bench:bare and :stamp.
void MeasureTimes(const Store& store, const std::string& bare,
                  const std::string& stamp, int rounds, Judged judged,
                  Table& table);

// From the start of csa kill to its exit, for a session of //common/testing:
// hostile, whose path is `hostile`: once with what obeys SIGTERM, once with all
// it has. Every process must be dead then.
void MeasureHostileKills(const Store& store, const std::string& hostile,
                         Table& table);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_TIMES_H_
