#include "common/agent/tool_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/string_view.h"
#include "common/base/toml.h"

namespace csa {
namespace {

absl::Status Malformed(const toml::source_region& where,
                       absl::string_view fault) {
  return absl::InvalidArgumentError(
      absl::StrCat("tool table, line ", where.begin.line, ": ", fault));
}

absl::StatusOr<std::string> TextAt(const toml::table& table,
                                   std::string_view key) {
  const std::optional<std::string> text = table[key].value_exact<std::string>();
  if (text.has_value() && !text->empty()) return *text;
  return Malformed(table.source(),
                   absl::StrCat("'", ToAbsl(key), "' must be a text"));
}

absl::StatusOr<std::vector<std::string>> ListAt(const toml::table& table,
                                                std::string_view key) {
  std::vector<std::string> texts;
  const toml::node* const node = table.get(key);
  if (node == nullptr) return texts;
  const absl::Status malformed =
      Malformed(node->source(),
                absl::StrCat("'", ToAbsl(key), "' must be a list of texts"));
  if (!node->is_array()) return malformed;
  for (const toml::node& element : *node->as_array()) {
    const std::optional<std::string> text = element.value_exact<std::string>();
    if (!text.has_value()) return malformed;
    texts.push_back(*text);
  }
  return texts;
}

absl::StatusOr<PromptDelivery> DeliveryAt(const toml::table& table) {
  CSA_ASSIGN_OR_RETURN(const std::string name, TextAt(table, "prompt"));
  if (name == "stdin") return PromptDelivery::kStdin;
  if (name == "argument") return PromptDelivery::kArgument;
  if (name == "file") return PromptDelivery::kFile;
  return Malformed(table.source(), "'prompt' must be stdin, argument or file");
}

absl::Status CheckKeys(const toml::table& table) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "name", "family", "explicit", "argv", "model", "prompt", "environment"};
  for (const auto& [key, value] : table) {
    const std::string_view name = key;
    if (std::find(kKeys.begin(), kKeys.end(), name) == kKeys.end()) {
      return Malformed(value.source(),
                       absl::StrCat("unknown key '", ToAbsl(name), "'"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<AgentTool> ParseTool(const toml::table& table) {
  CSA_RETURN_IF_ERROR(CheckKeys(table));
  AgentTool tool;
  CSA_ASSIGN_OR_RETURN(tool.name, TextAt(table, "name"));
  CSA_ASSIGN_OR_RETURN(tool.family, TextAt(table, "family"));
  CSA_ASSIGN_OR_RETURN(tool.argv, ListAt(table, "argv"));
  CSA_ASSIGN_OR_RETURN(tool.model_arguments, ListAt(table, "model"));
  CSA_ASSIGN_OR_RETURN(tool.delivery, DeliveryAt(table));
  if (const toml::node* node = table.get("explicit")) {
    if (!node->is_boolean()) {
      return Malformed(node->source(), "'explicit' must be true or false");
    }
    tool.explicit_only = node->value_or(false);
  }
  if (const toml::node* node = table.get("environment")) {
    const toml::table* const environment = node->as_table();
    if (environment == nullptr) {
      return Malformed(node->source(), "'environment' must be a table");
    }
    for (const auto& [name, value] : *environment) {
      CSA_ASSIGN_OR_RETURN(const std::string text,
                           TextAt(*environment, std::string_view(name)));
      tool.environment.emplace(std::string_view(name), text);
    }
  }
  const auto prompts =
      std::count(tool.argv.begin(), tool.argv.end(), "{prompt}");
  const auto models = std::count(tool.argv.begin(), tool.argv.end(), "{model}");
  if ((models == 0) != tool.model_arguments.empty()) {
    return Malformed(table.source(),
                     "'argv' must have \"{model}\" if there is 'model', and "
                     "only then");
  }
  if (tool.argv.empty()) return Malformed(table.source(), "'argv' is empty");
  if (prompts != (tool.delivery == PromptDelivery::kStdin ? 0 : 1)) {
    return Malformed(table.source(),
                     "'argv' must have \"{prompt}\" once, or not at all where "
                     "the prompt is delivered by stdin");
  }
  return tool;
}

}  // namespace

absl::StatusOr<std::vector<AgentTool>> ParseToolTable(absl::string_view toml) {
  const absl::StatusOr<toml::table> parsed = ParseToml(toml);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("tool table, ", parsed.status().message()));
  }
  std::vector<AgentTool> tools;
  const toml::table& document = *parsed;
  const toml::array* const tables = document["tool"].as_array();
  if (tables == nullptr || document.size() != 1) {
    return Malformed(document.source(), "there must be [[tool]], and no more");
  }
  for (const toml::node& node : *tables) {
    if (!node.is_table()) return Malformed(node.source(), "no [[tool]]");
    CSA_ASSIGN_OR_RETURN(AgentTool tool, ParseTool(*node.as_table()));
    for (const AgentTool& other : tools) {
      if (other.name == tool.name) {
        return Malformed(node.source(),
                         absl::StrCat("'", tool.name, "' comes twice"));
      }
    }
    tools.push_back(std::move(tool));
  }
  return tools;
}

}  // namespace csa
