#include "tests/bench/comparison.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <functional>
#include <iomanip>
#include <optional>
#include <random>
#include <sstream>
#include <utility>
#include <vector>

#include "tests/bench/command.h"
#include "tests/bench/die.h"
#include "tests/bench/lifeline.h"
#include "tests/bench/pause.h"
#include "tests/bench/peer.h"
#include "tests/bench/proc.h"
#include "tests/bench/store.h"
#include "tests/bench/table.h"

namespace csa::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr char kNone[] = "–";
constexpr size_t kCsa = 1;  // in Peers()
constexpr milliseconds kPatience(6000);
// When what was killed must be gone: csa gives it 5 s to end by itself.
constexpr milliseconds kAfterKill(6500);
constexpr milliseconds kIdleTime(10'000);
const std::vector<std::string> kSleep = {"/bin/sleep", "1000"};
constexpr std::array<const char*, 9> kKinds = {
    "child",   "own-group", "setsid",  "daemon",  "ignore-term",
    "stopped", "bare",      "respawn", "threaded"};

std::string Text(nanoseconds duration, int digits = 2) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits)
       << std::chrono::duration<double, std::milli>(duration).count() << " ms";
  return text.str();
}

// An exit status as sh(1) shows it.
std::string CodeOf(int wait_status) {
  return std::to_string(WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
                                               : 128 + WTERMSIG(wait_status));
}

int PidFd(pid_t pid) {
  return Must(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)), "pidfd_open");
}

// When each of `processes` has ended, if it does so within kPatience.
std::vector<std::optional<nanoseconds>> AwaitEnds(
    const std::vector<pid_t>& processes) {
  std::vector<pollfd> descriptors;
  descriptors.reserve(processes.size());
  for (const pid_t pid : processes) {
    descriptors.push_back({.fd = PidFd(pid), .events = POLLIN, .revents = 0});
  }
  std::vector<std::optional<nanoseconds>> ends(processes.size());
  const auto limit = static_cast<int>(kPatience.count());
  while (poll(descriptors.data(), descriptors.size(), limit) > 0) {
    size_t left = 0;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (descriptors[i].revents != 0) {
        ends[i] = Now();
        close(std::exchange(descriptors[i].fd, -1));
      }
      descriptors[i].revents = 0;
      if (!ends[i].has_value()) ++left;
    }
    if (left == 0) break;
  }
  for (const pollfd& descriptor : descriptors) {
    if (descriptor.fd >= 0) close(descriptor.fd);
  }
  return ends;
}

// The comparison of one plan: each member measures one row of the table.
class Comparison {
 public:
  explicit Comparison(const PeerPlan& plan) : plan_(plan) {}

  // From the start of the starter to its end.
  void Starts() {
    Rounds("start of `/bin/true`: the id is known", &Peer::start,
           [this](const Peer& peer, std::vector<nanoseconds>& times) {
             Run run = Make(peer, {"/bin/true"});
             const Command start = run.Start();
             times.push_back(start.ended() - start.started());
             EndAllChildren();
           });
  }

  // From the last act of a job that exits with 7 to the end of its waiter.
  void Wakes() {
    codes_.assign(Peers().size(), kNone);
    Rounds("end of the command → the waiter has returned", &Peer::wait,
           [this](const Peer& peer, std::vector<nanoseconds>& times) {
             times.push_back(TimeToWake(peer));
           });
    AddAnswers("… with the exit code (the command's was 7)", codes_, "7");
  }

  // From the start of the killer to the death of `sleep 1000`, and its own.
  void Kills() {
    std::vector<std::vector<nanoseconds>> returned(Peers().size());
    Rounds("kill of `sleep` → it is gone", &Peer::kill,
           [&](const Peer& peer, std::vector<nanoseconds>& times) {
             Run run = Make(peer, kSleep);
             run.Start();
             const pid_t job = run.AwaitJob();
             const Command kill = run.StartKill();
             const auto ends = AwaitEnds({job, kill.pid()});
             if (!ends[0].has_value() || !ends[1].has_value()) {
               Die(peer.name + " does not end sleep");
             }
             times.push_back(*ends[0] - kill.started());
             returned[IndexOf(peer)].push_back(*ends[1] - kill.started());
             EndAllChildren();
           });
    AddTimes("… → the killer has returned", std::move(returned));
  }

