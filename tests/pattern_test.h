// The frame of the tests of patterns/: a project with a remote, in which
// agents and a gh do what the test has laid down.
//
// The agents here are scripts of the same names: tests/agents has the real
// ones.

#ifndef CSA_TESTS_PATTERN_TEST_H_
#define CSA_TESTS_PATTERN_TEST_H_

#include <map>
#include <string>
#include <vector>

#include "tests/fake_agents.h"

namespace csa {

// What the prompts of several patterns say, and of csa review.
inline constexpr char kMessage[] = "Write the message of a git commit";
inline constexpr char kReview[] = "Review a change to the repository";

// What a reviewer states.
inline constexpr char kClean[] = R"({"verdict": "clean", "findings": []})";
inline constexpr char kBug[] =
    R"({"verdict": "findings", "findings": [{"severity": "high", )"
    R"("file": "a.txt", "line": 2, "title": "it leaks", "detail": "so"}]})";

class PatternTest : public FakeAgentsTest {
 protected:
  // Makes a repository on main, with a commit that adds a.txt, and a remote
  // origin that has it.
  PatternTest();

  // Fails the test where a plan has left temporary files.
  ~PatternTest() override;

  // An agent that is given a prompt with `text` in it runs one of `scripts`:
  // the first time the first, and so on; later ones the last. They have the
  // prompt in $input. Where several texts are in a prompt, the one that was
  // laid down last counts. One in which there is none makes an agent fail.
  void OnPrompt(const std::string& text,
                const std::vector<std::string>& scripts);

  // The same for gh, and the text of its arguments; $input is its input.
  void OnGh(const std::string& text, const std::vector<std::string>& scripts);

  // A script that prints `text`.
  static std::string Say(const std::string& text);

  // How often an agent was given a prompt with `text`, as laid down; the
  // prompt, and the agent's command line, of the time `n`, from 1 on.
  int Asked(const std::string& text) const;
  std::string Prompt(const std::string& text, int n = 1) const;
  std::string CommandLine(const std::string& text, int n = 1) const;

  // What gh was called with: the arguments up to --jq, and its input behind
  // " << " where it has some.
  std::vector<std::string> GhCalls() const;

  // How a plan came out.
  struct Outcome {
    std::string id;
    // The steps that ran, and the exit status: "1 2 2 4 -> 0".
    std::string end;
    std::string log;  // for a message
  };

  // Starts patterns/NAME/workflow.toml in the project. Returns its id.
  std::string Start(const std::string& name,
                    const std::vector<std::string>& variables) const;

  // Waits for a plan.
  Outcome Finish(const std::string& plan) const;

  // Both.
  Outcome RunPattern(const std::string& name,
                     const std::vector<std::string>& variables = {}) const;

  // What a step has written to its stdout, and to its stderr, the last time.
  std::string OutputOf(const Outcome& outcome, int step) const;
  std::string ErrorOf(const Outcome& outcome, int step) const;

  // Runs git in the project, or in another repository. Returns its output,
  // without the last newline.
  std::string Git(const std::vector<std::string>& arguments,
                  const std::string& directory = "project") const;

  // Runs a script in the project, as somebody who works there would.
  void Shell(const std::string& script) const;

  // Commits all there is.
  void CommitAll(const std::string& message) const;

  // Makes a branch with a commit that adds feature.txt.
  void StartBranch() const;

  // What git knows of the project and its remote: references, HEAD, and, line
  // by line at the end, what is not committed.
  std::string State() const;

  // The files of the latest commit, as git show --name-status has them.
  std::string FilesOfCommit() const;

  // The path of a file in the project.
  std::string InProject(const std::string& name) const;
  std::string ReadInProject(const std::string& name) const;
  bool IsInProject(const std::string& name) const;

  // Makes or replaces a file.
  void Write(const std::string& name, const std::string& text) const;

  // Has the plans use the tools that are in a directory of the test's.
  void UseTools(const std::string& directory) { tools_ = directory; }

  // Has them use the agents that are first in the environment of `agents`, in
  // the place of scripts.
  void UseAgents(const ProgramOptions& agents);

 private:
  ProgramOptions InProjectOptions() const;
  void InstallStub(const std::string& name, const std::string& kind,
                   const std::string& key) const;
  void LayDown(const std::string& kind, const std::string& text,
               const std::vector<std::string>& scripts);
  std::string OfCall(const std::string& text, int n,
                     const std::string& file) const;
  // The session of the last attempt at a step.
  std::string SessionOf(const std::string& plan, int step) const;

  std::map<std::string, std::string> rules_;  // their directories, by text
  int rule_ = 0;
  std::string tools_;
  ProgramOptions options_;
};

}  // namespace csa

#endif  // CSA_TESTS_PATTERN_TEST_H_
