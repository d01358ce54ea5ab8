#include "tools/supervise/lifecycle.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "common/os/file.h"

namespace csa {
namespace {

// How often the logs are looked at for an idle timeout.
absl::Duration IdleInterval(absl::Duration idle_timeout) {
  return std::max(idle_timeout / 10, absl::Milliseconds(100));
}

}  // namespace

Lifecycle::Lifecycle(const SessionDirectory& session, const SessionSpec& spec,
                     NestedSessions& nested, pid_t leader, const Cgroup* cgroup,
                     absl::Time now)
    : session_(session),
      nested_(nested),
      fate_of_nested_(spec.ends_nested ? Nested::kEnded : Nested::kSpared),
      leader_(leader),
      cgroup_(cgroup),
      timeout_(now + spec.timeout.value_or(absl::InfiniteDuration())),
      idle_timeout_(spec.idle_timeout.value_or(absl::InfiniteDuration())),
      next_idle_look_(now + IdleInterval(idle_timeout_)),
      last_output_(now) {
  wake_time_ = std::min(timeout_, next_idle_look_);
}

void Lifecycle::ChildEnded(pid_t pid, int wait_status) {
  // Its pid may be another's once it has been reaped.
  if (pid == leader_ && !wait_status_.has_value()) wait_status_ = wait_status;
}

void Lifecycle::EndRequested(std::string by) {
  if (!ended_by_.has_value()) ended_by_ = std::move(by);
}

bool Lifecycle::Advance(bool childless, absl::Time now) {
  if (phase_ == Phase::kRunning) AdvanceRunning(now);
  if (phase_ == Phase::kLingering) AdvanceLingering(childless, now);
  if (phase_ == Phase::kRunning) return false;
  if (childless) return true;
  if (phase_ == Phase::kLingering) {
    return fate_of_nested_ == Nested::kSpared &&
           OwnDescendants(nested_).empty();
  }
  if (ended_by_.has_value()) termination_->EndNested(now);
  const bool over = termination_->Round(now);
  wake_time_ = termination_->next_round();
  // A leader that died in this round is reaped in the next.
  return over && wait_status_.has_value();
}

void Lifecycle::AdvanceRunning(absl::Time now) {
  // A command that has ended by itself keeps its outcome, whatever was asked.
  if (wait_status_.has_value()) {
    // Whoever ends a session from outside kills the command, with the request
    // still unread here, and may be killed himself.
    if (ended_by_.has_value() && WIFSIGNALED(*wait_status_) &&
        WTERMSIG(*wait_status_) == SIGKILL) {
      forced_ = SessionStatus::kKilled;
    }
    phase_ = Phase::kLingering;
    static_cast<void>(LogsHaveChanged());
    linger_end_ = now + kLinger;
    longest_linger_end_ = now + kLongestLinger;
  } else if (ended_by_.has_value()) {
    Terminate(SessionStatus::kKilled, now);
  } else if (now >= timeout_) {
    Terminate(SessionStatus::kTimeout, now);
  } else if (IdleTooLong(now)) {
    Terminate(SessionStatus::kIdleTimeout, now);
  } else {
    wake_time_ = std::min(timeout_, next_idle_look_);
  }
}

void Lifecycle::AdvanceLingering(bool childless, absl::Time now) {
  if (now >= linger_end_ && now < longest_linger_end_ && LeftoversAreAtWork()) {
    linger_end_ = std::min(now + kLinger, longest_linger_end_);
  }
  wake_time_ = linger_end_;
  if (childless || (now < linger_end_ && !ended_by_.has_value())) return;
  phase_ = Phase::kTerminating;
  termination_.emplace(nested_, fate_of_nested_, 0, cgroup_, now);
}

bool Lifecycle::IdleTooLong(absl::Time now) {
  if (now < next_idle_look_) return false;
  next_idle_look_ = now + IdleInterval(idle_timeout_);
  if (LogsHaveChanged()) last_output_ = now;
  return now - last_output_ >= idle_timeout_;
}

// Since the last call.
bool Lifecycle::LogsHaveChanged() {
  const std::pair<int64_t, int64_t> sizes(
      SizeOf(session_.fd(), kStdoutFile).value_or(0),
      SizeOf(session_.fd(), kStderrFile).value_or(0));
  return std::exchange(log_sizes_, sizes) != sizes;
}

// A filter that has not come to its end writes, runs, or waits for a processor
// or the disk. What waits for something else is no filter.
bool Lifecycle::LeftoversAreAtWork() {
  if (LogsHaveChanged()) return true;
  const std::vector<ProcessStat> leftovers = OwnDescendants(nested_);
  return std::any_of(leftovers.begin(), leftovers.end(),
                     [](const ProcessStat& process) {
                       return process.state == 'R' || process.state == 'D';
                     });
}

void Lifecycle::Terminate(SessionStatus status, absl::Time now) {
  forced_ = status;
  phase_ = Phase::kTerminating;
  termination_.emplace(nested_, Nested::kEnded, leader_, cgroup_, now);
}

void Lifecycle::Describe(SessionResult& result) const {
  const int wait_status = wait_status_.value_or(0);
  if (WIFEXITED(wait_status)) {
    result.command_exit = WEXITSTATUS(wait_status);
    result.exit_code = *result.command_exit;
    result.status = result.exit_code == 0 ? SessionStatus::kSuccess
                                          : SessionStatus::kFailure;
  } else {
    result.command_signal = WTERMSIG(wait_status);
    result.exit_code = 128 + *result.command_signal;
    result.status = SessionStatus::kSignal;
  }
  if (forced_.has_value()) {
    result.status = *forced_;
    result.exit_code = 128 + SIGTERM;
  }
  if (result.status == SessionStatus::kKilled) result.ended_by = *ended_by_;
  if (termination_.has_value()) RecordStrays(termination_->strays(), result);
}

}  // namespace csa
