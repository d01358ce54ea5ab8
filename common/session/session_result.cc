#include "common/session/session_result.h"

#include <array>
#include <csignal>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/base/string_view.h"
#include "common/base/toml.h"
#include "common/base/utf8.h"
#include "common/session/timestamp.h"

namespace csa {
namespace {

constexpr std::array<std::pair<SessionStatus, absl::string_view>, 7> kNames = {{
    {SessionStatus::kSuccess, "success"},
    {SessionStatus::kFailure, "failure"},
    {SessionStatus::kSignal, "signal"},
    {SessionStatus::kKilled, "killed"},
    {SessionStatus::kTimeout, "timeout"},
    {SessionStatus::kIdleTimeout, "idle_timeout"},
    {SessionStatus::kLost, "lost"},
}};

constexpr size_t kMaxTextCharacters = 200;
constexpr int kMaxInt = std::numeric_limits<int>::max();

// A basic string of TOML 1.0 with at most 200 characters of `text`. Escaped,
// no character takes more than 6 bytes.
std::string Quote(absl::string_view text) {
  return QuoteToml(Utf8Prefix(ReplaceInvalidUtf8(text), kMaxTextCharacters));
}

absl::Status Malformed(absl::string_view fault) {
  return absl::DataLossError(fault);
}

// Reads the members of a table and remembers the first that is missing or of
// another type.
class Members {
 public:
  explicit Members(const toml::table& table) : table_(table) {}

  template <typename Value>
  std::optional<Value> Find(std::string_view key) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    std::optional<Value> value = node->value_exact<Value>();
    // A whole number of seconds is written without a point.
    if constexpr (std::is_same_v<Value, double>) {
      if (!value.has_value()) value = node->value<double>();
    }
    if (!value.has_value()) Fault(key, "is of another type");
    return value;
  }

  void Require(std::string_view key) {
    if (!table_.contains(key)) Fault(key, "is missing");
  }

  template <typename Value>
  Value Get(std::string_view key) {
    Require(key);
    return Find<Value>(key).value_or(Value());
  }

  absl::Time GetTime(std::string_view key) {
    const absl::StatusOr<absl::Time> time =
        ParseTimestamp(Get<std::string>(key));
    if (!time.ok()) Fault(key, "is no time");
    return time.value_or(absl::UnixEpoch());
  }

  // A whole number between these two.
  std::optional<int> FindNumber(std::string_view key, int least, int most) {
    const std::optional<int64_t> value = Find<int64_t>(key);
    if (!value.has_value()) return std::nullopt;
    if (*value < least || *value > most) Fault(key, "is out of range");
    return static_cast<int>(*value);
  }

  std::optional<absl::Duration> FindSeconds(std::string_view key) {
    const std::optional<double> value = Find<double>(key);
    if (!value.has_value()) return std::nullopt;
    const absl::Duration duration = absl::Seconds(*value);
    if (absl::AbsDuration(duration) == absl::InfiniteDuration()) {
      Fault(key, "is out of range");
    }
    return duration;
  }

  void Fault(std::string_view key, absl::string_view fault) {
    if (status_.ok()) {
      status_ = Malformed(absl::StrCat("'", ToAbsl(key), "' ", fault));
    }
  }

  const absl::Status& status() const { return status_; }

 private:
  const toml::table& table_;
  absl::Status status_;
};

std::optional<SessionStatus> StatusNamed(absl::string_view name) {
  for (const auto& [status, its_name] : kNames) {
    if (its_name == name) return status;
  }
  return std::nullopt;
}

// What the older csa may not have written.
void ReadDetails(Members& members, SessionResult& result) {
  result.tool = members.Find<std::string>("tool").value_or("");
  result.summary = members.Find<std::string>("summary").value_or("");
  result.ended_by = members.Find<std::string>("ended_by").value_or("");
  result.command_exit = members.FindNumber("command_exit", 0, 255);
  result.command_signal = members.FindNumber("command_signal", 1, SIGRTMAX);
  if (result.command_exit.has_value() && result.command_signal.has_value()) {
    members.Fault("command_signal", "does not go with 'command_exit'");
  }
  result.max_rss_kb = members.Find<int64_t>("max_rss_kb");
  result.memory_peak = members.Find<int64_t>("memory_peak");
  result.cpu = members.FindSeconds("cpu_seconds");
}

void ReadRequired(Members& members, const toml::table& table,
                  SessionResult& result) {
  result.id = members.Get<std::string>("id");
  result.started_at = members.GetTime("started_at");
  result.completed_at = members.GetTime("completed_at");
  members.Require("wall_seconds");
  members.Require("strays");
  result.wall = members.FindSeconds("wall_seconds").value_or(result.wall);
  result.strays = members.FindNumber("strays", 0, kMaxInt).value_or(0);
  const toml::array* names = table["stray_names"].as_array();
  if (names == nullptr) return members.Fault("stray_names", "is no list");
  for (const toml::node& name : *names) {
    result.stray_names.push_back(name.value_or(std::string()));
  }
}

// That the exit code is what the status says that it is.
void CheckAgrees(Members& members, const SessionResult& result) {
  std::optional<int> expected;
  switch (result.status) {
    case SessionStatus::kSuccess:
    case SessionStatus::kFailure:
      expected = result.command_exit;
      break;
    case SessionStatus::kSignal:
      if (result.command_signal.has_value()) {
        expected = 128 + *result.command_signal;
      }
      break;
    case SessionStatus::kKilled:
    case SessionStatus::kTimeout:
    case SessionStatus::kIdleTimeout:
      expected = 128 + SIGTERM;
      break;
    case SessionStatus::kLost:
      expected = 1;
      break;
  }
  if (result.exit_code != expected.value_or(result.exit_code)) {
    members.Fault("exit_code", "does not go with the status");
  }
}

}  // namespace

