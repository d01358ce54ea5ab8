// The environment variables that tell a command of its session.

#ifndef CSA_COMMON_BASE_SESSION_VARIABLES_H_
#define CSA_COMMON_BASE_SESSION_VARIABLES_H_

#include <array>

namespace csa {

inline constexpr char kSessionIdVariable[] = "CSA_SESSION_ID";
inline constexpr char kSessionDirVariable[] = "CSA_SESSION_DIR";
inline constexpr char kParentSessionVariable[] = "CSA_PARENT_SESSION";
inline constexpr char kDepthVariable[] = "CSA_DEPTH";
inline constexpr char kToolVariable[] = "CSA_TOOL";
inline constexpr char kProjectRootVariable[] = "CSA_PROJECT_ROOT";

// All of them. csa sets each at every start, or removes it.
inline constexpr std::array<const char*, 6> kSessionVariables = {
    kSessionIdVariable, kSessionDirVariable, kParentSessionVariable,
    kDepthVariable,     kToolVariable,       kProjectRootVariable};

}  // namespace csa

#endif  // CSA_COMMON_BASE_SESSION_VARIABLES_H_
