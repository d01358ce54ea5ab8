// Configuration files: what is read as the user's and then, on top, as the
// project's, is possible; and what csa config show prints of it is a user's
// file that says the same.

#include <map>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/agent/agent_tool.h"
#include "common/agent/configuration.h"
#include "common/agent/configuration_reader.h"
#include "tests/fuzz/fuzz_input.h"
#include "tools/config/report.h"

namespace {

std::map<csa::ConfigurationKey, decltype(csa::Setting::value)> ValuesOf(
    const csa::Configuration& configuration) {
  std::map<csa::ConfigurationKey, decltype(csa::Setting::value)> values;
  for (const auto& [key, setting] : configuration.settings) {
    values.emplace(key, setting.value);
  }
  return values;
}

void CheckPossible(const csa::Configuration& configuration) {
  for (const auto& [key, setting] : configuration.settings) {
    const bool builtin = setting.origin == csa::Origin::kBuiltin;
    csa::Require(builtin == (setting.line == 0));
    csa::Require(setting.line >= 0);
  }
  for (const csa::AgentTool& tool : configuration.tools) {
    const csa::ToolSettings settings =
        csa::SettingsOf(configuration, tool.name);
    csa::Require(settings.model.empty() || settings.model[0] != '-');
    csa::Require(!settings.environment.contains("CSA_SESSION_ID"));
  }
  for (const std::string& name : csa::ListOf(configuration, {"prefer"})) {
    csa::Require(!csa::FindTool(configuration, name)->explicit_only);
  }
  for (const std::string& tier : csa::TierNames(configuration)) {
    for (const std::string& text :
         csa::ListOf(configuration, {"tiers", tier, "tools"})) {
      const csa::TierTool choice = csa::ParseTierTool(text);
      csa::Require(!csa::FindTool(configuration, choice.tool)->explicit_only);
      csa::Require(choice.model.empty() || choice.model[0] != '-');
    }
  }
}

void CheckShown(const csa::Configuration& configuration) {
  const absl::StatusOr<csa::Configuration> again = csa::WithFile(
      csa::BuiltinConfiguration(csa::BuiltinTools()),
      {csa::Origin::kUserFile, "/again",
       absl::StrJoin(csa::FormatConfiguration(configuration), "\n")});
  csa::Require(again.ok() && ValuesOf(*again) == ValuesOf(configuration));
  for (const std::string& line : csa::FormatConfiguration(configuration)) {
    csa::Require(line.find('\n') == line.npos &&
                 line.find('\x1B') == line.npos);
  }
}

}  // namespace

// The user's file, then, after a NUL byte, the project's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<std::string> files =
      absl::StrSplit(csa::TextOf(data, size), absl::MaxSplits('\0', 1));
  const csa::Configuration builtin =
      csa::BuiltinConfiguration(csa::BuiltinTools());
  const absl::StatusOr<csa::Configuration> user = csa::WithFile(
      builtin, {csa::Origin::kUserFile, "/user\n", files.front()});
  if (user.ok()) {
    CheckPossible(*user);
    CheckShown(*user);
  }
  const absl::StatusOr<csa::Configuration> both =
      csa::WithFile(user.ok() ? *user : builtin,
                    {csa::Origin::kProjectFile, "/project", files.back()});
  if (both.ok()) {
    CheckPossible(*both);
    CheckShown(*both);
    csa::Require(both->tools.size() ==
                 (user.ok() ? *user : builtin).tools.size());
  }
  return 0;
}
