// Agents for tests of what csa makes of them: scripts of their names.
// tests/agents has the real ones.

#ifndef CSA_TESTS_FAKE_AGENTS_H_
#define CSA_TESTS_FAKE_AGENTS_H_

#include <string>
#include <vector>

#include "common/testing/program.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {

class FakeAgentsTest : public CsaTest {
 protected:
  FakeAgentsTest();

  // Makes the shell script `script` the agent of this name, over the one
  // before.
  void Install(const std::string& name, const std::string& script) const;

  // A script that says something and ends its answer with a block.
  static std::string Answer(const std::string& json);

  // The id of the session that csa, which did it, has printed.
  static std::string IdOf(const Ended& started);

  // What csa review or csa debate has left in its session.
  nlohmann::json VerdictOf(const std::string& id) const;

  // The events in the journal of a plan.
  std::vector<nlohmann::json> EventsOf(const std::string& plan) const;

  // Options that make the agents here the first that csa finds, called by the
  // agent `caller`.
  ProgramOptions WithAgents(const std::string& caller = "") const;
};

}  // namespace csa

#endif  // CSA_TESTS_FAKE_AGENTS_H_
