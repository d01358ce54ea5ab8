#include "tools/config/report.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/json.h"
#include "common/base/toml.h"
#include "common/base/utf8.h"

namespace csa {
namespace {

// A value as TOML has it.
struct InToml {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& text) const {
    return QuoteToml(text);
  }
  std::string operator()(const std::vector<std::string>& texts) const {
    const auto quote = [](std::string* out, const std::string& text) {
      out->append(QuoteToml(text));
    };
    return absl::StrCat("[", absl::StrJoin(texts, ", ", quote), "]");
  }
};

std::string FormatLine(const ConfigurationKey& key, const Setting& setting) {
  std::string line =
      absl::StrCat(FormatKey(key), " = ", std::visit(InToml(), setting.value),
                   "  # ", OriginName(setting.origin));
  if (setting.origin != Origin::kBuiltin) {
    absl::StrAppend(&line, " ", EscapeForDisplay(setting.file), ":",
                    setting.line);
  }
  return line;
}

// Whether the setting is of a tool that the user's file defines.
bool IsDefinition(const ConfigurationKey& key) { return key[0] == "tool"; }

}  // namespace

std::vector<std::string> FormatConfiguration(
    const Configuration& configuration) {
  std::vector<std::string> lines;
  for (const auto& [key, setting] : configuration.settings) {
    if (!IsDefinition(key)) lines.push_back(FormatLine(key, setting));
  }
  std::string tool;
  for (const auto& [key, setting] : configuration.settings) {
    if (!IsDefinition(key)) continue;
    if (key[1] != tool) lines.insert(lines.end(), {"", "[[tool]]"});
    tool = key[1];
    lines.push_back(FormatLine({key.begin() + 2, key.end()}, setting));
  }
  return lines;
}

std::vector<std::string> FormatConfigurationJson(
    const Configuration& configuration) {
  std::vector<std::string> lines;
  for (const auto& [key, setting] : configuration.settings) {
    nlohmann::ordered_json json;
    json["key"] = FormatKey(key);
    std::visit([&](const auto& value) { json["value"] = value; },
               setting.value);
    json["origin"] = std::string(OriginName(setting.origin));
    json["file"] = OrNull(setting.file);
    json["line"] = nullptr;
    if (setting.line > 0) json["line"] = setting.line;
    lines.push_back(FormatJson(json));
  }
  return lines;
}

}  // namespace csa
