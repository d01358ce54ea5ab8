// What is done while faults strike.

#ifndef CSA_TESTS_FAULTS_SCENARIOS_H_
#define CSA_TESTS_FAULTS_SCENARIOS_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "common/session/session_result.h"
#include "tests/faults/trial.h"

namespace csa {

struct Scenario {
  const char* name;
  // The program that faults strike in.
  const char* program;
  // What makes the scenario what it is: faults that are always there, or "".
  const char* faults;
  // What is there before. Nothing fails yet.
  void (*prepare)(Trial& trial);
  // Runs the programs, with the trial's faults. Returns how the first one
  // ended.
  Ended (*act)(Trial& trial);
  // How it ends where no fault strikes, and the status of all sessions after
  // ExpectRecovers.
  int exit_status;
  SessionStatus session_status;
  // How many trials to run at the same time: more where they mostly wait.
  size_t at_once = 3;
};

const std::vector<Scenario>& Scenarios();

// For GoogleTest.
inline std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

}  // namespace csa

#endif  // CSA_TESTS_FAULTS_SCENARIOS_H_
