// What it costs to list sessions, beside what reading them costs at all.

#ifndef CSA_TESTS_BENCH_LISTS_H_
#define CSA_TESTS_BENCH_LISTS_H_

#include "tests/bench/store.h"
#include "tests/bench/table.h"

namespace csa::bench {

// csa list of the `count` newest sessions of `store`, which must all have
// ended, against the system calls alone that open and read their two files.
void MeasureLongList(const Store& store, int count, Table& table);

// csa list of the newest 20 among 100,000 sessions, against ls -U. `store` is
// left with directories that are no sessions.
void MeasureGreatStore(const Store& store, Table& table);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_LISTS_H_
