#include "tests/bench/workflows.h"

#include <chrono>
#include <fstream>
#include <utility>
#include <vector>

#include "tests/bench/command.h"

namespace csa::bench {
namespace {

using std::chrono::nanoseconds;

constexpr int kRounds = 20;
constexpr int kPlanRounds = 5;
constexpr int kSteps = 100;
constexpr size_t kGreatPattern = size_t{1} << 20;

Spread Measure(int rounds, const Store& store,
               const std::vector<std::string>& argv) {
  std::vector<nanoseconds> durations;
  durations.reserve(static_cast<size_t>(rounds));
  for (int round = 0; round < rounds; ++round) {
    durations.push_back(TimeToEnd(store.StartTool(argv)));
    AwaitNoChildren();
  }
  return SpreadOf(std::move(durations));
}

// A script with a variable, and prose around it.
std::string StepOf(int number) {
  const std::string name = "VALUE_" + std::to_string(number);
  std::string step = "## Step " + std::to_string(number) +
                     ": Measure\n\nTool: bash\nTimeout: 5m\n\n```bash\n" +
                     name + "=$(git rev-parse HEAD)\necho \"CSA_VAR:" + name +
                     "=$" + name + "\"\n```\n\n";
  for (int line = 0; line < 10; ++line) {
    step += "What stands below a script says why it is as it is: ${" + name +
            "} and all.\n";
  }
  return step + "\n";
}

std::string GreatPattern() {
  std::string pattern = "---\nname = \"great\"\n---\n\n";
  for (int number = 1;; ++number) {
    const std::string step = StepOf(number);
    if (pattern.size() + step.size() > kGreatPattern) return pattern;
    pattern += step;
  }
}

// A workflow of scripts that do nothing.
std::string PlanOfScripts() {
  std::string plan = "[workflow]\nname = \"scripts\"\n";
  for (int id = 1; id <= kSteps; ++id) {
    plan += "[[workflow.steps]]\nid = " + std::to_string(id) +
            "\ntitle = \"nothing\"\ntool = \"bash\"\nprompt = 'true'\n";
  }
  return plan;
}

}  // namespace

void MeasureWeave(const Store& store, const std::string& patterns,
                  Table& table) {
  const Spread check = Measure(kRounds, store, {"weave", "check", patterns});
  table.SetReference(check.median);
  table.AddTime("`weave check` of the eighteen patterns, the reference", check,
                {.required = std::nullopt, .aim = 50});
  const std::string file = store.directory() + "/PATTERN.md";
  std::ofstream(file) << GreatPattern();
  table.AddTime("`weave compile` of a pattern of 1 MiB",
                Measure(kRounds, store,
                        {"weave", "compile", file, "--output", file + ".toml"}),
                {.required = std::nullopt, .aim = 100});
}

void MeasurePlan(const Store& store, const std::string& tools, Table& table) {
  const std::string file = store.directory() + "/workflow.toml";
  std::ofstream(file) << PlanOfScripts();
  const std::string loop = "for i in $(seq " + std::to_string(kSteps) +
                           "); do '" + tools + "/csa-wait' \"$('" + tools +
                           "/csa-spawn' -- bash -euo pipefail -c true)\"; done";
  const Spread reference =
      Measure(kPlanRounds, store,
              {"csa-run", "--tool", "sh", "--no-daemon", "--", loop});
  const Spread plan =
      Measure(kPlanRounds, store, {"csa-plan", "run", "--no-daemon", file});
  const std::string scripts = std::to_string(kSteps) + " scripts";
  table.SetReference(reference.median);
  table.AddTime("a shell's loop of csa-spawn and csa-wait over " + scripts +
                    ", the reference",
                reference, {});
  table.AddTime("`csa plan run` of " + scripts, plan, {});
  table.AddFigure(
      "what it adds to a step's own session",
      std::chrono::duration<double, std::milli>(plan.median - reference.median)
              .count() /
          kSteps,
      " ms", 2, {.required = 5, .aim = std::nullopt});
}

}  // namespace csa::bench
