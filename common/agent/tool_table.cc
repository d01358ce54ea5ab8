#include "common/agent/tool_table.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/agent/conversation.h"
#include "common/base/status_macros.h"
#include "common/base/string_view.h"

namespace csa {
namespace {

absl::Status Malformed(const toml::source_region& where,
                       absl::string_view fault) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", where.begin.line, ": ", fault));
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

absl::StatusOr<std::map<std::string, std::string>> EnvironmentAt(
    const toml::table& table) {
  std::map<std::string, std::string> environment;
  const toml::node* const node = table.get("environment");
  if (node == nullptr) return environment;
  if (!node->is_table()) {
    return Malformed(node->source(), "'environment' must be a table");
  }
  for (const auto& [name, value] : *node->as_table()) {
    CSA_ASSIGN_OR_RETURN(const std::string text,
                         TextAt(*node->as_table(), std::string_view(name)));
    environment.emplace(std::string_view(name), text);
  }
  return environment;
}

// Refuses all keys of `table` but `known`.
absl::Status CheckKeys(const toml::table& table,
                       absl::Span<const absl::string_view> known) {
  for (const auto& [key, value] : table) {
    const absl::string_view name = ToAbsl(std::string_view(key));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Malformed(value.source(),
                       absl::StrCat("unknown key '", name, "'"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, AccessMode>> AccessAt(
    const toml::table& table) {
  std::map<std::string, AccessMode> modes;
  const toml::node* const node = table.get("access");
  if (node == nullptr) return modes;
  const absl::Status malformed =
      Malformed(node->source(), "'access' must be a table of tables");
  if (!node->is_table()) return malformed;
  CSA_RETURN_IF_ERROR(CheckKeys(*node->as_table(), kAccessModes));
  for (const auto& [name, value] : *node->as_table()) {
    if (!value.is_table()) return malformed;
    CSA_RETURN_IF_ERROR(
        CheckKeys(*value.as_table(), {"arguments", "environment"}));
    AccessMode mode;
    CSA_ASSIGN_OR_RETURN(mode.arguments,
                         ListAt(*value.as_table(), "arguments"));
    CSA_ASSIGN_OR_RETURN(mode.environment, EnvironmentAt(*value.as_table()));
    modes.emplace(std::string_view(name), std::move(mode));
  }
  return modes;
}

// How often `placeholder` stands in the command line `argv`.
ptrdiff_t Count(const std::vector<std::string>& argv,
                absl::string_view placeholder) {
  return std::count(argv.begin(), argv.end(), placeholder);
}

// What is wrong with the command line `argv` of `tool`; empty when nothing is.
absl::string_view FaultOf(const AgentTool& tool,
                          const std::vector<std::string>& argv) {
  const ptrdiff_t prompts = tool.delivery == PromptDelivery::kStdin ? 0 : 1;
  if (Count(argv, "{prompt}") != prompts) {
    return "must have \"{prompt}\" once, or not at all where the prompt is "
           "delivered by stdin";
  }
  if ((Count(argv, "{model}") == 0) != tool.model_arguments.empty()) {
    return "must have \"{model}\" if there is 'model', and only then";
  }
  const bool takes_arguments = std::any_of(
      tool.access.begin(), tool.access.end(),
      [](const auto& mode) { return !mode.second.arguments.empty(); });
  if ((Count(argv, "{access}") == 0) == takes_arguments) {
    return "must have \"{access}\" if 'access' has 'arguments', and only then";
  }
  return "";
}

// Whether the command lines and the conversations of `tool` go together.
absl::Status CheckTool(const AgentTool& tool, const toml::table& table) {
  const auto malformed = [&](absl::string_view fault) {
    return Malformed(table.source(), fault);
  };
  if (tool.argv.empty()) return malformed("'argv' is empty");
  if (const absl::string_view fault = FaultOf(tool, tool.argv);
      !fault.empty()) {
    return malformed(absl::StrCat("'argv' ", fault));
  }
  const bool chosen = Count(tool.argv, "{conversation}") != 0;
  const bool found = !tool.conversation_pattern.empty();
  if (tool.resume_argv.empty()) {
    return chosen || found
               ? malformed("there is a conversation, but no 'resume'")
               : absl::OkStatus();
  }
  if (const absl::string_view fault = FaultOf(tool, tool.resume_argv);
      !fault.empty()) {
    return malformed(absl::StrCat("'resume' ", fault));
  }
  if (Count(tool.resume_argv, "{conversation}") != 1) {
    return malformed("'resume' must have \"{conversation}\" once");
  }
  if (chosen == found) {
    return malformed(
        "'resume' needs either \"{conversation}\" in 'argv' or a pattern in "
        "'conversation'");
  }
  return absl::OkStatus();
}

absl::StatusOr<AgentTool> ParseTool(const toml::table& table) {
  CSA_RETURN_IF_ERROR(
      CheckKeys(table, {"name", "family", "explicit", "argv", "model", "prompt",
                        "resume", "conversation", "environment", "access"}));
  AgentTool tool;
  CSA_ASSIGN_OR_RETURN(tool.name, TextAt(table, "name"));
  CSA_ASSIGN_OR_RETURN(tool.family, TextAt(table, "family"));
  CSA_ASSIGN_OR_RETURN(tool.argv, ListAt(table, "argv"));
  CSA_ASSIGN_OR_RETURN(tool.model_arguments, ListAt(table, "model"));
  CSA_ASSIGN_OR_RETURN(tool.delivery, DeliveryAt(table));
  CSA_ASSIGN_OR_RETURN(tool.resume_argv, ListAt(table, "resume"));
  CSA_ASSIGN_OR_RETURN(tool.environment, EnvironmentAt(table));
  CSA_ASSIGN_OR_RETURN(tool.access, AccessAt(table));
  if (const toml::node* node = table.get("explicit")) {
    if (!node->is_boolean()) {
      return Malformed(node->source(), "'explicit' must be true or false");
    }
    tool.explicit_only = node->value_or(false);
  }
  if (const toml::node* node = table.get("conversation")) {
    CSA_ASSIGN_OR_RETURN(tool.conversation_pattern,
                         TextAt(table, "conversation"));
    if (const absl::Status status =
            CheckConversationPattern(tool.conversation_pattern);
        !status.ok()) {
      return Malformed(node->source(),
                       absl::StrCat("'conversation': ", status.message()));
    }
  }
  CSA_RETURN_IF_ERROR(CheckTool(tool, table));
  return tool;
}

absl::StatusOr<std::vector<AgentTool>> ParseDocument(absl::string_view toml) {
  CSA_ASSIGN_OR_RETURN(const toml::table document, ParseToml(toml));
  const toml::array* const tables = document["tool"].as_array();
  if (tables == nullptr || document.size() != 1) {
    return Malformed(document.source(), "there must be [[tool]], and no more");
  }
  return ReadTools(*tables);
}

}  // namespace

absl::StatusOr<std::vector<AgentTool>> ParseToolTable(absl::string_view toml) {
  absl::StatusOr<std::vector<AgentTool>> tools = ParseDocument(toml);
  if (tools.ok()) return tools;
  return absl::InvalidArgumentError(
      absl::StrCat("tool table, ", tools.status().message()));
}

absl::StatusOr<std::vector<AgentTool>> ReadTools(const toml::array& tables) {
  std::vector<AgentTool> tools;
  for (const toml::node& node : tables) {
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
