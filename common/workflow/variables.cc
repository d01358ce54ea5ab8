#include "common/workflow/variables.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace csa {
namespace {

bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// The "${" in a text, and the "}" that closes it.
struct Braces {
  size_t open = 0;
  size_t closing = absl::string_view::npos;
};

// In one pass, however deep they nest.
std::vector<Braces> FindBraces(absl::string_view text) {
  std::vector<Braces> found;
  std::vector<size_t> open;  // places in `found`
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::StartsWith(text.substr(i), "${")) {
      open.push_back(found.size());
      found.push_back({.open = i});
      ++i;
    } else if (text[i] == '}' && !open.empty()) {
      found[open.back()].closing = i;
      open.pop_back();
    }
  }
  return found;
}

}  // namespace

bool IsReservedVariable(absl::string_view name) {
  constexpr absl::string_view kPrefixes[] = {"CSA_",  "STEP_",  "LD_",
                                             "BASH_", "GCONV_", "GIT_"};
  // The shell's, the C library's, and those by which an interpreter loads code.
  constexpr absl::string_view kNames[] = {"PATH",
                                          "HOME",
                                          "SHELL",
                                          "SHELLOPTS",
                                          "BASHOPTS",
                                          "ENV",
                                          "IFS",
                                          "PS4",
                                          "GLIBC_TUNABLES",
                                          "NODE_OPTIONS",
                                          "NODE_PATH",
                                          "PYTHONPATH",
                                          "PYTHONHOME",
                                          "PYTHONSTARTUP",
                                          "PERL5LIB",
                                          "PERL5OPT",
                                          "RUBYLIB",
                                          "RUBYOPT",
                                          "JAVA_TOOL_OPTIONS"};
  return std::find(std::begin(kNames), std::end(kNames), name) !=
             std::end(kNames) ||
         std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                     [&](absl::string_view prefix) {
                       return absl::StartsWith(name, prefix);
                     });
}

bool IsVariableCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

absl::string_view VariableNameAt(absl::string_view text) {
  if (text.empty() || IsDigit(text[0])) return "";
  const auto* const end =
      std::find_if_not(text.begin(), text.end(), IsVariableCharacter);
  return text.substr(0, static_cast<size_t>(end - text.begin()));
}

bool IsVariableName(absl::string_view name) {
  return !name.empty() && VariableNameAt(name) == name;
}

std::vector<VariableUse> FindVariables(absl::string_view text) {
  constexpr absl::string_view kFallback = ":-";
  std::vector<VariableUse> uses;
  size_t end = 0;  // of what is part of a mention
  for (const Braces& braces : FindBraces(text)) {
    if (braces.open < end || braces.closing == text.npos) continue;
    absl::string_view inner =
        text.substr(braces.open + 2, braces.closing - braces.open - 2);
    const absl::string_view name = VariableNameAt(inner);
    inner.remove_prefix(name.size());
    const bool has_fallback = absl::StartsWith(inner, kFallback);
    if (name.empty() || (!inner.empty() && !has_fallback)) continue;
    end = braces.closing + 1;
    uses.push_back({.name = std::string(name),
                    .offset = braces.open,
                    .length = end - braces.open});
    if (has_fallback) {
      uses.back().fallback = std::string(inner.substr(kFallback.size()));
    }
  }
  return uses;
}

std::optional<VariableUse> AsVariable(absl::string_view text) {
  std::vector<VariableUse> uses = FindVariables(text);
  if (uses.size() != 1 || uses[0].length != text.size()) return std::nullopt;
  return std::move(uses[0]);
}

absl::StatusOr<std::string> Substitute(absl::string_view text,
                                       const Variables& variables) {
  std::string result;
  std::vector<std::string> missing;
  std::set<std::string> named;
  size_t end = 0;
  for (const VariableUse& use : FindVariables(text)) {
    absl::StrAppend(&result, text.substr(end, use.offset - end));
    end = use.offset + use.length;
    const auto variable = variables.find(use.name);
    const bool is_there = variable != variables.end();
    if (is_there && (!variable->second.empty() || !use.fallback.has_value())) {
      absl::StrAppend(&result, variable->second);
    } else if (use.fallback.has_value()) {
      absl::StrAppend(&result, *use.fallback);
    } else if (named.insert(use.name).second) {
      missing.push_back(use.name);
    }
    if (result.size() > kMaxSubstituted) break;
  }
  if (!missing.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no value for ", absl::StrJoin(missing, ", ")));
  }
  absl::StrAppend(&result, text.substr(end));
  if (result.size() <= kMaxSubstituted) return result;
  return absl::OutOfRangeError(
      absl::StrCat("with its variables, the text is longer than ",
                   kMaxSubstituted >> 20, " MiB"));
}

}  // namespace csa
