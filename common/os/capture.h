// Running a program for what it prints.

#ifndef CSA_COMMON_OS_CAPTURE_H_
#define CSA_COMMON_OS_CAPTURE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// A program that has ended.
struct Captured {
  int wait_status = 0;  // as in waitpid(2)
  std::string output;   // what it wrote to its stdout
  bool cut = false;     // it wrote more
  std::string error;    // what it wrote to its stderr, where that is kept
};

// What becomes of a program's stderr: it is the caller's, or is kept.
enum class ErrorOutput { kCallers, kKept };

// Runs `argv`, found as Spawn finds it, with `input` as its standard input, and
// blocks until it has ended. Of its output no more than `limit` bytes are kept;
// who writes more is left without a reader. What it writes to a stderr that is
// kept is in memory until then, and `limit` bytes of it afterwards. Errors
// as those of Spawn: a program that fails is none.
absl::StatusOr<Captured> Capture(const std::vector<std::string>& argv,
                                 absl::string_view input, size_t limit,
                                 ErrorOutput error = ErrorOutput::kCallers);

}  // namespace csa

#endif  // CSA_COMMON_OS_CAPTURE_H_
