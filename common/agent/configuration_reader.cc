#include "common/agent/configuration_reader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/agent/command_line.h"
#include "common/agent/tool_table.h"
#include "common/base/session_variables.h"
#include "common/base/status_macros.h"
#include "common/base/toml.h"
#include "common/cli/duration.h"
#include "common/cli/nearest.h"

namespace csa {
namespace {

using Value = decltype(Setting::value);

// What a value must be.
enum class Kind {
  kDefinitions,  // [[tool]]
  kTool,
  kTools,
  kTierTools,  // TOOL or TOOL:MODEL
  kModel,
  kAccess,
  kTimeout,
  kVariable,
};

struct Rule {
  absl::string_view key;  // "*" stands for any name
  Kind kind;
  bool user_only = false;
};

constexpr std::array<Rule, 9> kRules = {{
    {"default_tool", Kind::kTool},
    {"prefer", Kind::kTools},
    {"tiers.*.tools", Kind::kTierTools},
    {"tools.*.model", Kind::kModel},
    {"tools.*.access", Kind::kAccess, /*user_only=*/true},
    {"tools.*.timeout", Kind::kTimeout},
    {"tools.*.idle_timeout", Kind::kTimeout},
    {"tools.*.environment.*", Kind::kVariable, /*user_only=*/true},
    {"tool", Kind::kDefinitions, /*user_only=*/true},
}};

// Whether `key` is that of `rule`, or the beginning of one.
bool BeginsWith(const Rule& rule, const ConfigurationKey& key) {
  const std::vector<absl::string_view> parts = absl::StrSplit(rule.key, '.');
  return key.size() <= parts.size() &&
         std::equal(key.begin(), key.end(), parts.begin(),
                    [](const std::string& name, absl::string_view part) {
                      return part == "*" || part == name;
                    });
}

// The rules for `key` and for all below it.
std::vector<Rule> RulesFor(const ConfigurationKey& key) {
  std::vector<Rule> rules;
  std::copy_if(kRules.begin(), kRules.end(), std::back_inserter(rules),
               [&](const Rule& rule) { return BeginsWith(rule, key); });
  return rules;
}

absl::Status Wrong(absl::string_view fault) {
  return absl::InvalidArgumentError(fault);
}

absl::Status UnknownKey(ConfigurationKey key) {
  const std::string name = std::move(key.back());
  key.pop_back();
  std::vector<std::string> names;
  for (const Rule& rule : RulesFor(key)) {
    const std::vector<std::string> parts = absl::StrSplit(rule.key, '.');
    if (std::find(names.begin(), names.end(), parts[key.size()]) ==
        names.end()) {
      names.push_back(parts[key.size()]);
    }
  }
  return Wrong(
      absl::StrCat("unknown key", Suggestion(name, "keys here", names)));
}

absl::StatusOr<std::string> ReadText(const toml::node& node) {
  const std::optional<std::string> text = node.value_exact<std::string>();
  if (!text.has_value()) return Wrong("must be a text");
  if (absl::StrContains(*text, '\0')) return Wrong("has a NUL byte");
  return *text;
}

absl::StatusOr<std::vector<std::string>> ReadTexts(const toml::node& node) {
  std::vector<std::string> texts;
  if (!node.is_array()) return Wrong("must be a list of texts");
  for (const toml::node& element : *node.as_array()) {
    CSA_ASSIGN_OR_RETURN(std::string text, ReadText(element));
    texts.push_back(std::move(text));
  }
  return texts;
}

absl::Status CheckTool(const Configuration& configuration,
                       const std::string& name) {
  if (FindTool(configuration, name) != nullptr) return absl::OkStatus();
  return Wrong(
      absl::StrCat("unknown tool '", name, "'",
                   Suggestion(name, "tools", ToolNames(configuration))));
}

// Whether `name` may be chosen without being asked for on the command line.
absl::Status CheckChoice(const Configuration& configuration,
                         const std::string& name) {
  CSA_RETURN_IF_ERROR(CheckTool(configuration, name));
  if (!FindTool(configuration, name)->explicit_only) return absl::OkStatus();
  return Wrong(absl::StrCat("the tool ", name, " is run only when --tool ",
                            name, " asks for it; name another"));
}

absl::Status CheckModelOf(const Configuration& configuration,
                          const std::string& tool, absl::string_view model) {
  CSA_RETURN_IF_ERROR(CheckModel(model));
  if (!FindTool(configuration, tool)->model_arguments.empty()) {
    return absl::OkStatus();
  }
  return Wrong(
      absl::StrCat("the tool ", tool, " takes no model; leave it out"));
}

absl::Status CheckTierTool(const Configuration& configuration,
                           absl::string_view text) {
  const TierTool tool = ParseTierTool(text);
  CSA_RETURN_IF_ERROR(CheckChoice(configuration, tool.tool));
  if (tool.tool.size() == text.size()) return absl::OkStatus();
  return CheckModelOf(configuration, tool.tool, tool.model);
}

absl::StatusOr<Value> ReadChoices(const Configuration& configuration, Kind kind,
                                  const toml::node& node) {
  CSA_ASSIGN_OR_RETURN(std::vector<std::string> texts, ReadTexts(node));
  if (texts.empty()) {
    return Wrong("is empty; name a tool, or leave the key out");
  }
  for (const std::string& text : texts) {
    CSA_RETURN_IF_ERROR(kind == Kind::kTools
                            ? CheckChoice(configuration, text)
                            : CheckTierTool(configuration, text));
  }
  return texts;
}

absl::StatusOr<std::string> ReadTimeout(const toml::node& node) {
  const std::optional<int64_t> seconds = node.value_exact<int64_t>();
  std::string text;
  if (seconds.has_value()) {
    text = absl::StrCat(*seconds);
  } else if (node.is_string()) {
    CSA_ASSIGN_OR_RETURN(text, ReadText(node));
  } else {
    return Wrong("must be a duration: \"1h30m\", or a number of seconds");
  }
  CSA_RETURN_IF_ERROR(ParseTimeout(text).status());
  return text;
}

absl::Status CheckVariable(absl::string_view name) {
  if (name.empty() || absl::StrContains(name, '=') ||
      absl::StrContains(name, '\0')) {
    return Wrong("is no name of a variable");
  }
  if (std::find(kSessionVariables.begin(), kSessionVariables.end(), name) !=
      kSessionVariables.end()) {
    return Wrong("is set by csa itself; leave it out");
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> ReadValue(const Configuration& configuration,
                                const Rule& rule, const ConfigurationKey& key,
                                const toml::node& node) {
  if (rule.kind == Kind::kTools || rule.kind == Kind::kTierTools) {
    return ReadChoices(configuration, rule.kind, node);
  }
  if (rule.kind == Kind::kTimeout) return ReadTimeout(node);
  CSA_ASSIGN_OR_RETURN(std::string text, ReadText(node));
  if (rule.kind == Kind::kTool) {
    CSA_RETURN_IF_ERROR(CheckChoice(configuration, text));
  } else if (rule.kind == Kind::kModel) {
    CSA_RETURN_IF_ERROR(CheckModelOf(configuration, key[1], text));
  } else if (rule.kind == Kind::kVariable) {
    CSA_RETURN_IF_ERROR(CheckVariable(key[3]));
  } else if (std::find(kAccessModes.begin(), kAccessModes.end(), text) ==
             kAccessModes.end()) {
    return Wrong("must be read-only, workspace or full");
  }
  return text;
}

// Whether a file may define a tool `name`. It stands in keys, and before the
// colon of a tier's tool.
absl::Status CheckNewName(const Configuration& configuration,
                          const std::string& name) {
  if (!IsBareKey(name) || name[0] == '-') {
    return Wrong(
        "a tool's name has letters, digits, '-' and '_' only, and does not "
        "begin with '-'");
  }
  if (FindTool(configuration, name) == nullptr) return absl::OkStatus();
  return Wrong("there is a tool of this name already; give it another");
}

// A value of a [[tool]] that has been checked but for what no program can be
// given.
absl::StatusOr<Value> ReadDefinition(const ConfigurationKey& key,
                                     const toml::node& node) {
  if (key.size() >= 4 && key[key.size() - 2] == "environment") {
    CSA_RETURN_IF_ERROR(CheckVariable(key.back()));
  }
  if (node.is_boolean()) return node.value_or(false);
  if (node.is_array()) return ReadTexts(node);
  return ReadText(node);
}

// The line that a key or a table begins on.
template <typename T>
int LineOf(const T& where) {
  return static_cast<int>(where.source().begin.line);
}

// Reads one file into a configuration.
class Reader {
 public:
  Reader(const ConfigurationFile& file, Configuration& configuration)
      : file_(file), configuration_(configuration) {}

  absl::Status Read() {
    const absl::StatusOr<toml::table> document = ParseToml(file_.text);
    if (!document.ok()) return WithPath(document.status(), "");
    // What the rest may name.
    const auto tools = document->find("tool");
    if (tools != document->end()) {
      CSA_RETURN_IF_ERROR(
          ReadNode({"tool"}, LineOf(tools->first), tools->second));
    }
    CSA_RETURN_IF_ERROR(ReadTable({}, *document));
    CompletePreference(configuration_);
    return absl::OkStatus();
  }

 private:
  // An error "line N: FAULT", with the path, and the key if it is known.
  absl::Status WithPath(const absl::Status& status,
                        absl::string_view key) const {
    const std::vector<absl::string_view> parts = absl::StrSplit(
        absl::StripPrefix(status.message(), "line "), absl::MaxSplits(' ', 1));
    return Wrong(
        absl::StrCat(file_.path, ":", parts[0], " ", key, parts.back()));
  }

  absl::Status At(int line, const ConfigurationKey& key,
                  const absl::Status& status) const {
    if (status.ok()) return status;
    return Wrong(absl::StrCat(file_.path, ":", line, ": ", FormatKey(key), ": ",
                              status.message()));
  }

  void Set(int line, const ConfigurationKey& key, Value value) {
    configuration_.settings[key] = {.value = std::move(value),
                                    .origin = file_.origin,
                                    .file = file_.path,
                                    .line = line};
  }

  absl::Status ReadTable(const ConfigurationKey& key,
                         const toml::table& table) {
    for (const auto& [name, node] : table) {
      ConfigurationKey below = key;
      below.emplace_back(name.str());
      if (below == ConfigurationKey{"tool"}) continue;
      CSA_RETURN_IF_ERROR(ReadNode(below, LineOf(name), node));
    }
    return absl::OkStatus();
  }

  // Reads the value of `key`, which stands on `line`.
  absl::Status ReadNode(const ConfigurationKey& key, int line,
                        const toml::node& node) {
    const std::vector<Rule> rules = RulesFor(key);
    if (rules.empty()) return At(line, key, UnknownKey(key));
    const auto is_user_only = [](const Rule& rule) { return rule.user_only; };
    if (file_.origin == Origin::kProjectFile &&
        std::all_of(rules.begin(), rules.end(), is_user_only)) {
      return At(line, key,
                Wrong("a project's file may not say this, since it may have "
                      "come with somebody's repository; put it into your own, "
                      "~/.config/csa/config.toml"));
    }
    if (rules[0].kind == Kind::kDefinitions) return Define(line, node);
    if (key.size() == 2 && key[0] == "tools") {
      CSA_RETURN_IF_ERROR(At(line, key, CheckTool(configuration_, key[1])));
    }
    const std::vector<absl::string_view> parts =
        absl::StrSplit(rules[0].key, '.');
    if (key.size() < parts.size()) return ReadTableNode(key, line, node);
    absl::StatusOr<Value> value =
        ReadValue(configuration_, rules[0], key, node);
    if (!value.ok()) return At(line, key, value.status());
    Set(line, key, *std::move(value));
    return absl::OkStatus();
  }

  absl::Status ReadTableNode(const ConfigurationKey& key, int line,
                             const toml::node& node) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return At(line, key, Wrong("must be a table"));
    if (key.size() == 2 && key[0] == "tiers" && !table->contains("tools")) {
      return At(line, key, Wrong("has no tools; name some: tools = [\"…\"]"));
    }
    return ReadTable(key, *table);
  }

  // Adds the [[tool]] of `node`, which stands on `line`.
  absl::Status Define(int line, const toml::node& node) {
    const toml::array* const tables = node.as_array();
    if (tables == nullptr) {
      return At(line, {"tool"},
                Wrong("must be [[tool]], which defines a tool; the tool that "
                      "is run is the key default_tool"));
    }
    absl::StatusOr<std::vector<AgentTool>> tools = ReadTools(*tables);
    if (!tools.ok()) return WithPath(tools.status(), "tool: ");
    for (size_t i = 0; i < tools->size(); ++i) {
      const toml::table& table = *tables->get(i)->as_table();
      AgentTool& tool = (*tools)[i];
      const ConfigurationKey key = {"tool", tool.name};
      CSA_RETURN_IF_ERROR(
          At(LineOf(table), key, CheckNewName(configuration_, tool.name)));
      CSA_RETURN_IF_ERROR(Keep(key, table));
      configuration_.tools.push_back(std::move(tool));
    }
    return absl::OkStatus();
  }

  // Keeps what ReadTools has read, as settings.
  absl::Status Keep(const ConfigurationKey& key, const toml::table& table) {
    for (const auto& [name, node] : table) {
      ConfigurationKey below = key;
      below.emplace_back(name.str());
      if (node.is_table()) {
        CSA_RETURN_IF_ERROR(Keep(below, *node.as_table()));
        continue;
      }
      absl::StatusOr<Value> value = ReadDefinition(below, node);
      if (!value.ok()) return At(LineOf(name), below, value.status());
      Set(LineOf(name), below, *std::move(value));
    }
    return absl::OkStatus();
  }

  const ConfigurationFile& file_;
  Configuration& configuration_;
};

}  // namespace

absl::StatusOr<Configuration> WithFile(Configuration below,
                                       const ConfigurationFile& file) {
  CSA_RETURN_IF_ERROR(Reader(file, below).Read());
  return below;
}

}  // namespace csa
