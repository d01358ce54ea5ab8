#include "tests/bench/standing.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/die.h"
#include "tests/bench/pause.h"
#include "tests/bench/proc.h"

namespace csa::bench {
namespace {

constexpr std::chrono::seconds kIdleTime(10);
constexpr size_t kKillsAtOnce = 20;
constexpr double kKibPerMib = 1024;
constexpr double kMibPerGib = 1024;

void AddActivity(const std::string& who, const Activity& before,
                 const Activity& after, Table& table) {
  const Limit none = {.required = 0, .aim = std::nullopt};
  table.AddFigure(who + ", 10 s: voluntary wake-ups",
                  static_cast<double>(after.wake_ups - before.wake_ups), "", 0,
                  none);
  table.AddFigure(who + ", 10 s: processor time",
                  static_cast<double>(after.cpu_ns - before.cpu_ns) / 1e6,
                  " ms", 3, none);
}

void EndAll(const Store& store, const std::vector<Session>& sessions) {
  for (size_t first = 0; first < sessions.size(); first += kKillsAtOnce) {
    const size_t last = std::min(first + kKillsAtOnce, sessions.size());
    std::vector<Command> kills;
    for (size_t i = first; i < last; ++i) {
      kills.push_back(store.StartTool({"csa", "kill", sessions[i].id}));
    }
    for (Command& kill : kills) kill.Reap();
  }
  AwaitNoChildren();
  for (const Session& session : sessions) {
    if (!Store::IsFinished(session)) Die("no result in " + session.directory);
  }
}

}  // namespace

void MeasureIdleSession(const Store& store, Table& table) {
  const Session session = store.StartSession({"/bin/sleep", "1000"});
  table.AddFigure(
      "private memory of a supervisor, the only one",
      static_cast<double>(MemoryOf(session.supervisor).private_kib) /
          kKibPerMib,
      " MiB", 2, {.required = 1, .aim = std::nullopt});

  Command wait = store.StartTool({"csa", "wait", session.id});
  AwaitPolling(wait.pid(), "csa-wait");
  const Activity waiter = ActivityOf(wait.pid());
  const Activity supervisor = ActivityOf(session.supervisor);
  Pause(kIdleTime);
  AddActivity("waiter", waiter, ActivityOf(wait.pid()), table);
  AddActivity("supervisor", supervisor, ActivityOf(session.supervisor), table);

  EndAll(store, {session});
}

void MeasureManySessions(const Store& store, int count, Table& table) {
  std::vector<Session> sessions;
  sessions.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    sessions.push_back(store.StartSession({"/bin/sleep", "1000"}));
  }
  double supervisors = 0;
  double commands = 0;
  double highest_private = 0;
  for (const Session& session : sessions) {
    const Memory memory = MemoryOf(session.supervisor);
    const Memory command = MemoryOf(OnlyChildOf(session.supervisor));
    supervisors += static_cast<double>(memory.proportional_kib) / kKibPerMib;
    commands += static_cast<double>(command.proportional_kib) / kKibPerMib;
    highest_private = std::max(
        highest_private, static_cast<double>(memory.private_kib) / kKibPerMib);
  }
  const std::string live = std::to_string(count) + " live sessions: ";
  table.AddFigure(live + "highest private memory of a supervisor",
                  highest_private, " MiB", 2,
                  {.required = 1, .aim = std::nullopt});
  table.AddFigure(live + "PSS of all supervisors", supervisors, " MiB", 0, {});
  table.AddFigure(live + "PSS of all their `sleep`", commands, " MiB", 0, {});
  table.AddFigure(live + "PSS in all", supervisors + commands, " MiB", 0,
                  {.required = kMibPerGib, .aim = std::nullopt});
  EndAll(store, sessions);
}

}  // namespace csa::bench
