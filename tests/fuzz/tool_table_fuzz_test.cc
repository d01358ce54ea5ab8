// The tool table: what is read names each tool once, has a command line that
// goes with it, and is read the same again when it is written.

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/agent/tool_table.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

constexpr std::array<absl::string_view, 3> kDeliveries = {"stdin", "argument",
                                                          "file"};

// A basic string of TOML.
std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || c == '"' || c == '\\' || byte == 0x7F) {
      absl::StrAppendFormat(&quoted, "\\u%04X", byte);
    } else {
      quoted.push_back(c);
    }
  }
  return absl::StrCat(quoted, "\"");
}

std::string QuoteList(const std::vector<std::string>& texts) {
  const auto quote = [](std::string* out, const std::string& text) {
    out->append(Quote(text));
  };
  return absl::StrCat("[", absl::StrJoin(texts, ",", quote), "]");
}

std::string Format(const csa::AgentTool& tool) {
  std::string toml = absl::StrCat(
      "[[tool]]\nname = ", Quote(tool.name), "\nfamily = ", Quote(tool.family),
      "\nexplicit = ", tool.explicit_only ? "true" : "false",
      "\nargv = ", QuoteList(tool.argv),
      "\nmodel = ", QuoteList(tool.model_arguments),
      "\nprompt = ", Quote(kDeliveries[static_cast<size_t>(tool.delivery)]),
      "\n");
  for (const auto& [name, value] : tool.environment) {
    absl::StrAppend(&toml, "environment.", Quote(name), " = ", Quote(value),
                    "\n");
  }
  return toml;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto tools = csa::ParseToolTable(csa::TextOf(data, size));
  if (!tools.ok() || tools->empty()) return 0;
  std::set<std::string> names;
  std::string toml;
  for (const csa::AgentTool& tool : *tools) {
    csa::Require(!tool.name.empty() && names.insert(tool.name).second);
    const auto count = [&](absl::string_view word) {
      return std::count(tool.argv.begin(), tool.argv.end(), word);
    };
    csa::Require(!tool.argv.empty());
    csa::Require(count("{prompt}") ==
                 (tool.delivery == csa::PromptDelivery::kStdin ? 0 : 1));
    csa::Require((count("{model}") == 0) == tool.model_arguments.empty());
    absl::StrAppend(&toml, Format(tool));
  }
  csa::Require(csa::ParseToolTable(toml).value() == *tools);
  return 0;
}
