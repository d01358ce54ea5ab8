#include "tools/status/status.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"
#include "common/cli/duration.h"
#include "common/cli/size.h"
#include "common/os/directory.h"
#include "common/os/file.h"
#include "common/os/proc.h"
#include "common/os/process_set.h"
#include "common/session/session_report.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;
using Kind = SessionState::Kind;

// When the session wrote last, if it has written.
std::optional<absl::Time> LastOutput(const SessionDirectory& session) {
  std::optional<absl::Time> last;
  for (const char* log : {kStdoutFile, kStderrFile}) {
    const absl::StatusOr<UniqueFd> file = OpenRegularAt(session.fd(), log);
    if (!file.ok() || RemainingIn(file->get()).value_or(0) == 0) continue;
    const absl::StatusOr<absl::Time> written = ModificationTime(file->get());
    if (written.ok()) last = std::max(last.value_or(*written), *written);
  }
  return last;
}

void LookAtProcesses(pid_t supervisor, Observation& observation) {
  const std::vector<ProcessStat> alive = Descendants(supervisor).Members();
  // The supervisor may have died meanwhile, and somebody else have its id.
  size_t processes = 0;
  int64_t memory = 0;
  for (const ProcessStat& process : alive) {
    if (process.pid == kUnseenProcess) return;
    ++processes;
    memory += MemoryOf(process.pid).value_or(0);
  }
  observation.processes = processes;
  observation.memory = memory;
}

std::string FormatEnd(const SessionState& state) {
  const SessionResult& result = state.result;
  std::string line = absl::StrCat(SessionStatusName(result.status),
                                  ", exit code ", result.exit_code);
  if (IsLost(state)) return line;
  absl::StrAppend(&line, ", took ", FormatShortDuration(result.wall));
  if (result.strays > 0) absl::StrAppend(&line, ", strays ", result.strays);
  return line;
}

}  // namespace

absl::StatusOr<Observation> Observe(const SessionDirectory& session,
                                    absl::Time now) {
  CSA_ASSIGN_OR_RETURN(SessionState state, ReadState(session));
  const absl::StatusOr<SessionSpec> spec = session.ReadSpec();
  Observation observation = {
      .id = session.id().text(),
      .state = std::move(state),
      // The clock may have been set back.
      .age =
          std::max(now - (spec.ok() ? spec->created_at : session.id().time()),
                   absl::ZeroDuration())};
  if (observation.state.kind != Kind::kRunning) return observation;
  const std::optional<absl::Time> last = LastOutput(session);
  if (last.has_value()) {
    observation.idle = std::max(now - *last, absl::ZeroDuration());
  }
  const pid_t supervisor = observation.state.supervisor;
  if (supervisor < 1) return observation;
  LookAtProcesses(supervisor, observation);
  // Its processes are those that were looked at if it is still the supervisor.
  const absl::StatusOr<std::optional<pid_t>> still = ReadSupervisor(session);
  if (still.ok() && *still == supervisor) return observation;
  return Observe(session, now);
}

std::string FormatObservation(const Observation& observation) {
  const SessionState& state = observation.state;
  if (state.kind != Kind::kRunning) {
    return absl::StrCat(observation.id, " ", FormatEnd(state));
  }
  std::string line = absl::StrCat(observation.id, " running, ");
  if (state.supervisor > 0) {
    absl::StrAppend(&line, "pid ", state.supervisor);
  } else {
    absl::StrAppend(&line, "elsewhere");
  }
  absl::StrAppend(&line, ", for ", FormatShortDuration(observation.age));
  if (observation.idle.has_value()) {
    absl::StrAppend(&line, ", last output ",
                    FormatShortDuration(*observation.idle), " ago");
  } else {
    absl::StrAppend(&line, ", no output yet");
  }
  if (observation.processes.has_value()) {
    absl::StrAppend(&line, ", processes ", *observation.processes, ", memory ",
                    FormatSize(observation.memory.value_or(0)));
  }
  return line;
}

std::string FormatObservationJson(const Observation& observation) {
  const SessionState& state = observation.state;
  const bool running = state.kind == Kind::kRunning;
  const std::string status(SessionStatusName(state.result.status));
  const Json json = {
      {"session_id", observation.id},
      {"state", std::string(ReportedStateName(state))},
      {"status", running ? Json() : Json(status)},
      {"exit_code", running ? Json() : Json(state.result.exit_code)},
      {"pid",
       running && state.supervisor > 0 ? Json(state.supervisor) : Json()},
      {"age_seconds", absl::ToDoubleSeconds(observation.age)},
      {"idle_seconds", observation.idle.has_value()
                           ? Json(absl::ToDoubleSeconds(*observation.idle))
                           : Json()},
      {"processes", OrNull(observation.processes)},
      {"memory_bytes", OrNull(observation.memory)},
  };
  return FormatJson(json);
}

}  // namespace csa
