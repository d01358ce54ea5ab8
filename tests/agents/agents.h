// The real agents, as dev/setup installs them, talking to model_server.py.

#ifndef CSA_TESTS_AGENTS_AGENTS_H_
#define CSA_TESTS_AGENTS_AGENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/os/unique_fd.h"
#include "tests/csa_test.h"

namespace csa {

// What an agent is told of the model.
struct ModelAccess {
  std::string port;         // of 127.0.0.1; empty for that of the server
  std::string key = "any";  // the server refuses "wrong"
};

// A test with a model server, which does what prompts say, and a scratch HOME
// in which agents know it.
class AgentsTest : public CsaTest {
 protected:
  // Starts the server.
  void SetUp() override;

  // Options that make `agents` ("codex", "claude", "opencode", "gemini",
  // "qwen") the first that csa finds. They talk to the model and to nobody
  // else, and try again as seldom as they can be made to. Writes their
  // settings: with other access, those of earlier calls no longer hold. Fails
  // the test where one is not installed.
  ProgramOptions WithAgents(const std::vector<std::string>& agents,
                            ModelAccess access = {}) const;

  // The directory to give to csa run as --cd: agents find a conversation there
  // that began there.
  std::string Project() const { return scratch().PathOf("project"); }

 private:
  UniqueFd server_input_;  // the server lives as long as this is open
  std::optional<Program> server_;
  std::string server_port_;
};

}  // namespace csa

#endif  // CSA_TESTS_AGENTS_AGENTS_H_
