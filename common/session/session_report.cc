#include "common/session/session_report.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/json.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string FormatStateJson(const SessionDirectory& session,
                            const SessionState& state) {
  const bool finished = state.kind == SessionState::Kind::kFinished;
  const bool lost = IsLost(state);
  const bool over = finished || lost;
  const SessionResult& result = state.result;
  const Json json = {
      {"session_id", session.id().text()},
      {"state", std::string(ReportedStateName(state))},
      {"status",
       over ? Json(std::string(SessionStatusName(result.status))) : Json()},
      {"exit_code", over ? Json(result.exit_code) : Json()},
      {"summary", finished ? Json(result.summary) : Json()},
      {"wall_seconds",
       finished ? Json(absl::ToDoubleSeconds(result.wall)) : Json()},
      {"stdout_path", session.PathOf(kStdoutFile)},
      {"stderr_path", session.PathOf(kStderrFile)},
  };
  return FormatJson(json);
}

bool IsLost(const SessionState& state) {
  return state.kind == SessionState::Kind::kLost ||
         (state.kind == SessionState::Kind::kFinished &&
          state.result.status == SessionStatus::kLost);
}

absl::string_view ReportedStateName(const SessionState& state) {
  return SessionStateName(IsLost(state) ? SessionState::Kind::kLost
                                        : state.kind);
}

std::string DescribeAlive(const ProcessStat& process) {
  if (process.pid == kUnseenProcess) {
    return "there may be more alive: not all of /proc can be read";
  }
  const absl::StatusOr<uid_t> owner = OwnerOf(process.pid);
  return absl::StrCat("still alive: pid ", process.pid, " uid ",
                      owner.ok() ? absl::StrCat(*owner) : "?", " command ",
                      absl::CHexEscape(process.comm));
}

std::string DescribeLost(const SessionDirectory& session) {
  return absl::StrCat(
      "session ", session.id().text(),
      " is lost: its supervisor died without a result. Its output is in ",
      session.PathOf(kStdoutFile), " and ", session.PathOf(kStderrFile),
      "; 'csa session kill --session ", session.id().text(),
      "' ends what it may have left behind");
}

}  // namespace csa
