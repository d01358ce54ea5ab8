#include "common/session/session_spec.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/json.h"
#include "common/base/status_macros.h"
#include "common/session/timestamp.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kSchemaVersion = 1;

Json SecondsOf(const std::optional<absl::Duration>& duration) {
  return duration.has_value() ? Json(absl::ToDoubleSeconds(*duration)) : Json();
}

std::optional<absl::Duration> DurationOf(const Json& seconds) {
  if (seconds.is_null()) return std::nullopt;
  return absl::Seconds(seconds.get<double>());
}

std::optional<int64_t> BytesOf(const Json& bytes) {
  if (bytes.is_null()) return std::nullopt;
  return bytes.get<int64_t>();
}

std::string TextOf(const Json& text) {
  return text.is_null() ? "" : text.get<std::string>();
}

// The same for a member that earlier versions did not write.
std::string TextAt(const Json& json, const char* key) {
  return json.contains(key) ? TextOf(json.at(key)) : "";
}

absl::Status Malformed(absl::string_view fault) {
  return absl::DataLossError(absl::StrCat("session.json: ", fault));
}

// A whole number of 0 or more; get() would take others, and cut them.
uint64_t NumberOf(const Json& number) {
  return number.get_ref<const Json::number_unsigned_t&>();
}

// Throws Json::exception where a member is missing or of another type.
absl::StatusOr<SessionSpec> SpecOf(const Json& json) {
  if (NumberOf(json.at("schema_version")) != kSchemaVersion) {
    return Malformed("written by another version of csa");
  }
  const uint64_t depth = NumberOf(json.at("depth"));
  if (depth < 1 || depth > std::numeric_limits<int>::max()) {
    return Malformed("'depth' is out of range");
  }
  const std::string created_at = json.at("created_at").get<std::string>();
  CSA_ASSIGN_OR_RETURN(const absl::Time created, ParseTimestamp(created_at));
  SessionSpec spec = {
      .id = json.at("id").get<std::string>(),
      .created_at = created,
      .argv = json.at("argv").get<std::vector<std::string>>(),
      .project = TextOf(json.at("project")),
      .description = TextOf(json.at("description")),
      .tool = TextOf(json.at("tool")),
      .model = TextOf(json.at("model")),
      .access = TextAt(json, "access"),
      .conversation = TextAt(json, "conversation"),
      .continues = TextAt(json, "continues"),
      .parent = TextOf(json.at("parent")),
      .depth = static_cast<int>(depth),
      .timeout = DurationOf(json.at("timeout_seconds")),
      .idle_timeout = DurationOf(json.at("idle_timeout_seconds")),
      .memory_max = BytesOf(json.at("memory_max_bytes")),
      .labels = json.at("labels").get<std::map<std::string, std::string>>(),
      .input = json.at("stdin").get<std::string>() == "prompt"
                   ? CommandInput::kPrompt
                   : CommandInput::kNull,
      .ends_nested =
          json.contains("ends_nested") && json.at("ends_nested").get<bool>(),
      .pid_namespace = NumberOf(json.at("pid_namespace")),
  };
  for (const std::optional<absl::Duration>& timeout :
       {spec.timeout, spec.idle_timeout}) {
    if (timeout.has_value() && *timeout <= absl::ZeroDuration()) {
      return Malformed("a timeout is out of range");
    }
  }
  return spec;
}

}  // namespace

std::string FormatSessionSpec(const SessionSpec& spec) {
  Json json;
  json["schema_version"] = kSchemaVersion;
  json["id"] = spec.id;
  json["created_at"] = FormatTimestamp(spec.created_at);
  json["argv"] = spec.argv;
  json["project"] = OrNull(spec.project);
  json["description"] = OrNull(spec.description);
  json["tool"] = OrNull(spec.tool);
  json["model"] = OrNull(spec.model);
  json["access"] = OrNull(spec.access);
  json["conversation"] = OrNull(spec.conversation);
  json["continues"] = OrNull(spec.continues);
  json["parent"] = OrNull(spec.parent);
  json["depth"] = spec.depth;
  json["timeout_seconds"] = SecondsOf(spec.timeout);
  json["idle_timeout_seconds"] = SecondsOf(spec.idle_timeout);
  json["memory_max_bytes"] = OrNull(spec.memory_max);
  json["labels"] = spec.labels;
  json["stdin"] = spec.input == CommandInput::kPrompt ? "prompt" : "null";
  json["ends_nested"] = spec.ends_nested;
  json["pid_namespace"] = spec.pid_namespace;
  return absl::StrCat(FormatJson(json), "\n");
}

absl::StatusOr<SessionSpec> ParseSessionSpec(absl::string_view json) {
  const Json parsed = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed.is_object()) return Malformed("no JSON object");
  try {
    return SpecOf(parsed);
  } catch (const Json::exception& fault) {
    return Malformed(fault.what());
  }
}

std::string FormatCommand(const std::vector<std::string>& argv) {
  std::string bytes;
  for (const std::string& argument : argv) {
    bytes.append(argument);
    bytes.push_back('\0');
  }
  return bytes;
}

absl::StatusOr<std::vector<std::string>> ParseCommand(absl::string_view bytes) {
  if (bytes.empty() || bytes.back() != '\0') {
    return absl::DataLossError("command: not a list of arguments ended by NUL");
  }
  bytes.remove_suffix(1);
  return std::vector<std::string>(absl::StrSplit(bytes, '\0'));
}

}  // namespace csa
