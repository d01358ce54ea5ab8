// The agents that csa run can choose.

#ifndef CSA_TOOLS_DOCTOR_AGENT_CHECKS_H_
#define CSA_TOOLS_DOCTOR_AGENT_CHECKS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/agent/agent_tool.h"
#include "tools/doctor/finding.h"

namespace csa {

// Looks on PATH for those of `tools` that are not chosen by name alone, and
// asks each that is there for its version, one after the other, with 10 s for
// each.
std::vector<Finding> CheckAgents(const std::vector<AgentTool>& tools);

// Which of them are there.
Finding JudgeAgents(const std::vector<std::string>& present,
                    const std::vector<std::string>& missing);

// What is found of `tool`, whose program is at `path` and says `version`.
Finding JudgeVersion(const AgentTool& tool, const std::string& path,
                     const absl::StatusOr<std::string>& version);

}  // namespace csa

#endif  // CSA_TOOLS_DOCTOR_AGENT_CHECKS_H_
