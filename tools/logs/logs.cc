#include "tools/logs/logs.h"

#include <unistd.h>

#include <algorithm>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"
#include "common/cli/output.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/last_lines.h"
#include "common/session/log_follower.h"
#include "common/session/output_follower.h"
#include "nlohmann/json.hpp"
#include "tools/logs/line_writer.h"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

struct Log {
  std::string stream;  // "stdout" or "stderr"
  UniqueFd fd;
  absl::Time written;  // when it was last
};

// The logs that are asked for, in the order in which they were last written to.
absl::StatusOr<std::vector<Log>> OpenLogs(const SessionDirectory& session,
                                          Streams streams) {
  std::vector<Log> logs;
  for (const auto& [stream, name, other] :
       {std::tuple{"stdout", kStdoutFile, Streams::kStderr},
        std::tuple{"stderr", kStderrFile, Streams::kStdout}}) {
    if (streams == other) continue;
    CSA_ASSIGN_OR_RETURN(std::optional<UniqueFd> log, session.OpenLog(name));
    if (!log.has_value()) continue;
    CSA_ASSIGN_OR_RETURN(const absl::Time written,
                         ModificationTime(log->get()));
    logs.push_back(
        {.stream = stream, .fd = *std::move(log), .written = written});
  }
  std::stable_sort(logs.begin(), logs.end(), [](const Log& a, const Log& b) {
    return a.written < b.written;
  });
  return logs;
}

absl::Status SeekToWanted(const Log& log, const LogsOptions& options) {
  if (log.written < options.since) return SeekToLastLines(log.fd.get(), 0);
  if (!options.last_lines.has_value()) return absl::OkStatus();
  return SeekToLastLines(log.fd.get(), *options.last_lines);
}

LineWriter::Form FormOf(const SessionDirectory& session,
                        const std::string& stream) {
  if (Format() == OutputFormat::kText) {
    return [](absl::string_view line) { return absl::StrCat(line, "\n"); };
  }
  return [id = session.id().text(), stream](absl::string_view line) {
    const Json json = {
        {"session_id", id}, {"stream", stream}, {"line", std::string(line)}};
    return absl::StrCat(FormatJson(json), "\n");
  };
}

absl::Status WriteRaw(absl::string_view bytes) {
  return WriteAll(STDOUT_FILENO, bytes);
}

}  // namespace

absl::Status PrintLogs(const SessionDirectory& session,
                       const LogsOptions& options) {
  CSA_ASSIGN_OR_RETURN(std::vector<Log> logs,
                       OpenLogs(session, options.streams));
  // One stream comes byte for byte; of two, no line cuts into another.
  const bool raw = logs.size() < 2 && Format() == OutputFormat::kText;
  std::list<LineWriter> writers;
  std::vector<LogFollower> followers;
  for (Log& log : logs) {
    CSA_RETURN_IF_ERROR(SeekToWanted(log, options));
    LineWriter& writer =
        writers.emplace_back(STDOUT_FILENO, FormOf(session, log.stream));
    LogFollower& follower = followers.emplace_back(
        std::move(log.fd), STDOUT_FILENO,
        raw ? LogFollower::Sink(WriteRaw) : [&writer](absl::string_view bytes) {
          return writer.Write(bytes);
        });
    CSA_RETURN_IF_ERROR(follower.CopyPresent());
    if (!options.follow) CSA_RETURN_IF_ERROR(writer.Finish());
  }
  if (!options.follow) return absl::OkStatus();
  OutputFollower follower(std::move(followers));
  if (!follower.caveat().empty()) {
    PrintNotice(absl::StrCat("csa-logs: ", follower.caveat()));
  }
  CSA_RETURN_IF_ERROR(follower.Follow(session, -1).status());
  for (LineWriter& writer : writers) CSA_RETURN_IF_ERROR(writer.Finish());
  return absl::OkStatus();
}

}  // namespace csa
