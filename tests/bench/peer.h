// The programs that csa is compared with, as data: how each of them starts a
// command, waits for it and ends it.

#ifndef CSA_TESTS_BENCH_PEER_H_
#define CSA_TESTS_BENCH_PEER_H_

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "tests/bench/command.h"

namespace csa::bench {

// Command lines are words between blanks. {dir} stands for a directory of its
// own, {tools} for that of csa's tools, {job} for the words of the command to
// run, {id} for what `start` has printed, {pid} and {group} for the process id
// and the group of the command. "" where the program has no such notion.
struct Peer {
  std::string name;
  // NAME=value between blanks.
  std::string environment;
  // A script for sh(1), with $DIR and the words of the command as "$@": starts
  // the server that the program needs, and waits until it serves.
  std::string prepare;
  std::string start;
  std::string wait;
  std::string kill;
  // Whether it keeps the command's output in {dir}.
  bool keeps_output = false;
};

// The first is the reference, the second csa.
const std::vector<Peer>& Peers();

// One command, run by one peer, in a directory of its own, which goes when this
// does. It must be ended by EndAllChildren before that.
class Run {
 public:
  // Prepares it; `job` is what will run.
  Run(const Peer& peer, const std::string& tools, const std::string& parent,
      std::vector<std::string> job);
  Run(Run&& other) noexcept = default;
  Run& operator=(Run&&) = delete;
  ~Run();

  // Starts the job and remembers what was printed. Returns the starter, which
  // has ended.
  Command Start();
  // The command line of Start.
  std::vector<std::string> StartLine() const { return Words(peer_->start); }
  const std::vector<std::string>& environment() const { return environment_; }
  const std::string& directory() const { return values_.at("{dir}"); }

  // Blocks until the job runs its own program; returns its process id. Dies
  // when that takes more than ten seconds.
  pid_t AwaitJob();

  // Start without waiting for the end.
  Command StartWait() const;
  Command StartKill() const;

 private:
  std::vector<std::string> Words(const std::string& line) const;

  const Peer* peer_;
  std::vector<std::string> job_;
  std::map<std::string, std::string> values_;
  std::vector<std::string> environment_;
};

}  // namespace csa::bench

#endif  // CSA_TESTS_BENCH_PEER_H_
