// The real agents, as dev/setup installs them, talking to model_server.py.

#ifndef CSA_TESTS_AGENTS_AGENTS_H_
#define CSA_TESTS_AGENTS_AGENTS_H_

#include <optional>
#include <string>
#include <vector>

#include "common/os/unique_fd.h"
#include "common/testing/program.h"
#include "common/testing/scratch_directory.h"
#include "nlohmann/json.hpp"
#include "tests/csa_test.h"

namespace csa {

// What an agent is told of the model.
struct ModelAccess {
  std::string port;         // of 127.0.0.1; empty for that of the server
  std::string key = "any";  // the server refuses "wrong"
};

// A model server, which does what prompts say, or rules; and a HOME in which
// agents know it.
class RealAgents {
 public:
  // Starts the server. What it and the agents write goes into `scratch`, which
  // must outlive this.
  explicit RealAgents(const ScratchDirectory& scratch);

  // Has the models do `directives`, as model_server.py describes them, where
  // all `texts` are in a prompt that holds none itself. What was said earlier
  // counts first.
  void OnPrompt(const std::vector<std::string>& texts,
                const std::string& directives);

  // Options that make `agents` ("codex", "claude", "opencode", "gemini",
  // "qwen") the first that csa finds. They talk to the model and to nobody
  // else, and try again as seldom as they can be made to. Writes their
  // settings: with other access, those of earlier calls no longer hold. Fails
  // the test where one is not installed.
  ProgramOptions With(const std::vector<std::string>& agents,
                      ModelAccess access = {}) const;

 private:
  const ScratchDirectory& scratch_;
  nlohmann::json rules_ = nlohmann::json::array();
  UniqueFd server_input_;  // the server lives as long as this is open
  std::optional<Program> server_;
  std::string server_port_;
};

// A test with them.
class AgentsTest : public CsaTest {
 protected:
  void SetUp() override;

  // As RealAgents::With.
  ProgramOptions WithAgents(const std::vector<std::string>& agents,
                            ModelAccess access = {}) const;

  // The directory to give to csa run as --cd: agents find a conversation there
  // that began there.
  std::string Project() const { return scratch().PathOf("project"); }

 private:
  std::optional<RealAgents> agents_;
};

}  // namespace csa

#endif  // CSA_TESTS_AGENTS_AGENTS_H_
