// What sessions cost that only live: wake-ups, processor time, memory.

#ifndef CSA_TESTS_BENCH_STANDING_H_
#define CSA_TESTS_BENCH_STANDING_H_

#include "tests/bench/store.h"
#include "tests/bench/table.h"

namespace csa::bench {

// Wake-ups and processor time of a waiter and a supervisor over ten seconds,
// and the memory of the supervisor.
void MeasureIdleSession(const Store& store, Table& table);

// The memory of `count` sessions that run sleep(1). Ends them with csa kill and
// dies when anything of them is left.
void MeasureManySessions(const Store& store, int count, Table& table);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_STANDING_H_
