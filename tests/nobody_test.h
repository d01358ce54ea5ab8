// The frame of the tests that drive the binaries as a user without rights.

#ifndef CSA_TESTS_NOBODY_TEST_H_
#define CSA_TESTS_NOBODY_TEST_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/csa_test.h"

namespace csa {

// A test that runs csa as the user nobody, from copies of the tools and of the
// hostile command that nobody may execute, in a store of nobody's. Needs root.
class NobodyTest : public CsaTest {
 protected:
  static constexpr uid_t kNobody = 65534;

  NobodyTest();
  ~NobodyTest() override;

  // Where the copies are: csa in bin, hostile, the store in state.
  const std::string& directory() const { return directory_; }

  // Starts a command as a session, as nobody. Returns its id.
  std::string SpawnAsNobody(const std::vector<std::string>& command) const;

  // A file of such a session.
  std::string NobodysFile(const std::string& id, absl::string_view file) const;

  // Its supervisor, as daemon.pid says.
  pid_t NobodysSupervisor(const std::string& id) const;

  // `options` for a program that nobody runs.
  ProgramOptions AsNobody(ProgramOptions options = {}) const;

  // Runs `csa` with these arguments as nobody.
  Ended CsaAsNobody(const std::vector<std::string>& arguments,
                    const ProgramOptions& options = {}) const;

 private:
  std::string directory_;
};

}  // namespace csa

#endif  // CSA_TESTS_NOBODY_TEST_H_