  // What is alive of each kind of hostile process some time after the kill.
  void Strays() {
    struct Hostile {
      const Peer* peer;
      const char* kind;
      Lifeline lifeline;
      Run run;
    };
    std::vector<Hostile> all;
    for (const Peer& peer : Peers()) {
      if (peer.kill.empty()) continue;
      for (const char* const kind : kKinds) {
        Lifeline lifeline(plan_.directory + "/" + peer.name + "-" + kind);
        Run run = Make(peer, {plan_.hostile, lifeline.path(), kind});
        run.Start();
        run.AwaitJob();
        lifeline.AwaitReady(2);
        all.push_back({&peer, kind, std::move(lifeline), std::move(run)});
      }
    }
    std::vector<Command> kills;
    kills.reserve(all.size());
    for (const Hostile& hostile : all) {
      kills.push_back(hostile.run.StartKill());
    }
    Pause(kAfterKill);
    std::vector<std::string> alive(Peers().size(), kNone);
    for (const Hostile& hostile : all) {
      std::string& text = alive[IndexOf(*hostile.peer)];
      if (text == kNone) text = "";
      if (hostile.lifeline.AllDead()) continue;
      text += (text.empty() ? "" : ", ") + std::string(hostile.kind);
    }
    for (std::string& text : alive) {
      if (text.empty()) text = "none";
    }
    EndAllChildren();
    AddAnswers("kinds of hostile process alive 6.5 s after the kill", alive,
               "none");
  }

  // What a waiter says when all that the peer runs is killed, but for the job.
  void DeadSupervisors() {
    AddAnswers(
        "supervisor SIGKILLed: the waiter's exit code, and when",
        CellOfEach([this](const Peer& peer) -> std::string {
          if (peer.wait.empty()) return kNone;
          Run run = Make(peer, {"/bin/sh", "-c", "sleep 3; exit 7"});
          run.Start();
          const pid_t job = run.AwaitJob();
          std::vector<pid_t> spared = DescendantsOf(job);
          spared.push_back(job);
          // Listed before there is a waiter, which may have helpers.
          const std::vector<pid_t> all = DescendantsOf(getpid());
          Command wait = run.StartWait();
          AwaitBlocked(wait.pid());
          const nanoseconds start = Now();
          for (const pid_t pid : all) {
            if (std::find(spared.begin(), spared.end(), pid) == spared.end()) {
              kill(pid, SIGKILL);
            }
          }
          const auto ends = AwaitEnds({wait.pid()});
          std::string text = "never";
          if (ends[0].has_value()) {
            text = CodeOf(wait.Await()) + " after " + Text(*ends[0] - start, 1);
          }
          EndAllChildren();
          return text;
        }),
        "1 after");
  }

  // What a waiter says of a job that fills the disk and then exits with 3.
  void FullDisks() {
    const std::string full = plan_.directory + "/full";
    Must(mkdir(full.c_str(), 0700), "make " + full);
    AddAnswers(
        "job fills the disk with its output, exits with 3: the waiter's code",
        CellOfEach([&](const Peer& peer) -> std::string {
          if (peer.wait.empty() || !peer.keeps_output) return kNone;
          Must(mount("none", full.c_str(), "tmpfs", 0, "size=1m"), "mount");
          std::string code;
          {
            Run run(
                peer, plan_.tools, full,
                {"/bin/sh", "-c", "head -c 4000000 /dev/zero 2>&1; exit 3"});
            run.Start();
            Command wait = run.StartWait();
            code = CodeOf(wait.Await());
            EndAllChildren();
          }
          Must(umount(full.c_str()), "unmount");
          return code;
        }),
        "3");
  }

  // How long a command substitution takes when the job gets one more descriptor
  // of its pipe.
  void ExtraDescriptors() {
    AddRow("`x=$(start sleep 3)` with the pipe on descriptor 9 too",
           CellOfEach([this](const Peer& peer) -> std::string {
             Run run = Make(peer, {"/bin/sleep", "3"});
             std::vector<std::string> line = {"/bin/sh", "-c",
                                              R"(x=$("$@" 9>&1))", "sh"};
             for (const std::string& word : run.StartLine()) {
               line.push_back(word);
             }
             Command shell(line, run.environment());
             const auto ends = AwaitEnds({shell.pid()});
             std::string text = "never";
             if (ends[0].has_value()) text = Text(*ends[0] - shell.started());
             EndAllChildren();
             return text;
           }));
  }

