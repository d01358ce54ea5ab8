#include "common/workflow/drawing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/json.h"
#include "common/base/utf8.h"
#include "common/cli/duration.h"
#include "common/workflow/outline.h"

namespace csa {
namespace {

// What a person calls the step's tool.
std::string ToolOf(const Step& step) {
  switch (KindOf(step)) {
    case StepKind::kBash:
      return std::string(kBashTool);
    case StepKind::kManual:
      return std::string(kManualTool);
    case StepKind::kNote:
      return std::string(kNoteTool);
    case StepKind::kAgent:
      break;
  }
  const std::string tool =
      step.tool.empty() ? std::string(kAnyAgentTool) : step.tool;
  return step.tier.empty() ? tool : absl::StrCat(tool, ":", step.tier);
}

std::string LabelOf(const Block& block) {
  if (block.kind == Block::Kind::kFor) {
    return absl::StrCat("FOR ", block.variable, " IN ", block.collection);
  }
  return absl::StrCat("IF ", FormatCondition(block.condition));
}

// What of the step is not as usual: " (retry 3, 5m)".
std::string RemarksOn(const Step& step) {
  std::vector<std::string> remarks;
  if (step.on_fail != FailAction()) {
    remarks.push_back(
        absl::StrCat("on failure ", FormatFailAction(step.on_fail)));
  }
  if (!step.session.empty()) {
    remarks.push_back(absl::StrCat("goes on with ", step.session));
  }
  if (step.timeout.has_value()) {
    remarks.push_back(
        absl::StrCat("at most ", FormatShortDuration(*step.timeout)));
  }
  if (remarks.empty()) return "";
  return absl::StrCat(" (", absl::StrJoin(remarks, ", "), ")");
}

class TextDrawing {
 public:
  explicit TextDrawing(const Workflow& workflow) : workflow_(workflow) {
    for (const Step& step : workflow.steps) {
      tool_width_ = std::max(tool_width_, ToolOf(step).size());
    }
  }

  std::string Draw() {
    Add(0, workflow_.description.empty()
               ? workflow_.name
               : absl::StrCat(workflow_.name, ": ", workflow_.description));
    AddNodes(OutlineOf(workflow_.steps), 1);
    return absl::StrJoin(lines_, "\n");
  }

 private:
  void AddNodes(const std::vector<OutlineNode>& nodes, int depth) {
    for (const OutlineNode& node : nodes) {
      const Step& step = workflow_.steps[node.step];
      if (!node.is_block) {
        Add(depth, absl::StrFormat("%2d  %-*s  %s%s", step.id,
                                   static_cast<int>(tool_width_), ToolOf(step),
                                   step.title, RemarksOn(step)));
        continue;
      }
      Add(depth, LabelOf(node.block));
      AddNodes(node.body, depth + 1);
      if (node.otherwise.empty()) continue;
      Add(depth, "ELSE");
      AddNodes(node.otherwise, depth + 1);
    }
  }

  void Add(int depth, absl::string_view text) {
    lines_.push_back(
        absl::StrCat(std::string(static_cast<size_t>(depth) * 2, ' '),
                     EscapeForDisplay(text)));
  }

  const Workflow& workflow_;
  std::vector<std::string> lines_;
  size_t tool_width_ = 0;
};

nlohmann::ordered_json JsonOf(const Step& step) {
  nlohmann::ordered_json loops = nlohmann::ordered_json::array();
  for (const Block& block : step.blocks) {
    if (block.kind != Block::Kind::kFor) continue;
    loops.push_back({{"variable", block.variable},
                     {"collection", block.collection},
                     {"max_iterations", block.max_iterations}});
  }
  nlohmann::ordered_json json = {
      {"id", step.id},
      {"title", step.title},
      {"tool", OrNull(step.tool)},
      {"tier", OrNull(step.tier)},
      {"prompt", step.prompt},
      {"depends_on", step.depends_on},
      {"on_fail", FormatFailAction(step.on_fail)},
      {"condition", OrNull(FormatConditions(step))},
      {"loops", std::move(loops)},
      {"session", OrNull(step.session)},
      {"timeout_seconds", nullptr},
  };
  if (step.timeout.has_value()) {
    json["timeout_seconds"] = absl::ToDoubleSeconds(*step.timeout);
  }
  return json;
}

std::string DrawJson(const Workflow& workflow) {
  nlohmann::ordered_json variables = nlohmann::ordered_json::array();
  for (const WorkflowVariable& variable : workflow.variables) {
    nlohmann::ordered_json json = {{"name", variable.name},
                                   {"default", nullptr}};
    if (variable.default_value.has_value()) {
      json["default"] = *variable.default_value;
    }
    variables.push_back(std::move(json));
  }
  nlohmann::ordered_json steps = nlohmann::ordered_json::array();
  for (const Step& step : workflow.steps) steps.push_back(JsonOf(step));
  return FormatJson({{"name", workflow.name},
                     {"description", workflow.description},
                     {"version", OrNull(workflow.version)},
                     {"variables", std::move(variables)},
                     {"steps", std::move(steps)}});
}

// What leads from one thing to the next, in no language yet.
struct Graph {
  enum class Shape { kStep, kCondition, kLoop, kEnd };
  struct Node {
    std::string name;
    Shape shape;
    std::string label;
  };
  struct Edge {
    std::string from;
    std::string to;
    std::string label;
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

class GraphBuilder {
 public:
  explicit GraphBuilder(const std::vector<Step>& steps) : steps_(steps) {}

