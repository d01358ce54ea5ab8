#include "common/workflow/bash_variables.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/string_view.h"
#include "re2/re2.h"

namespace csa {
namespace {

// The variable that `text`, from a "$" on, mentions; nothing where it is none.
std::optional<VariableUse> UseAt(absl::string_view text) {
  const bool in_braces = absl::StartsWith(text, "${");
  absl::string_view rest = text.substr(in_braces ? 2 : 1);
  // The length of it, and what it is the name of.
  if (in_braces && !absl::ConsumePrefix(&rest, "#")) {
    absl::ConsumePrefix(&rest, "!");
  }
  const absl::string_view name = VariableNameAt(rest);
  if (name.empty()) return std::nullopt;
  rest.remove_prefix(name.size());
  return VariableUse{.name = std::string(name),
                     .length = text.size() - rest.size()};
}

// What a line can give values by. The group is a name, or names and options.
struct Assignment {
  const re2::RE2* pattern;
  // One of these stands in a line that it matches. To look for them is far
  // cheaper.
  std::array<absl::string_view, 2> words;
};

std::array<Assignment, 4> Assignments() {
  static const re2::RE2 assignment(
      R"((?:^|[;&|({!]|\b(?:then|do|else|export|local|readonly)"
      R"(|declare|typeset)(?:\s+-\w+)*\s)\s*(\w+)(?:\[\w*\])?\+?=)");
  static const re2::RE2 loop(R"(\b(?:for|select)\s+(\w+)\s)");
  static const re2::RE2 input(
      R"(\b(?:read|mapfile|readarray)((?:\s+(?:-?\w+|''|""))+))");
  static const re2::RE2 print(R"(\bprintf\s+-v\s+(\w+))");
  return {{{&assignment, {"=", "="}},
           {&loop, {"for", "select"}},
           {&input, {"read", "mapfile"}},
           {&print, {"printf", "printf"}}}};
}

}  // namespace

std::vector<VariableUse> FindVariablesOfBash(absl::string_view script) {
  // Those with a fallback that is to be kept, by their place.
  std::map<size_t, VariableUse> with_fallback;
  for (VariableUse& use : FindVariables(script)) {
    if (use.fallback.has_value()) with_fallback[use.offset] = std::move(use);
  }
  std::vector<VariableUse> uses;
  for (size_t offset = script.find('$'); offset != absl::string_view::npos;
       offset = script.find('$', offset + 1)) {
    std::optional<VariableUse> use = UseAt(script.substr(offset));
    if (!use.has_value()) continue;
    use->offset = offset;
    const auto known = with_fallback.find(offset);
    uses.push_back(known == with_fallback.end() ? *std::move(use)
                                                : known->second);
  }
  return uses;
}

std::map<std::string, size_t> FindValuesOfBash(absl::string_view script) {
  std::map<std::string, size_t> values;
  size_t end = 0;
  for (const absl::string_view line : absl::StrSplit(script, '\n')) {
    end += line.size() + 1;
    for (const auto& [pattern, words] : Assignments()) {
      if (!absl::StrContains(line, words[0]) &&
          !absl::StrContains(line, words[1])) {
        continue;
      }
      re2::StringPiece rest(line.data(), line.size());
      std::string names;
      while (re2::RE2::FindAndConsume(&rest, *pattern, &names)) {
        for (const absl::string_view name :
             absl::StrSplit(names, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
          if (IsVariableName(name)) values.emplace(name, end);
        }
      }
    }
  }
  return values;
}

}  // namespace csa
