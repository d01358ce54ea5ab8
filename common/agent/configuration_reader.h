// Reading a configuration file.

#ifndef CSA_COMMON_AGENT_CONFIGURATION_READER_H_
#define CSA_COMMON_AGENT_CONFIGURATION_READER_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/agent/configuration.h"

namespace csa {

// A file that has been opened and read.
struct ConfigurationFile {
  Origin origin = Origin::kUserFile;
  std::string path;  // for errors and settings
  std::string text;
};

// `below` with what `file` says in the place of its own, key by key.
// InvalidArgument, "PATH:LINE: KEY: what is wrong", for a text that is no TOML,
// a key that is not known, a value that is not possible, a tool that is not
// known or is only run when it is asked for; and, in a project's file, for what
// only the user's may say.
absl::StatusOr<Configuration> WithFile(Configuration below,
                                       const ConfigurationFile& file);

}  // namespace csa

#endif  // CSA_COMMON_AGENT_CONFIGURATION_READER_H_
