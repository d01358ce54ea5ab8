// The system calls that publish a result, without the rest of csa: what they
// cost on a file system, with and without syncing.

#ifndef CSA_TESTS_BENCH_PUBLISH_H_
#define CSA_TESTS_BENCH_PUBLISH_H_

#include <chrono>
#include <string>

namespace csa::bench {

// Reserves a file below `directory`, then fills and renames it, as
// csa-supervise does with result.toml; `sync` adds fdatasync(2) of the file and
// fsync(2) of its directory. Returns how long all but the reservation took.
std::chrono::nanoseconds TimePublishing(const std::string& directory,
                                        bool sync);

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_PUBLISH_H_
