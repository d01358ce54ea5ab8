// A store of sessions, and the tools to fill it with.

#ifndef CSA_TESTS_BENCH_STORE_H_
#define CSA_TESTS_BENCH_STORE_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/bench/command.h"

namespace csa::bench {

// A session that has been started and whose supervisor sleeps.
struct Session {
  std::string id;
  std::string directory;
  pid_t supervisor;
};

class Store {
 public:
  // The tools are in the directory `tools`; the sessions will be below
  // `directory`, which exists.
  Store(std::string tools, const std::string& directory);

  const std::string& directory() const { return directory_; }

  // What the file system that it is on calls itself.
  std::string FileSystem() const;

  // Starts argv[0], one of the tools, with the rest as its arguments, and this
  // as the place of its sessions.
  Command StartTool(std::vector<std::string> argv) const;

  // Starts `argv` as a session.
  Session StartSession(const std::vector<std::string>& argv) const;

  // Whether a session has a result.
  static bool IsFinished(const Session& session);

 private:
  std::string tools_;
  std::string directory_;
  std::vector<std::string> environment_;
};

// Makes `count` directories with the names of old sessions in the store
// `directory`, which has been used.
void MakeEmptySessions(const std::string& directory, int count);

// Copies the records of session `id`, which has ended, to `count` further
// sessions in the store `directory`, older ones.
void CopySessions(const std::string& directory, const std::string& id,
                  int count);

// The caller's environment, without what tells of a session.
std::vector<std::string> PlainEnvironment();

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_STORE_H_