  // What a waiter does while nothing happens.
  void IdleWaiters() {
    std::vector<std::string> cells(Peers().size(), kNone);
    std::vector<Run> runs;
    std::vector<std::pair<size_t, Command>> waits;
    for (const Peer& peer : Peers()) {
      if (peer.wait.empty()) continue;
      runs.push_back(Make(peer, kSleep));
      runs.back().Start();
      waits.emplace_back(IndexOf(peer), runs.back().StartWait());
      AwaitBlocked(waits.back().second.pid());
    }
    std::vector<Activity> before;
    before.reserve(waits.size());
    for (const auto& [index, wait] : waits) {
      before.push_back(ActivityOf(wait.pid()));
    }
    Pause(kIdleTime);
    for (size_t i = 0; i < waits.size(); ++i) {
      const Activity after = ActivityOf(waits[i].second.pid());
      cells[waits[i].first] =
          std::to_string(after.wake_ups - before[i].wake_ups) + "; " +
          Text(nanoseconds(after.cpu_ns - before[i].cpu_ns), 3);
    }
    EndAllChildren();
    AddRow("waiter, 10 s: voluntary wake-ups; processor time", cells);
  }

  // Commands on a store with `count` finished jobs, for those that can have it.
  void Lists(int count) {
    std::vector<std::string> cells(Peers().size(), kNone);
    for (const Peer& peer : Peers()) {
      if (peer.name == "csa") cells[IndexOf(peer)] = ListAmong(peer, count);
      if (peer.name == "nq") cells[IndexOf(peer)] = TestAmong(peer, count);
      if (peer.name == "task-spooler" && count <= 1000) {
        cells[IndexOf(peer)] = ListOf(peer, count);
      }
    }
    AddRow(std::to_string(count) + " finished jobs: look through them", cells);
  }

  void Print(std::ostream& out) const {
    out << "| |";
    for (const Peer& peer : Peers()) out << " " << peer.name << " |";
    out << "\n|---|";
    for (size_t i = 0; i < Peers().size(); ++i) out << "---:|";
    out << "\n" << rows_.str();
  }

  // How many of csa's answers are not the right ones.
  int wrong() const { return wrong_; }

 private:
  using Times = std::vector<std::vector<nanoseconds>>;

  static size_t IndexOf(const Peer& peer) {
    return static_cast<size_t>(&peer - Peers().data());
  }

  Run Make(const Peer& peer, std::vector<std::string> job) const {
    return {peer, plan_.tools, plan_.directory, std::move(job)};
  }

  nanoseconds TimeToWake(const Peer& peer) {
    const std::string fifo = plan_.directory + "/fifo";
    const std::string file = plan_.directory + "/stamp";
    Run run = Make(peer, {plan_.stamp, fifo, file});
    run.Start();
    const int release = Must(open(fifo.c_str(), O_WRONLY | O_CLOEXEC), fifo);
    Command wait = run.StartWait();
    AwaitBlocked(wait.pid());
    Must(static_cast<int>(write(release, "x", 1)), "write to the fifo");
    codes_[IndexOf(peer)] = CodeOf(wait.Await());
    close(release);
    int64_t end = 0;
    const std::string bytes = ReadFile(file);
    if (bytes.size() != sizeof end) Die(peer.name + ": no stamp");
    std::memcpy(&end, bytes.data(), sizeof end);
    EndAllChildren();
    return wait.ended() - nanoseconds(end);
  }

  // Measures every peer that has `line`, in a new order in each round.
  void Rounds(const std::string& what, std::string Peer::*line,
              const std::function<void(const Peer&, std::vector<nanoseconds>&)>&
                  measure) {
    std::vector<const Peer*> order;
    for (const Peer& peer : Peers()) {
      if (!(peer.*line).empty()) order.push_back(&peer);
    }
    Times times(Peers().size());
    std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same order each time
    for (int round = 0; round < plan_.rounds; ++round) {
      std::shuffle(order.begin(), order.end(), random);
      for (const Peer* peer : order) measure(*peer, times[IndexOf(*peer)]);
    }
    AddTimes(what, std::move(times));
  }

