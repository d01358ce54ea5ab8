// What csa-doctor finds, and how it says it.

#ifndef CSA_TOOLS_DOCTOR_FINDING_H_
#define CSA_TOOLS_DOCTOR_FINDING_H_

#include <string>

namespace csa {

// The outcome of one check.
struct Finding {
  enum class Result {
    kOk,
    kWarning,  // csa works, but not as well as it could
    kError,    // something that csa needs is missing
  };
  std::string check;  // its name, in snake_case
  Result result = Result::kOk;
  std::string found;
  std::string advice;  // what to do; empty where there is nothing to be done
};

// "ok       kernel             Linux 6.1.0": one line, with the advice at its
// end, and nothing in it that a terminal obeys.
std::string FormatFinding(const Finding& finding);

// {"check":…,"result":"ok|warning|error","found":…,"advice":…|null}
std::string FormatFindingJson(const Finding& finding);

}  // namespace csa

#endif  // CSA_TOOLS_DOCTOR_FINDING_H_
