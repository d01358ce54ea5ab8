// builtin_tools.toml, embedded.

#ifndef CSA_COMMON_AGENT_BUILTIN_TOOLS_H_
#define CSA_COMMON_AGENT_BUILTIN_TOOLS_H_

namespace csa {

// The text of the file, ended by NUL. Its definition is generated.
extern const char kBuiltinTools[];

}  // namespace csa

#endif  // CSA_COMMON_AGENT_BUILTIN_TOOLS_H_
