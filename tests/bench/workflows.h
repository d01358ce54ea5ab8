// What workflows cost: compiling patterns, and running a plan of many steps.

#ifndef CSA_TESTS_BENCH_WORKFLOWS_H_
#define CSA_TESTS_BENCH_WORKFLOWS_H_

#include <string>

#include "tests/bench/store.h"
#include "tests/bench/table.h"

namespace csa::bench {

// weave check of the patterns below `patterns`, and weave compile of 1 MiB of
// steps that are as long as theirs.
void MeasureWeave(const Store& store, const std::string& patterns,
                  Table& table);

// csa plan run of 100 scripts, against csa-spawn and csa-wait, which are in the
// directory `tools`, in a shell's loop.
void MeasurePlan(const Store& store, const std::string& tools, Table& table);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_WORKFLOWS_H_
