#include "tools/plan/event.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"

namespace csa {
namespace {

struct OutcomeWord {
  Outcome outcome;
  absl::string_view word;
};
constexpr OutcomeWord kOutcomes[] = {
    {Outcome::kDone, "done"},       {Outcome::kFailed, "failed"},
    {Outcome::kSkipped, "skipped"}, {Outcome::kAgain, "again"},
    {Outcome::kManual, "manual"},   {Outcome::kLeftOut, "left_out"},
};

struct KindWord {
  Event::Kind kind;
  absl::string_view word;
};
constexpr KindWord kKinds[] = {
    {Event::Kind::kPlanStarted, "plan_started"},
    {Event::Kind::kStepStarted, "step_started"},
    {Event::Kind::kStepEnded, "step_ended"},
    {Event::Kind::kPlanEnded, "plan_ended"},
};

absl::string_view KindName(Event::Kind kind) {
  for (const KindWord& known : kKinds) {
    if (known.kind == kind) return known.word;
  }
  return "";
}

// What only some events have.
void ReadRest(const nlohmann::json& json, Event& event) {
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
  };
  const auto number = [&](const nlohmann::json& value) {
    return value.is_number_integer() ? value.get<int>() : 0;
  };
  event.workflow = text("workflow");
  event.path = text("path");
  event.resumes = text("resumes");
  event.title = text("title");
  event.tool = text("tool");
  event.session = text("session_id");
  event.reason = text("reason");
  event.turn.step = number(json.value("step", nlohmann::json()));
  event.attempt = number(json.value("attempt", nlohmann::json()));
  event.exit_code = number(json.value("exit_code", nlohmann::json()));
  for (const nlohmann::json& item :
       json.value("items", nlohmann::json::array())) {
    event.turn.items.push_back(number(item));
  }
  const nlohmann::json variables =
      json.value("variables", nlohmann::json::object());
  for (const auto& [name, value] : variables.items()) {
    if (value.is_string()) event.variables[name] = value.get<std::string>();
  }
  const nlohmann::json wall = json.value("wall_seconds", nlohmann::json());
  if (wall.is_number()) event.duration = absl::Seconds(wall.get<double>());
}

}  // namespace

std::string FormatTurn(const Turn& turn) {
  if (turn.items.empty()) return absl::StrCat(turn.step);
  return absl::StrCat(turn.step, "[", absl::StrJoin(turn.items, "."), "]");
}

absl::string_view OutcomeName(Outcome outcome) {
  for (const OutcomeWord& known : kOutcomes) {
    if (known.outcome == outcome) return known.word;
  }
  return "";
}

bool IsFinal(Outcome outcome) {
  return outcome == Outcome::kDone || outcome == Outcome::kSkipped ||
         outcome == Outcome::kManual;
}

std::string FormatEvent(const Event& event) {
  nlohmann::ordered_json json = {{"event", KindName(event.kind)}};
  const bool is_start = event.kind == Event::Kind::kPlanStarted;
  const bool is_end = event.kind == Event::Kind::kStepEnded ||
                      event.kind == Event::Kind::kPlanEnded;
  if (is_start) {
    json["workflow"] = event.workflow;
    json["path"] = event.path;
    json["resumes"] = OrNull(event.resumes);
    json["variables"] = event.variables;
  } else if (event.kind != Event::Kind::kPlanEnded) {
    json["step"] = event.turn.step;
    json["items"] = event.turn.items;
    json["title"] = event.title;
    json["tool"] = OrNull(event.tool);
    json["attempt"] = event.attempt;
    json["session_id"] = OrNull(event.session);
  }
  if (is_end) {
    json["outcome"] = OutcomeName(event.outcome);
    json["exit_code"] = event.exit_code;
    json["wall_seconds"] = absl::ToDoubleSeconds(event.duration);
  }
  if (!is_start) json["reason"] = OrNull(event.reason);
  return FormatJson(json);
}

absl::StatusOr<Event> ParseEvent(absl::string_view json_text) {
  const absl::StatusOr<nlohmann::json> json = ParseJson(json_text);
  if (!json.ok() || !json->is_object()) {
    return absl::DataLossError("it is no JSON object");
  }
  const absl::StatusOr<std::string> kind = TextAt(*json, "event");
  Event event;
  bool is_known = false;
  for (const KindWord& known : kKinds) {
    if (!kind.ok() || *kind != known.word) continue;
    event.kind = known.kind;
    is_known = true;
  }
  if (!is_known) return absl::DataLossError("it is no event");
  if (json->contains("outcome")) {
    const absl::StatusOr<std::string> word = TextAt(*json, "outcome");
    bool has_outcome = false;
    for (const OutcomeWord& known : kOutcomes) {
      if (!word.ok() || *word != known.word) continue;
      event.outcome = known.outcome;
      has_outcome = true;
    }
    if (!has_outcome) return absl::DataLossError("it has no known outcome");
  }
  ReadRest(*json, event);
  return event;
}

absl::StatusOr<Journal> ParseJournal(absl::string_view text) {
  Journal journal;
  bool has_start = false;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == absl::string_view::npos) break;
    ++number;
    absl::StatusOr<Event> event = ParseEvent(text.substr(0, end));
    if (!event.ok()) {
      return absl::DataLossError(
          absl::StrCat("line ", number, ": ", event.status().message()));
    }
    text.remove_prefix(end + 1);
    if (event->kind == Event::Kind::kPlanStarted) {
      journal.start = *std::move(event);
      has_start = true;
    } else if (event->kind != Event::Kind::kPlanEnded) {
      const Turn turn = event->turn;
      journal.last.insert_or_assign(turn, *std::move(event));
    }
  }
  if (!has_start) return absl::DataLossError("the plan had not started");
  return journal;
}

}  // namespace csa
