// The frame of the tests that drive the real binaries.

#ifndef CSA_TESTS_CSA_TEST_H_
#define CSA_TESTS_CSA_TEST_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/os/pid_fd.h"
#include "common/os/unique_fd.h"
#include "common/session/session_result.h"
#include "common/testing/lifeline.h"
#include "common/testing/program.h"
#include "common/testing/scratch_directory.h"
#include "gtest/gtest.h"

namespace csa {

// A FIFO that holds up a shell script until the test opens it: the script says
// `read go < PATH`.
class Gate {
 public:
  explicit Gate(std::string path);

  const std::string& path() const { return path_; }

  // Lets one reader go on, be it there already or not. Does not block.
  void Open() const;

 private:
  std::string path_;
  UniqueFd fd_;
};

// A state directory for one use alone, in which no session is left when it
// ends, and the real binaries, run in it. Several threads may each have one.
class PrivateState {
 public:
  PrivateState();

  // Ends all sessions that are still running. Fails the test where a sanitizer
  // has found something in a program that had nowhere to say it.
  ~PrivateState();

  // Whether csa may make cgroups here.
  static bool WithCgroups();

  // The path of an installed tool: "csa", "csa-wait" …
  static std::string Tool(absl::string_view name);

  // The path of the hostile command: common/testing/hostile.cc.
  static std::string Hostile();

  // `options` with the environment of this test: its state directory, no
  // session around it, no user's configuration but what the test writes to
  // "configuration/csa/config.toml" in its scratch directory.
  ProgramOptions InTest(ProgramOptions options = {}) const;

  // Runs `csa` with these arguments.
  Ended Csa(const std::vector<std::string>& arguments,
            const ProgramOptions& options = {}) const;

  // The command line `csa` with these arguments, for a Program.
  static std::vector<std::string> CsaArgv(
      const std::vector<std::string>& arguments);

  // The command line of `argv` as the first process of a pid namespace of its
  // own, which the kernel ends with it.
  static std::vector<std::string> InPidNamespace(
      const std::vector<std::string>& argv);

  // Prepares a session for csa-supervise, as csa-spawn does, in the directory
  // HiddenDirectoryOf(id).
  void Prepare(const std::string& id,
               const std::vector<std::string>& argv) const;
  std::string HiddenDirectoryOf(const std::string& id) const;

  // Options with the environment in which csa-supervise runs that session.
  ProgramOptions InSession(const std::string& id) const;

  // Starts a shell script as a session. Returns its id.
  std::string Run(const std::string& script) const;

  // Starts a command as a session, after csa-spawn's own options. Returns its
  // id.
  std::string Spawn(const std::vector<std::string>& arguments,
                    const ProgramOptions& options = {}) const;

  // Starts `csa wait` or `csa attach` (`arguments`) of session `id`, and blocks
  // until nothing but the session's end is left for it to wait for.
  std::unique_ptr<Program> StartWaiter(
      const std::string& id, const std::vector<std::string>& arguments) const;

  // Runs csa wait until it is not 124.
  Ended Wait(const std::string& id) const;
  Ended Kill(const std::string& id) const;

  std::string Sessions() const { return scratch_.PathOf("state/sessions"); }
  std::string DirectoryOf(const std::string& id) const;
  std::string FileOf(const std::string& id, absl::string_view file) const;

  // The names of all that is in the store, hidden ones too.
  std::vector<std::string> StoreEntries() const;

  // The published result; fails the test when there is none.
  SessionResult ResultOf(const std::string& id) const;

  // The supervisor, as daemon.pid says.
  pid_t SupervisorOf(const std::string& id) const;

  // Whether the supervisor is alive.
  bool IsRunning(const std::string& id) const;

  // SIGKILLs the supervisor of a running session and waits for its death.
  void KillSupervisor(const std::string& id) const;

  const ScratchDirectory& scratch() const { return scratch_; }

 private:
  // What the names of the sanitizers' reports begin with.
  std::string SanitizerLog() const;

  ScratchDirectory scratch_;
};

// A test with a state directory of its own.
class CsaTest : public testing::Test, protected PrivateState {
 protected:
  using PrivateState::Run;  // testing::Test has a private one
};

}  // namespace csa

#endif  // CSA_TESTS_CSA_TEST_H_
