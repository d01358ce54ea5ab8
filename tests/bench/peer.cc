#include "tests/bench/peer.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <utility>

#include "tests/bench/die.h"
#include "tests/bench/pause.h"
#include "tests/bench/proc.h"
#include "tests/bench/store.h"

namespace csa::bench {
namespace {

// A service directory whose service is down until it is started once.
constexpr char kService[] = R"(
mkdir "$DIR/service" && cd "$DIR/service" && touch down &&
{ printf '#!/bin/sh\nexec'; printf " '%s'" "$@"; echo; } > run && chmod +x run
)";

std::string WithoutNewlines(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

const std::vector<Peer>& Peers() {
  static const std::vector<Peer> peers = {
      {.name = "setsid -f", .start = "/usr/bin/setsid -f {job}"},
      {.name = "csa",
       .environment = "CSA_STATE_DIR={dir}",
       .start = "{tools}/csa-spawn -- {job}",
       .wait = "{tools}/csa wait {id}",
       .kill = "{tools}/csa kill {id}",
       .keeps_output = true},
      // nq(1) has no command to end a job; it tells how to, under TRICKS.
      {.name = "nq",
       .environment = "NQDIR={dir}",
       .start = "/usr/bin/nq {job}",
       .wait = "/usr/bin/nq -w {id}",
       .kill = "/bin/kill -- -{group}",
       .keeps_output = true},
      {.name = "task-spooler",
       .environment = "TS_SOCKET={dir}/socket TMPDIR={dir}",
       .prepare = "tsp -S 4",
       .start = "/usr/bin/tsp {job}",
       .wait = "/usr/bin/tsp -w {id}",
       .kill = "/usr/bin/tsp -k {id}",
       .keeps_output = true},
      {.name = "s6",
       .prepare = std::string(kService) +
                  "s6-supervise . & until s6-svok .; do :; done",
       .start = "/usr/bin/s6-svc -wu -o {dir}/service",
       .wait = "/usr/bin/s6-svwait -D {dir}/service",
       .kill = "/usr/bin/s6-svc -wD -d {dir}/service"},
      {.name = "runit",
       .prepare = std::string(kService) +
                  "runsv . & until [ -p supervise/ok ]; do :; done",
       .start = "/usr/bin/sv once {dir}/service",
       .kill = "/usr/bin/sv force-stop {dir}/service"},
      {.name = "dtach", .start = "/usr/bin/dtach -n {dir}/socket {job}"},
      {.name = "daemonize",
       .start = "/usr/bin/daemonize -p {dir}/pid {job}",
       .kill = "/bin/kill {pid}"},
      {.name = "tmux",
       .environment = "TMUX_TMPDIR={dir}",
       .prepare = "tmux -f /dev/null new-session -d sleep 100000 && "
                  "tmux set-hook -g session-closed 'wait-for -S ended'",
       .start = "/usr/bin/tmux new-session -d -P -F #{session_id} {job}",
       .wait = "/usr/bin/tmux wait-for ended",
       .kill = "/usr/bin/tmux kill-session -t {id}"},
  };
  return peers;
}

Run::Run(const Peer& peer, const std::string& tools, const std::string& parent,
         std::vector<std::string> job)
    : peer_(&peer), job_(std::move(job)), environment_(PlainEnvironment()) {
  std::string directory = parent + "/XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) Die("no directory in " + parent);
  values_ = {{"{dir}", directory}, {"{tools}", tools}};
  for (std::string& variable : Words(peer.environment)) {
    environment_.push_back(std::move(variable));
  }
  environment_.push_back("DIR=" + directory);
  if (peer.prepare.empty()) return;
  std::vector<std::string> script = {"/bin/sh", "-c", peer.prepare, "sh"};
  script.insert(script.end(), job_.begin(), job_.end());
  Command(script, environment_).Reap();
}

Run::~Run() {
  // Moved from: another has it.
  if (!values_.empty()) std::filesystem::remove_all(directory());
}

Command Run::Start() {
  Command start(StartLine(), environment_);
  start.Reap();
  values_["{id}"] = WithoutNewlines(start.Output());
  return start;
}

pid_t Run::AwaitJob() {
  std::string line;
  for (const std::string& word : job_) line += word + '\0';
  for (int look = 0; look < 50'000; ++look) {
    for (const pid_t pid : DescendantsOf(getpid())) {
      if (ReadFile("/proc/" + std::to_string(pid) + "/cmdline") != line) {
        continue;
      }
      values_["{pid}"] = std::to_string(pid);
      values_["{group}"] = std::to_string(getpgid(pid));
      return pid;
    }
    Pause(std::chrono::microseconds(200));
  }
  Die(peer_->name + " does not run " + job_[0]);
}

Command Run::StartWait() const { return {Words(peer_->wait), environment_}; }

Command Run::StartKill() const { return {Words(peer_->kill), environment_}; }

std::vector<std::string> Run::Words(const std::string& line) const {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; stream >> word;) {
    if (word == "{job}") {
      words.insert(words.end(), job_.begin(), job_.end());
      continue;
    }
    for (const auto& [name, value] : values_) {
      const size_t found = word.find(name);
      if (found != word.npos) word.replace(found, name.size(), value);
    }
    words.push_back(word);
  }
  return words;
}

}  // namespace csa::bench
