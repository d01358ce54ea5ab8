#include "common/agent/configuration.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/toml.h"
#include "common/cli/duration.h"

namespace csa {
namespace {

// The text of a setting; "" where there is none.
std::string TextOf(const Configuration& configuration,
                   const ConfigurationKey& key) {
  const Setting* const setting = FindSetting(configuration, key);
  return setting == nullptr ? "" : std::get<std::string>(setting->value);
}

std::optional<absl::Duration> TimeoutOf(const Configuration& configuration,
                                        const ConfigurationKey& key) {
  const std::string text = TextOf(configuration, key);
  if (text.empty()) return std::nullopt;
  return ParseTimeout(text).value();  // WithFile has looked at it
}

}  // namespace

absl::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kBuiltin:
      return "builtin";
    case Origin::kUserFile:
      return "user file";
    case Origin::kProjectFile:
      return "project file";
  }
  return "";
}

void CompletePreference(Configuration& configuration) {
  auto& names = std::get<std::vector<std::string>>(
      configuration.settings[{"prefer"}].value);
  for (const AgentTool& tool : configuration.tools) {
    const bool named =
        std::find(names.begin(), names.end(), tool.name) != names.end();
    if (!tool.explicit_only && !named) names.push_back(tool.name);
  }
}

Configuration BuiltinConfiguration(std::vector<AgentTool> tools) {
  Configuration configuration = {.tools = std::move(tools)};
  configuration.settings[{"prefer"}].value = std::vector<std::string>();
  CompletePreference(configuration);
  return configuration;
}

const AgentTool* FindTool(const Configuration& configuration,
                          absl::string_view name) {
  for (const AgentTool& tool : configuration.tools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

std::vector<std::string> ToolNames(const Configuration& configuration) {
  std::vector<std::string> names;
  names.reserve(configuration.tools.size());
  for (const AgentTool& tool : configuration.tools) names.push_back(tool.name);
  return names;
}

const Setting* FindSetting(const Configuration& configuration,
                           const ConfigurationKey& key) {
  const auto found = configuration.settings.find(key);
  return found == configuration.settings.end() ? nullptr : &found->second;
}

std::vector<std::string> ListOf(const Configuration& configuration,
                                const ConfigurationKey& key) {
  const Setting* const setting = FindSetting(configuration, key);
  if (setting == nullptr) return {};
  return std::get<std::vector<std::string>>(setting->value);
}

std::vector<std::string> TierNames(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const auto& [key, setting] : configuration.settings) {
    if (key[0] == "tiers") names.push_back(key[1]);
  }
  return names;
}

TierTool ParseTierTool(absl::string_view text) {
  const size_t colon = std::min(text.find(':'), text.size());
  TierTool tool = {.tool = std::string(text.substr(0, colon))};
  if (colon < text.size()) tool.model = std::string(text.substr(colon + 1));
  return tool;
}

std::string FormatTierTool(const TierTool& tool) {
  return tool.model.empty() ? tool.tool
                            : absl::StrCat(tool.tool, ":", tool.model);
}

ToolSettings SettingsOf(const Configuration& configuration,
                        const std::string& tool) {
  ToolSettings settings = {
      .model = TextOf(configuration, {"tools", tool, "model"}),
      .access = TextOf(configuration, {"tools", tool, "access"}),
      .timeout = TimeoutOf(configuration, {"tools", tool, "timeout"}),
      .idle_timeout = TimeoutOf(configuration, {"tools", tool, "idle_timeout"}),
  };
  for (const auto& [key, setting] : configuration.settings) {
    if (key.size() == 4 && key[0] == "tools" && key[1] == tool) {
      settings.environment[key[3]] = std::get<std::string>(setting.value);
    }
  }
  return settings;
}

bool IsBareKey(absl::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '-';
  });
}

std::string FormatKey(const ConfigurationKey& key) {
  return absl::StrJoin(key, ".", [](std::string* out, const std::string& part) {
    absl::StrAppend(out, IsBareKey(part) ? part : QuoteToml(part));
  });
}

}  // namespace csa
