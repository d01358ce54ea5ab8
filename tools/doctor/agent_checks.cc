#include "tools/doctor/agent_checks.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/os/process.h"
#include "tools/doctor/program_version.h"

namespace csa {
namespace {

using Result = Finding::Result;

constexpr absl::Duration kTimeout = absl::Seconds(10);

std::string CheckName(const AgentTool& tool) {
  return absl::StrCat("agent_", tool.name);
}

}  // namespace

std::vector<Finding> CheckAgents(const std::vector<AgentTool>& tools) {
  std::vector<Finding> findings;
  std::vector<std::string> present;
  std::vector<std::string> missing;
  for (const AgentTool& tool : tools) {
    if (tool.explicit_only) continue;
    const absl::StatusOr<std::string> path = FindExecutable(tool.argv[0]);
    (path.ok() ? present : missing).push_back(tool.name);
    if (path.ok()) {
      findings.push_back(
          JudgeVersion(tool, *path, ProgramVersion(*path, kTimeout)));
    } else if (!absl::IsNotFound(path.status())) {
      findings.push_back({.check = CheckName(tool),
                          .result = Result::kWarning,
                          .found = std::string(path.status().message()),
                          .advice = "make it executable: chmod +x"});
    }
  }
  findings.insert(findings.begin(), JudgeAgents(present, missing));
  return findings;
}

Finding JudgeAgents(const std::vector<std::string>& present,
                    const std::vector<std::string>& missing) {
  Finding finding = {.check = "agents"};
  if (present.empty()) {
    finding.result = Result::kWarning;
    finding.found = absl::StrCat("none is on PATH; looked for ",
                                 absl::StrJoin(missing, ", "));
    finding.advice =
        "install one of them for csa run; csa run --tool sh and csa spawn need "
        "none";
    return finding;
  }
  finding.found = absl::StrCat("on PATH: ", absl::StrJoin(present, ", "));
  if (!missing.empty()) {
    absl::StrAppend(&finding.found,
                    "; could be installed: ", absl::StrJoin(missing, ", "));
  }
  return finding;
}

Finding JudgeVersion(const AgentTool& tool, const std::string& path,
                     const absl::StatusOr<std::string>& version) {
  if (version.ok()) {
    return {.check = CheckName(tool),
            .found = absl::StrCat(*version, " (", path, ")")};
  }
  return {
      .check = CheckName(tool),
      .result = Result::kWarning,
      .found = absl::StrCat(path, " --version: ", version.status().message()),
      .advice = absl::StrCat("run it by hand: a session of ", tool.name,
                             " may fail in the same way")};
}

}  // namespace csa