absl::string_view SessionStatusName(SessionStatus status) {
  for (const auto& [its_status, name] : kNames) {
    if (its_status == status) return name;
  }
  return "unknown";
}

std::string FormatSessionResult(const SessionResult& result) {
  std::string toml;
  const auto add = [&](absl::string_view key, absl::string_view value) {
    absl::StrAppend(&toml, key, " = ", value, "\n");
  };
  const auto seconds = [](absl::Duration duration) {
    return absl::StrFormat("%.3f", absl::ToDoubleSeconds(duration));
  };
  add("id", Quote(result.id));
  add("status", Quote(SessionStatusName(result.status)));
  add("exit_code", absl::StrCat(result.exit_code));
  if (result.command_exit.has_value()) {
    add("command_exit", absl::StrCat(*result.command_exit));
  }
  if (result.command_signal.has_value()) {
    add("command_signal", absl::StrCat(*result.command_signal));
  }
  add("tool", Quote(result.tool));
  add("summary", Quote(result.summary));
  add("started_at", Quote(FormatTimestamp(result.started_at)));
  add("completed_at", Quote(FormatTimestamp(result.completed_at)));
  add("wall_seconds", seconds(result.wall));
  if (result.cpu.has_value()) add("cpu_seconds", seconds(*result.cpu));
  if (result.max_rss_kb.has_value()) {
    add("max_rss_kb", absl::StrCat(*result.max_rss_kb));
  }
  if (result.memory_peak.has_value()) {
    add("memory_peak", absl::StrCat(*result.memory_peak));
  }
  add("strays", absl::StrCat(result.strays));
  const auto quote = [](std::string* out, const std::string& name) {
    absl::StrAppend(out, Quote(name));
  };
  add("stray_names",
      absl::StrCat("[", absl::StrJoin(result.stray_names, ", ", quote), "]"));
  if (!result.ended_by.empty()) add("ended_by", Quote(result.ended_by));
  return toml;
}

absl::StatusOr<SessionResult> ParseSessionResult(absl::string_view toml) {
  const absl::StatusOr<toml::table> parsed = ParseToml(toml);
  if (!parsed.ok()) return Malformed(parsed.status().message());
  Members members(*parsed);
  SessionResult result;
  const std::string name = members.Get<std::string>("status");
  const std::optional<SessionStatus> status = StatusNamed(name);
  if (!status.has_value()) members.Fault("status", "is none that csa knows");
  result.status = status.value_or(SessionStatus::kLost);
  const int64_t exit_code = members.Get<int64_t>("exit_code");
  const bool succeeded = result.status == SessionStatus::kSuccess;
  if (exit_code < 0 || exit_code > 255 || succeeded != (exit_code == 0)) {
    members.Fault("exit_code", "does not go with the status");
  }
  result.exit_code = static_cast<int>(exit_code);
  ReadDetails(members, result);
  if (parsed->contains("id")) {
    ReadRequired(members, *parsed, result);
    CheckAgrees(members, result);
  }
  CSA_RETURN_IF_ERROR(members.status());
  return result;
}

void RecordStrays(const std::vector<ProcessStat>& strays,
                  SessionResult& result) {
  result.strays = static_cast<int>(strays.size());
  for (const ProcessStat& stray : strays) {
    if (result.stray_names.size() == kMaxStrayNames) break;
    result.stray_names.push_back(absl::StrCat(stray.pid, " ", stray.comm));
  }
}

std::string SummaryOf(absl::string_view output) {
  const std::vector<absl::string_view> lines = absl::StrSplit(output, '\n');
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    std::string text = BlankControls(ReplaceInvalidUtf8(*line));
    absl::StripAsciiWhitespace(&text);
    if (text.empty()) continue;
    return std::string(Utf8Prefix(text, kMaxTextCharacters));
  }
  return "";
}

}  // namespace csa
