#include "tools/list/table.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "common/cli/duration.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kColumns = 7;
using Row = std::array<std::string, kColumns>;
const Row kHeads = {"ID",   "STATUS",  "TOOL",       "AGE",
                    "TIME", "PROJECT", "DESCRIPTION"};
constexpr size_t kStatusColumn = 1;

// Of an entry that is shown, and how deep below a root.
struct Node {
  const SessionEntry* entry;
  int depth;
};

void AddWithChildren(
    const SessionEntry& entry, int depth,
    const std::multimap<std::string, const SessionEntry*>& children,
    std::vector<Node>& nodes) {
  nodes.push_back({.entry = &entry, .depth = depth});
  const auto [begin, end] = children.equal_range(entry.id.text());
  for (auto child = begin; child != end; ++child) {
    AddWithChildren(*child->second, depth + 1, children, nodes);
  }
}

std::vector<Node> Arrange(const std::vector<SessionEntry>& entries, bool tree) {
  std::set<std::string> ids;
  for (const SessionEntry& entry : entries) ids.insert(entry.id.text());
  std::vector<Node> nodes;
  std::multimap<std::string, const SessionEntry*> children;
  for (const SessionEntry& entry : entries) {
    // A session is younger than its parent: there is no circle.
    if (tree && entry.spec.parent < entry.id.text() &&
        ids.contains(entry.spec.parent)) {
      children.emplace(entry.spec.parent, &entry);
    } else {
      nodes.push_back({.entry = &entry, .depth = 0});
    }
  }
  if (!tree) return nodes;
  std::vector<Node> arranged;
  for (const Node& root : nodes) {
    AddWithChildren(*root.entry, 0, children, arranged);
  }
  return arranged;
}

absl::Duration TimeOf(const SessionEntry& entry, absl::Time now) {
  const bool over = entry.state.has_value() &&
                    entry.state->kind == SessionState::Kind::kFinished;
  return over ? entry.state->result.wall : now - entry.spec.created_at;
}

// The characters of `text`, which is valid UTF-8.
size_t CharactersIn(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) {
        return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
      }));
}

std::string ShowProject(const std::string& project, const std::string& home) {
  absl::string_view below = project;
  if (!home.empty() && absl::ConsumePrefix(&below, home) &&
      (below.empty() || below[0] == '/')) {
    return absl::StrCat("~", EscapeForDisplay(below));
  }
  return EscapeForDisplay(project);
}

// What the caller said of it; else what is executed, where no tool says that.
std::string ShowDescription(const SessionSpec& spec) {
  if (!spec.description.empty() || !spec.tool.empty()) {
    return EscapeForDisplay(spec.description);
  }
  return EscapeForDisplay(absl::StrJoin(spec.argv, " "));
}

Row MakeRow(const Node& node, const TableStyle& style) {
  const SessionEntry& entry = *node.entry;
  const bool lost = StatusName(entry) == "lost";
  return {
      absl::StrCat(std::string(static_cast<size_t>(2 * node.depth), ' '),
                   entry.id.short_text()),
      std::string(StatusName(entry)),
      EscapeForDisplay(entry.spec.tool),
      FormatShortDuration(style.now - entry.spec.created_at),
      // Nobody knows when it was lost.
      lost ? "" : FormatShortDuration(TimeOf(entry, style.now)),
      ShowProject(entry.spec.project, style.home),
      ShowDescription(entry.spec),
  };
}

// As SGR of ECMA-48 has it.
absl::string_view ColourOf(absl::string_view status) {
  if (status == "running") return "\x1b[36m";
  if (status == "success") return "\x1b[32m";
  if (absl::StrContains(status, "timeout") || status == "killed") {
    return "\x1b[33m";
  }
  return "\x1b[31m";
}

std::string FormatRow(const Row& row,
                      const std::array<size_t, kColumns>& widths,
                      const TableStyle& style, bool head) {
  std::string line;
  size_t room = style.width.value_or(SIZE_MAX);
  for (size_t column = 0; column < kColumns; ++column) {
    std::string cell(Utf8Prefix(row[column], room));
    room -= std::min(room, widths[column] + 2);
    const std::string padding(
        widths[column] + 2 - std::min(widths[column], CharactersIn(cell)), ' ');
    if (style.colours && !head && column == kStatusColumn) {
      cell = absl::StrCat(ColourOf(row[column]), cell, "\x1b[0m");
    }
    absl::StrAppend(&line, cell, padding);
  }
  return std::string(absl::StripTrailingAsciiWhitespace(line));
}

}  // namespace

std::vector<std::string> FormatTable(const std::vector<SessionEntry>& entries,
                                     const TableStyle& style) {
  if (entries.empty()) return {};
  std::vector<Row> rows = {kHeads};
  for (const Node& node : Arrange(entries, style.tree)) {
    rows.push_back(MakeRow(node, style));
  }
  std::array<size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (size_t column = 0; column < kColumns; ++column) {
      widths[column] = std::max(widths[column], CharactersIn(row[column]));
    }
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    lines.push_back(FormatRow(row, widths, style, lines.empty()));
  }
  return lines;
}

std::string FormatEntryJson(const SessionEntry& entry, absl::Time now) {
  const SessionSpec& spec = entry.spec;
  const std::string status(StatusName(entry));
  const bool running = status == "running";
  const bool over = entry.state.has_value() && !running;
  const bool lost = status == "lost";
  const Json json = {
      {"session_id", entry.id.text()},
      {"state", over && !lost ? "finished" : status},
      {"status", over ? Json(status) : Json()},
      {"exit_code", over ? Json(entry.state->result.exit_code) : Json()},
      {"tool", OrNull(spec.tool)},
      {"model", OrNull(spec.model)},
      {"project", OrNull(spec.project)},
      {"description", OrNull(spec.description)},
      {"labels", spec.labels},
      {"parent", OrNull(spec.parent)},
      {"created_at", absl::FormatTime(absl::RFC3339_sec, spec.created_at,
                                      absl::UTCTimeZone())},
      // The clock may have been set back.
      {"age_seconds",
       std::max(0.0, absl::ToDoubleSeconds(now - spec.created_at))},
      {"wall_seconds", over && !lost
                           ? Json(absl::ToDoubleSeconds(TimeOf(entry, now)))
                           : Json()},
  };
  return FormatJson(json);
}

}  // namespace csa