  Graph Build() {
    const Ends start = {{Add("start", Graph::Shape::kEnd, "start"), ""}};
    const Ends ends = Walk(OutlineOf(steps_), start);
    Connect(ends, Add("end", Graph::Shape::kEnd, "end"));
    return std::move(graph_);
  }

 private:
  // Nodes that lead to what comes next, and what holds on the way.
  using Ends = std::vector<std::pair<std::string, std::string>>;

  Ends Walk(const std::vector<OutlineNode>& nodes, Ends ends) {
    for (const OutlineNode& node : nodes) {
      const Step& step = steps_[node.step];
      if (!node.is_block) {
        const std::string name = absl::StrCat("s", step.id);
        Connect(ends, Add(name, Graph::Shape::kStep,
                          absl::StrCat(step.id, ". ", step.title, "\n",
                                       ToolOf(step))));
        ends = {{name, ""}};
        continue;
      }
      const bool is_loop = node.block.kind == Block::Kind::kFor;
      const std::string name =
          absl::StrCat(is_loop ? "for" : "if", node.block.number, "_", step.id);
      Connect(
          ends,
          Add(name, is_loop ? Graph::Shape::kLoop : Graph::Shape::kCondition,
              LabelOf(node.block)));
      if (is_loop) {
        Connect(Walk(node.body, {{name, "each"}}), name);
        ends = {{name, "done"}};
        continue;
      }
      ends = Walk(node.body, {{name, "yes"}});
      Ends others = Walk(node.otherwise, {{name, "no"}});
      ends.insert(ends.end(), others.begin(), others.end());
    }
    return ends;
  }

  std::string Add(std::string name, Graph::Shape shape, std::string label) {
    graph_.nodes.push_back({name, shape, std::move(label)});
    return name;
  }

  void Connect(const Ends& ends, const std::string& to) {
    for (const auto& [from, label] : ends) {
      graph_.edges.push_back({from, to, label});
    }
  }

  const std::vector<Step>& steps_;
  Graph graph_;
};

// "…" for Graphviz.
std::string QuoteDot(absl::string_view text) {
  std::string quoted;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    quoted += quoted.empty() ? "\"" : "\\n";
    for (const char c : BlankControls(line)) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string DrawDot(const Workflow& workflow) {
  const Graph graph = GraphBuilder(workflow.steps).Build();
  const auto shape = [](Graph::Shape its) {
    return its == Graph::Shape::kStep        ? "box"
           : its == Graph::Shape::kCondition ? "diamond"
           : its == Graph::Shape::kLoop      ? "hexagon"
                                             : "ellipse";
  };
  std::vector<std::string> lines = {
      absl::StrCat("digraph ", QuoteDot(workflow.name), " {")};
  for (const Graph::Node& node : graph.nodes) {
    lines.push_back(absl::StrCat("  ", node.name, " [shape=", shape(node.shape),
                                 ", label=", QuoteDot(node.label), "];"));
  }
  for (const Graph::Edge& edge : graph.edges) {
    lines.push_back(absl::StrCat(
        "  ", edge.from, " -> ", edge.to,
        edge.label.empty() ? "" : absl::StrCat(" [label=", edge.label, "]"),
        ";"));
  }
  lines.emplace_back("}");
  return absl::StrJoin(lines, "\n");
}

// "…" for Mermaid: what could mean something to it, or to HTML, as the number
// of its character.
std::string QuoteMermaid(absl::string_view text) {
  std::string quoted;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    quoted += quoted.empty() ? "\"" : "<br/>";
    for (const char c : BlankControls(line)) {
      const auto byte = static_cast<unsigned char>(c);
      if (absl::ascii_isascii(byte) && !absl::ascii_isalnum(byte) &&
          !absl::StrContains(" .,_-", absl::string_view(&c, 1))) {
        absl::StrAppend(&quoted, "#", int{byte}, ";");
      } else {
        quoted += c;
      }
    }
  }
  return quoted + "\"";
}

std::string DrawMermaid(const Workflow& workflow) {
  const Graph graph = GraphBuilder(workflow.steps).Build();
  const auto shaped = [](Graph::Shape shape, const std::string& label) {
    return shape == Graph::Shape::kStep        ? absl::StrCat("[", label, "]")
           : shape == Graph::Shape::kCondition ? absl::StrCat("{", label, "}")
           : shape == Graph::Shape::kLoop      ? absl::StrCat("{{", label, "}}")
                                          : absl::StrCat("([", label, "])");
  };
  std::vector<std::string> lines = {"flowchart TD"};
  for (const Graph::Node& node : graph.nodes) {
    // "end" is a word of its language.
    lines.push_back(absl::StrCat("  n_", node.name,
                                 shaped(node.shape, QuoteMermaid(node.label))));
  }
  for (const Graph::Edge& edge : graph.edges) {
    lines.push_back(absl::StrCat(
        "  n_", edge.from, " -->",
        edge.label.empty() ? "" : absl::StrCat("|", edge.label, "|"), " n_",
        edge.to));
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

std::string Draw(const Workflow& workflow, OutputFormat format) {
  switch (format) {
    case OutputFormat::kText:
      return TextDrawing(workflow).Draw();
    case OutputFormat::kJson:
      return DrawJson(workflow);
    case OutputFormat::kDot:
      return DrawDot(workflow);
    case OutputFormat::kMermaid:
      return DrawMermaid(workflow);
  }
  return "";
}

}  // namespace csa
