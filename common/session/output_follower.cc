#include "common/session/output_follower.h"

#include <poll.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/os/clock.h"
#include "common/os/poll.h"
#include "common/session/end_watch.h"
#include "common/session/session_state.h"

namespace csa {
namespace {

absl::StatusOr<FileWatch> Watch(const std::vector<LogFollower>& logs) {
  std::vector<int> fds;
  fds.reserve(logs.size());
  for (const LogFollower& log : logs) fds.push_back(log.fd());
  return FileWatch::Open(fds);
}

}  // namespace

OutputFollower::OutputFollower(std::vector<LogFollower> logs)
    : logs_(std::move(logs)), watch_(Watch(logs_)) {}

absl::StatusOr<OutputFollower::Outcome> OutputFollower::Follow(
    const SessionDirectory& session, int interrupt) {
  interrupted_ = false;
  while (true) {
    CSA_ASSIGN_OR_RETURN(const SessionState state, ReadState(session));
    if (state.kind != SessionState::Kind::kRunning) break;
    CSA_ASSIGN_OR_RETURN(const std::optional<EndWatch> end,
                         EndWatch::Open(session, state.supervisor));
    if (!end.has_value()) continue;
    for (ended_ = false; !ended_;) {
      CSA_RETURN_IF_ERROR(AwaitEvent(interrupt, end->fd()));
      if (interrupted_) return Outcome::kInterrupted;
    }
    CSA_RETURN_IF_ERROR(end->CheckEnded(session));
  }
  Changed();
  while (behind()) {
    CSA_RETURN_IF_ERROR(AwaitEvent(interrupt, -1));
    if (interrupted_) return Outcome::kInterrupted;
  }
  return Outcome::kToTheEnd;
}

absl::Status OutputFollower::AwaitEvent(int interrupt, int end) {
  std::vector<pollfd> polled = {
      {.fd = interrupt, .events = POLLIN, .revents = 0},
      {.fd = end, .events = POLLIN, .revents = 0},
      {.fd = watch_.ok() ? watch_->fd() : -1, .events = POLLIN, .revents = 0}};
  const size_t first_log = polled.size();
  // Copied where there is room; without a request, poll(2) tells of an error.
  for (const LogFollower& log : logs_) {
    const short events = log.behind() ? POLLOUT : 0;
    polled.push_back({.fd = log.target(), .events = events, .revents = 0});
  }
  const absl::Time next_look =
      watch_.ok() ? absl::InfiniteFuture() : MonotonicNow() + kLookInterval;
  CSA_ASSIGN_OR_RETURN(const bool any,
                       PollUntil(absl::MakeSpan(polled), next_look));
  interrupted_ = polled[0].revents != 0;
  ended_ = polled[1].revents != 0;
  if (polled[2].revents != 0) watch_->Drain();
  if (polled[2].revents != 0 || !any) Changed();
  for (size_t i = 0; i < logs_.size(); ++i) {
    if (polled[first_log + i].revents == 0) continue;
    if (!logs_[i].behind()) return absl::AbortedError("nobody reads");
    CSA_RETURN_IF_ERROR(logs_[i].CopyPart());
  }
  return absl::OkStatus();
}

std::string OutputFollower::caveat() const {
  if (watch_.ok()) return "";
  return absl::StrCat(watch_.status().message(), "; looking for output every ",
                      absl::FormatDuration(kLookInterval));
}

void OutputFollower::Changed() {
  for (LogFollower& log : logs_) log.Changed();
}

bool OutputFollower::behind() const {
  return std::any_of(logs_.begin(), logs_.end(),
                     [](const LogFollower& log) { return log.behind(); });
}

}  // namespace csa
