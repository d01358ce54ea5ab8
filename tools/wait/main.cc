// csa-wait: waits for a session, at most 250 s, and prints its output.
//
// Exit status: the session's own (1 in the place of 124), 124 not finished yet,
// 1 lost, 125 no such session.

#include <cstdint>
#include <limits>
#include <string>

#include "absl/flags/flag.h"
#include "common/base/status_macros.h"
#include "common/cli/session_option.h"
#include "common/cli/tool.h"
#include "common/session/caller.h"
#include "common/session/session_store.h"
#include "tools/wait/wait.h"

ABSL_FLAG(bool, quiet, false, "do not print the session's output");
// No number that anybody gives.
constexpr int64_t kNoTail = std::numeric_limits<int64_t>::min();
ABSL_FLAG(int64_t, tail, kNoTail,
          "N|print only the last N lines of its output");

namespace csa {
namespace {

constexpr Tool kTool = {
    .name = "csa-wait",
    .synopsis = "[--session] ID",
    .summary = "Waits for a session, at most 250 s, and prints its output.",
};

absl::StatusOr<OutputExtent> GetOutputExtent() {
  OutputExtent extent = {.none = absl::GetFlag(FLAGS_quiet)};
  const int64_t tail = absl::GetFlag(FLAGS_tail);
  if (tail < 0 && tail != kNoTail)
    return UsageError("--tail takes a number of lines");
  if (tail >= 0) extent.last_lines = tail;
  return extent;
}

absl::StatusOr<ExitStatus> Run(const Operands& operands) {
  CSA_ASSIGN_OR_RETURN(const std::string reference, SessionReference(operands));
  CSA_ASSIGN_OR_RETURN(const OutputExtent extent, GetOutputExtent());
  CSA_ASSIGN_OR_RETURN(const SessionStore store, SessionStore::Open());
  CSA_ASSIGN_OR_RETURN(const SessionDirectory session, store.Find(reference));
  CSA_RETURN_IF_ERROR(CheckNotWithin(store, session));
  return Wait(session, kLongestWait, extent);
}

}  // namespace
}  // namespace csa

int main(int argc, char** argv) {
  return csa::RunTool(csa::kTool, argc, argv, csa::Run);
}
