#include "tests/bench/times.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <random>
#include <utility>

#include "tests/bench/die.h"
#include "tests/bench/lifeline.h"
#include "tests/bench/proc.h"
#include "tests/bench/publish.h"

namespace csa::bench {
namespace {

using std::chrono::nanoseconds;

constexpr int kWarmUpRounds = 10;
// Each takes the grace period of 5 s.
constexpr int kHostileRounds = 3;
constexpr int kStampStatus = 7;

struct Row {
  std::string what;
  std::function<nanoseconds()> measure;
  // How its limit is meant, and the limit; the first row is the reference.
  void (Table::*add)(const std::string&, const Spread&, Limit);
  Limit limit;
  std::vector<nanoseconds> durations;
};

// From the last act of a session's command to the exit of the one who waits.
nanoseconds TimeToWake(const Store& store, const std::string& stamp) {
  const std::string fifo = store.directory() + "/fifo";
  const std::string file = store.directory() + "/stamp";
  const Session session = store.StartSession({stamp, fifo, file});
  // Blocks until the command has opened it too.
  const int release =
      Must(open(fifo.c_str(), O_WRONLY | O_CLOEXEC), "open fifo");
  Command wait = store.StartTool({"csa", "wait", session.id});
  AwaitPolling(wait.pid(), "csa-wait");
  Must(static_cast<int>(write(release, "x", 1)), "write to the fifo");
  wait.Reap(kStampStatus);
  close(release);
  const std::string bytes = ReadFile(file);
  int64_t end = 0;
  if (bytes.size() != sizeof end) Die("the command left no stamp");
  std::memcpy(&end, bytes.data(), sizeof end);
  return wait.ended() - nanoseconds(end);
}

// From the start of csa kill to its exit, when the command must be dead.
nanoseconds TimeToKill(const Store& store) {
  const Session session = store.StartSession({"/bin/sleep", "1000"});
  const pid_t command = OnlyChildOf(session.supervisor);
  const int handle =
      Must(static_cast<int>(syscall(SYS_pidfd_open, command, 0)), "pidfd_open");
  const nanoseconds elapsed =
      TimeToEnd(store.StartTool({"csa", "kill", session.id}));
  pollfd descriptor = {.fd = handle, .events = POLLIN, .revents = 0};
  if (poll(&descriptor, 1, 0) != 1) Die("csa kill left the command alive");
  if (!Store::IsFinished(session)) Die("csa kill left no result");
  close(handle);
  return elapsed;
}

std::vector<Row> RowsFor(const Store& store, const std::string& bare,
                         const std::string& stamp) {
  const std::string where = ", store on " + store.FileSystem();
  const auto execute = [](std::vector<std::string> argv) {
    return [argv = std::move(argv)] {
      return TimeToEnd(Command(argv, PlainEnvironment()));
    };
  };
  const auto start = [&store](std::vector<std::string> argv) {
    return [&store, argv = std::move(argv)] {
      return TimeToEnd(store.StartTool(argv));
    };
  };
  const auto publish = [&store](bool sync) {
    return [&store, sync] { return TimePublishing(store.directory(), sync); };
  };
  return {
      {"`setsid -f /bin/true`, the reference",
       execute({"/usr/bin/setsid", "-f", "/bin/true"}),
       &Table::AddRatio,
       Limit{},
       {}},
      {"the executions of `csa-spawn`, by a program that does nothing else",
       execute({bare, "0"}),
       &Table::AddRatio,
       Limit{},
       {}},
      {"those of `csa run`",
       execute({bare, "2"}),
       &Table::AddRatio,
       Limit{},
       {}},
      {"`csa-spawn -- /bin/true`" + where,
       start({"csa-spawn", "--", "/bin/true"}),
       &Table::AddRatio,
       Limit{.required = 2.2, .aim = 1.6},
       {}},
      {"`csa run --tool sh true`" + where,
       start({"csa", "run", "--tool", "sh", "true"}),
       &Table::AddRatio,
       Limit{.required = 3.2, .aim = 2.2},
       {}},
      {"end of the command → `csa wait` has exited" + where,
       [&store, stamp] { return TimeToWake(store, stamp); },
       &Table::AddTime,
       Limit{.required = 1, .aim = 0.7},
       {}},
      {"`csa kill` of `sleep 1000`" + where,
       [&store] { return TimeToKill(store); },
       &Table::AddTime,
       Limit{.required = 3, .aim = std::nullopt},
       {}},
      {"cost of syncing: publish 300 bytes, as csa-supervise does" + where,
       publish(true),
       &Table::AddTime,
       Limit{},
       {}},
      {"the same without fdatasync and fsync" + where,
       publish(false),
       &Table::AddTime,
       Limit{},
       {}},
  };
}

}  // namespace

void MeasureHostileKills(const Store& store, const std::string& hostile,
                         Table& table) {
  struct Case {
    std::string what;
    std::string kinds;
    int count;
    Limit limit;
  };
  const std::string obedient =
      "child,own-group,setsid,daemon,stopped,bare,threaded";
  const std::vector<Case> cases = {
      {"`csa kill` of seven kinds of process that obey SIGTERM", obedient, 7,
       Limit{.required = 50, .aim = std::nullopt}},
      {"`csa kill` of these, one that ignores it and one that forks on",
       obedient + ",ignore-term,respawn", 9,
       Limit{.required = 6000, .aim = std::nullopt}},
  };
  for (const Case& one : cases) {
    std::vector<nanoseconds> durations;
    for (int round = 0; round < kHostileRounds; ++round) {
      const Lifeline lifeline(store.directory() + "/lifeline");
      const Session session =
          store.StartSession({hostile, lifeline.path(), one.kinds});
      lifeline.AwaitReady(one.count + 1);
      durations.push_back(
          TimeToEnd(store.StartTool({"csa", "kill", session.id})));
      if (!lifeline.AllDead()) Die("csa kill left a hostile process alive");
      if (!Store::IsFinished(session)) Die("csa kill left no result");
      AwaitNoChildren();
    }
    table.AddTime(one.what + ", " + std::to_string(kHostileRounds) + " rounds",
                  SpreadOf(std::move(durations)), one.limit);
  }
}

void MeasureTimes(const Store& store, const std::string& bare,
                  const std::string& stamp, int rounds, Judged judged,
                  Table& table) {
  const std::string fifo = store.directory() + "/fifo";
  Must(mkfifo(fifo.c_str(), 0600), "make " + fifo);
  std::vector<Row> rows = RowsFor(store, bare, stamp);
  std::vector<Row*> order;
  order.reserve(rows.size());
  for (Row& row : rows) order.push_back(&row);
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same order every time
  for (int round = -kWarmUpRounds; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (Row* row : order) {
      const nanoseconds duration = row->measure();
      AwaitNoChildren();
      if (round >= 0) row->durations.push_back(duration);
    }
  }
  table.SetReference(SpreadOf(rows[0].durations).median);
  for (const Row& row : rows) {
    (table.*row.add)(row.what, SpreadOf(row.durations),
                     judged == Judged::kYes ? row.limit : Limit{});
  }
}

}  // namespace csa::bench
