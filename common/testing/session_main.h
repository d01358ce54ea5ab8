// The main function of tests that do what a session's supervisor does.

#ifndef CSA_COMMON_TESTING_SESSION_MAIN_H_
#define CSA_COMMON_TESTING_SESSION_MAIN_H_

namespace csa {

// The session whose id the test, and all that it forks, carries in its
// environment as the kernel shows it: what a program was executed with.
inline constexpr char kTestSession[] = "00000000000000000000000000";

}  // namespace csa

#endif  // CSA_COMMON_TESTING_SESSION_MAIN_H_
