// The frame of the tests of csa plan.

#ifndef CSA_TESTS_PLAN_FRAME_H_
#define CSA_TESTS_PLAN_FRAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/fake_agents.h"

namespace csa {

class PlanTest : public FakeAgentsTest {
 protected:
  // A bash step.
  static std::string Bash(absl::string_view title, absl::string_view script,
                          absl::string_view hints = "");

  // Compiles a pattern with these steps; returns the path of the workflow.
  std::string Compile(absl::string_view steps,
                      const std::string& name = "w") const;

  // Runs csa plan run.
  Ended Plan(const std::vector<std::string>& arguments,
             ProgramOptions options = {}) const;

  // The id of a plan that is started.
  std::string Start(const std::vector<std::string>& arguments) const;

  // "3[1] done", for each step that has ended, in their order.
  std::vector<std::string> OutcomesOf(const std::string& plan) const;

  // The session of the last attempt at a step that is not in a loop.
  std::string SessionOf(const std::string& plan, int step) const;

  std::string OutputOf(const std::string& plan, int step) const;

  // How often a script has written a line to the file `name`.
  std::string CountTo(const std::string& name) const;

  int Count(const std::string& name) const;
};

}  // namespace csa

#endif  // CSA_TESTS_PLAN_FRAME_H_
