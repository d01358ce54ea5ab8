// /proc/PID/stat: whatever a process calls itself, its line says what it says.

#include "absl/strings/str_cat.h"
#include "common/os/proc.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

// A line as the kernel writes it: proc(5).
std::string Format(const csa::ProcessStat& stat) {
  return absl::StrCat(stat.pid, " (", stat.comm, ") ",
                      absl::string_view(&stat.state, 1), " ", stat.parent, " ",
                      stat.group, " 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ",
                      stat.threads, " 21 ", stat.start_ticks, " 23 24\n");
}

void RequireSame(const csa::ProcessStat& stat) {
  const absl::StatusOr<csa::ProcessStat> read =
      csa::ParseProcessStat(Format(stat));
  csa::Require(read.ok() && read->pid == stat.pid && read->comm == stat.comm &&
               read->state == stat.state && read->parent == stat.parent &&
               read->group == stat.group && read->threads == stat.threads &&
               read->start_ticks == stat.start_ticks);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text = csa::TextOf(data, size);
  const absl::StatusOr<csa::ProcessStat> stat = csa::ParseProcessStat(text);
  if (stat.ok()) RequireSame(*stat);
  RequireSame({.pid = 4321,
               .comm = std::string(text),
               .state = 'S',
               .parent = 432,
               .group = 43,
               .threads = 2,
               .start_ticks = 987654321});
  return 0;
}