  void AddTimes(const std::string& what, Times times) {
    std::vector<std::string> cells;
    const bool relative = !times[0].empty();
    const double reference =
        relative ? static_cast<double>(SpreadOf(times[0]).median.count()) : 1;
    for (std::vector<nanoseconds>& of_peer : times) {
      if (of_peer.empty()) {
        cells.emplace_back(kNone);
        continue;
      }
      const nanoseconds median = SpreadOf(std::move(of_peer)).median;
      std::ostringstream cell;
      cell << Text(median);
      if (relative) {
        cell << ", " << std::fixed << std::setprecision(2)
             << static_cast<double>(median.count()) / reference << " ×";
      }
      cells.push_back(cell.str());
    }
    AddRow(what, cells);
  }

  static std::vector<std::string> CellOfEach(
      const std::function<std::string(const Peer&)>& cell) {
    std::vector<std::string> cells;
    for (const Peer& peer : Peers()) cells.push_back(cell(peer));
    return cells;
  }

  // A row in which csa's cell must begin with `right`.
  void AddAnswers(const std::string& what,
                  const std::vector<std::string>& cells,
                  const std::string& right) {
    AddRow(what, cells);
    if (cells[kCsa].rfind(right, 0) != 0) ++wrong_;
  }

  void AddRow(const std::string& what, const std::vector<std::string>& cells) {
    rows_ << "| " << what << " |";
    for (const std::string& cell : cells) rows_ << " " << cell << " |";
    rows_ << "\n";
  }

  // The shortest of some runs of `line`, which must succeed.
  static std::string Shortest(const std::vector<std::string>& line,
                              const Run& run) {
    nanoseconds shortest = nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
      shortest = std::min(shortest, TimeToEnd({line, run.environment()}));
    }
    return Text(shortest);
  }

  // csa: lists the newest, lists all, and waits for one by the end of its id,
  // which reads the names of all.
  std::string ListAmong(const Peer& peer, int count) const {
    Run run = Make(peer, {"/bin/true"});
    const std::string id = run.Start().Output().substr(0, 26);
    AwaitNoChildren();
    CopySessions(run.directory(), id, count);
    const std::string list = plan_.tools + "/csa-list";
    return "`csa list`, the newest 20: " + Shortest({list}, run) +
           "; `csa list --all`: " + Shortest({list, "--all"}, run) +
           "; `csa wait` of one by the end of its id: " +
           Shortest({plan_.tools + "/csa-wait", id.substr(18)}, run);
  }

  // nq: asks whether all jobs have ended, which opens the file of each.
  std::string TestAmong(const Peer& peer, int count) const {
    const Run run = Make(peer, {"/bin/true"});
    for (int i = 0; i < count; ++i) {
      std::ostringstream name;
      name << run.directory() << "/,19" << std::hex << std::setw(9)
           << std::setfill('0') << i << ".99";
      close(Must(open(name.str().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
                 "make a file"));
    }
    return "`nq -t`: " + Shortest({"/usr/bin/nq", "-t"}, run);
  }

  // tsp: its list, which is in the memory of its server.
  std::string ListOf(const Peer& peer, int count) const {
    Run run = Make(peer, {"/bin/true"});
    for (int i = 0; i < count; ++i) run.Start();
    std::string text = "`tsp`: " + Shortest({"/usr/bin/tsp"}, run);
    EndAllChildren();
    return text;
  }

  const PeerPlan& plan_;
  int wrong_ = 0;
  std::vector<std::string> codes_;
  std::ostringstream rows_;
};

}  // namespace

int ComparePeers(const PeerPlan& plan, std::ostream& out) {
  Must(mkfifo((plan.directory + "/fifo").c_str(), 0600), "make a fifo");
  Comparison comparison(plan);
  comparison.Starts();
  comparison.Wakes();
  comparison.Kills();
  comparison.Strays();
  comparison.DeadSupervisors();
  comparison.FullDisks();
  comparison.ExtraDescriptors();
  comparison.IdleWaiters();
  comparison.Lists(1000);
  comparison.Lists(100'000);
  comparison.Print(out);
  return comparison.wrong();
}

}  // namespace csa::bench
