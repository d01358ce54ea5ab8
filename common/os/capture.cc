#include "common/os/capture.h"

#include <unistd.h>

#include <algorithm>

#include "common/base/status_macros.h"
#include "common/os/file.h"
#include "common/os/process.h"

namespace csa {

absl::StatusOr<Captured> Capture(const std::vector<std::string>& argv,
                                 absl::string_view input, size_t limit,
                                 ErrorOutput error) {
  CSA_ASSIGN_OR_RETURN(const UniqueFd stdin_file, OpenInMemory(input));
  UniqueFd error_file;
  if (error == ErrorOutput::kKept) {
    CSA_ASSIGN_OR_RETURN(error_file, OpenInMemory(""));
  }
  CSA_ASSIGN_OR_RETURN(Pipe pipe, OpenPipe());
  CSA_ASSIGN_OR_RETURN(const pid_t pid, Spawn(argv, [&] {
                         int failed = MoveTo(stdin_file.get(), STDIN_FILENO);
                         if (failed == 0)
                           failed = MoveTo(pipe.writer.get(), STDOUT_FILENO);
                         if (failed == 0 && error_file.valid()) {
                           failed = MoveTo(error_file.get(), STDERR_FILENO);
                         }
                         return failed;
                       }));
  pipe.writer.Reset();
  Captured captured;
  absl::Status read;
  while (!captured.cut) {
    const absl::StatusOr<std::string> part =
        ReadPart(pipe.reader.get(), limit + 1 - captured.output.size());
    if (!part.ok()) read = part.status();
    if (!part.ok() || part->empty()) break;
    captured.output.append(*part);
    captured.cut = captured.output.size() > limit;
  }
  captured.output.resize(std::min(captured.output.size(), limit));
  pipe.reader.Reset();
  CSA_ASSIGN_OR_RETURN(captured.wait_status, Reap(pid));
  CSA_RETURN_IF_ERROR(read);
  if (!error_file.valid()) return captured;
  CSA_RETURN_IF_ERROR(Rewind(error_file.get()));
  CSA_ASSIGN_OR_RETURN(captured.error, ReadPart(error_file.get(), limit));
  return captured;
}

}  // namespace csa
