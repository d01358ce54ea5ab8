#include "tests/plan_frame.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"

namespace csa {

using Json = nlohmann::json;

std::string PlanTest::Bash(absl::string_view title, absl::string_view script,
                           absl::string_view hints) {
  return absl::StrCat("## ", title, "\nTool: bash\n", hints, "```bash\n",
                      script, "\n```\n");
}

std::string PlanTest::Compile(absl::string_view steps,
                              const std::string& name) const {
  const std::string pattern = scratch().PathOf(name + ".md");
  std::string workflow = scratch().PathOf(name + ".toml");
  std::ofstream(pattern) << "---\nname = \"" << name << "\"\n---\n" << steps;
  const Ended compiled = RunProgram(
      {Tool("weave"), "compile", "--strict", pattern, "-o", workflow},
      InTest());
  EXPECT_EQ(compiled.exit_status, 0) << compiled.error;
  return workflow;
}

Ended PlanTest::Plan(const std::vector<std::string>& arguments,
                     ProgramOptions options) const {
  std::vector<std::string> argv = {"plan", "run"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  options.environment.merge(WithAgents().environment);
  return Csa(argv, options);
}

std::string PlanTest::Start(const std::vector<std::string>& arguments) const {
  return IdOf(Plan(arguments));
}

std::vector<std::string> PlanTest::OutcomesOf(const std::string& plan) const {
  std::vector<std::string> outcomes;
  for (const Json& event : EventsOf(plan)) {
    if (event.at("event") != "step_ended") continue;
    std::string turn = absl::StrCat(event.at("step").get<int>());
    for (const Json& item : event.at("items")) {
      absl::StrAppend(&turn, ".", item.get<int>());
    }
    outcomes.push_back(
        absl::StrCat(turn, " ", event.at("outcome").get<std::string>()));
  }
  return outcomes;
}

std::string PlanTest::SessionOf(const std::string& plan, int step) const {
  std::string session;
  for (const Json& event : EventsOf(plan)) {
    if (event.value("step", 0) == step && event.at("session_id").is_string()) {
      session = event.at("session_id").get<std::string>();
    }
  }
  return session;
}

std::string PlanTest::OutputOf(const std::string& plan, int step) const {
  return FileOf(SessionOf(plan, step), "stdout.log");
}

std::string PlanTest::CountTo(const std::string& name) const {
  return absl::StrCat("echo x >> ", scratch().PathOf(name));
}

int PlanTest::Count(const std::string& name) const {
  std::ifstream file(scratch().PathOf(name));
  return static_cast<int>(std::count(std::istreambuf_iterator<char>(file),
                                     std::istreambuf_iterator<char>(), 'x'));
}

}  // namespace csa
