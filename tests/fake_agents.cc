#include "tests/fake_agents.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace csa {

FakeAgentsTest::FakeAgentsTest() {
  std::filesystem::create_directory(scratch().PathOf("bin"));
}

void FakeAgentsTest::Install(const std::string& name,
                             const std::string& script) const {
  const std::string path = scratch().PathOf("bin/" + name);
  WriteFile(path, absl::StrCat("#!/bin/sh\n", script, "\n"));
  EXPECT_EQ(chmod(path.c_str(), 0700), 0);
}

std::string FakeAgentsTest::Answer(const std::string& json) {
  return absl::StrCat("cat <<'END'\nI looked.\n```json\n", json,
                      "\n```\nEND\n");
}

std::string FakeAgentsTest::IdOf(const Ended& started) {
  EXPECT_EQ(started.exit_status, 0) << started.error;
  return std::string(absl::StripSuffix(started.output, "\n"));
}

nlohmann::json FakeAgentsTest::VerdictOf(const std::string& id) const {
  return nlohmann::json::parse(FileOf(id, "output/verdict.json"));
}

std::vector<nlohmann::json> FakeAgentsTest::EventsOf(
    const std::string& plan) const {
  std::vector<nlohmann::json> events;
  for (const absl::string_view line :
       absl::StrSplit(FileOf(plan, "plan.jsonl"), '\n', absl::SkipEmpty())) {
    events.push_back(nlohmann::json::parse(line.begin(), line.end()));
  }
  return events;
}

ProgramOptions FakeAgentsTest::WithAgents(const std::string& caller) const {
  return {.environment = {{"CSA_TOOL", caller},
                          {"PATH", absl::StrCat(scratch().PathOf("bin"), ":",
                                                std::getenv("PATH"))}}};
}

}  // namespace csa
