// Promise: whatever step a program is killed at, and whatever call fails, no
// record is torn, no process is lost sight of, all readers say the same, and
// the store goes on working.
//
// The matrix is not written down: each scenario is run once to learn the points
// that its program comes to, then once for each point and fault.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "tests/faults/scenarios.h"
#include "tests/faults/trial.h"

namespace csa {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::IsEmpty;

// A fault at a point, and whether what is done must succeed all the same.
struct Cell {
  std::string point;   // "PROGRAM CALL N"
  std::string action;  // as in CSA_FAULT
  bool harmless;
};

// How calls are made to fail. A call that is not here is only died at.
struct Failure {
  const char* call;
  int error;
  bool harmless;
};
constexpr Failure kFailures[] = {
    {"close_range", ENOSYS, false},
    {"create", EINTR, true},
    {"create", EMFILE, false},
    {"create", ENOSPC, false},
    {"dup2", EMFILE, false},
    {"exec", ENOMEM, false},
    {"fallocate", EINTR, true},
    {"fallocate", ENOSPC, false},
    {"fallocate", EOPNOTSUPP, true},
    {"fdatasync", EINTR, true},
    {"fdatasync", EIO, true},
    {"fork", EAGAIN, false},
    {"fsync", EINTR, true},
    {"fsync", EIO, true},
    {"ftruncate", EIO, false},
    {"inotify_init1", EMFILE, true},
    {"lock", EINTR, true},
    {"lock", ENOLCK, false},
    {"memfd_create", EMFILE, false},
    {"mkdir", ENOSPC, false},
    {"pdeathsig", EINVAL, false},
    {"pidfd_open", EMFILE, false},
    {"pidfd_send_signal", EPERM, false},
    {"pipe", EMFILE, false},
    {"reap", EINTR, true},
    {"rename", EIO, false},
    {"rename", ENOSPC, false},
    {"rmdir", EIO, false},
    {"rmdir_cgroup", EBUSY, true},
    {"setpgid", EPERM, false},
    {"signalfd", EMFILE, false},
    {"subreaper", EINVAL, false},
    {"unlink", EIO, false},
    {"write", EINTR, true},
    {"write", EIO, false},
    {"write", ENOSPC, false},
};

std::string FaultsOf(const Scenario& scenario, const std::string& fault) {
  if (*scenario.faults == '\0') return fault;
  return absl::StrCat(scenario.faults, ";", fault);
}

// The points that the scenario's program comes to when nothing else happens.
std::vector<std::string> Learn(const Scenario& scenario) {
  Trial trial(FaultsOf(scenario, ""));
  scenario.prepare(trial);
  const Ended ended = scenario.act(trial);
  EXPECT_EQ(ended.exit_status, scenario.exit_status) << ended.error;
  std::vector<std::string> points = trial.Points();
  trial.ExpectSound();
  trial.ExpectRecovers({scenario.session_status});
  const std::string program = absl::StrCat(scenario.program, " ");
  std::erase_if(points, [&](const std::string& point) {
    return !absl::StartsWith(point, program);
  });
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

std::vector<Cell> Deaths(const std::vector<std::string>& points) {
  std::vector<Cell> cells;
  cells.reserve(points.size());
  for (const std::string& point : points) {
    cells.push_back({.point = point, .action = "kill", .harmless = false});
  }
  return cells;
}

std::vector<Cell> Failures(const std::vector<std::string>& points) {
  std::vector<Cell> cells;
  for (const std::string& point : points) {
    const std::vector<std::string> words = absl::StrSplit(point, ' ');
    for (const Failure& failure : kFailures) {
      if (words[1] != failure.call) continue;
      cells.push_back({.point = point,
                       .action = absl::StrCat(failure.error),
                       .harmless = failure.harmless});
    }
    if (words[1] == "write") {
      cells.push_back({.point = point, .action = "short", .harmless = true});
    }
  }
  return cells;
}

// A command may fail, but says why, with a status of the table.
void ExpectFailsWell(const Ended& ended) {
  EXPECT_EQ(ended.signal, 0);
  EXPECT_THAT(ended.exit_status, AnyOf(1, 125, 126, 127));
  EXPECT_NE(ended.error, "");
}

// Runs the scenario with this fault. Returns whether the point was come to.
bool Try(const Scenario& scenario, const Cell& cell) {
  const std::string fault = absl::StrCat(cell.point, " ", cell.action);
  SCOPED_TRACE(fault);
  Trial trial(FaultsOf(scenario, fault));
  scenario.prepare(trial);
  const Ended ended = scenario.act(trial);
  const bool hit = testing::Value(trial.Points(), Contains(cell.point));
  const bool died = hit && cell.action == "kill";
  const bool supervisor =
      scenario.program == absl::string_view("csa-supervise");
  if (cell.harmless || !hit) {
    EXPECT_EQ(ended.exit_status, scenario.exit_status) << ended.error;
  } else if (ended.signal == SIGKILL) {
    EXPECT_TRUE(died);
  } else if (ended.exit_status != scenario.exit_status &&
             !(supervisor && died && ended.exit_status == 0)) {
    ExpectFailsWell(ended);
  }
  // Who is told of no session has none.
  if (supervisor && died && ended.exit_status != 0) {
    EXPECT_THAT(trial.VisibleIds(), IsEmpty());
  }
  std::vector<SessionStatus> allowed = {scenario.session_status};
  // Of a session whose supervisor died or failed, nothing is claimed. What died
  // may also have been the child that was to become the command.
  if (supervisor && !cell.harmless) {
    allowed.push_back(SessionStatus::kLost);
    allowed.push_back(SessionStatus::kSignal);
  }
  trial.ExpectSound();
  trial.ExpectRecovers(allowed);
  return hit;
}

class FaultMatrixTest : public testing::TestWithParam<Scenario> {
 protected:
  void SetUp() override {
#ifdef NDEBUG
    GTEST_SKIP() << "fault points are compiled out";
#endif
  }

  // Tries all cells, several at a time.
  static void TryAll(const std::vector<Cell>& cells) {
    std::atomic<size_t> next = 0;
    std::atomic<int> hits = 0;
    const auto work = [&] {
      for (size_t i = next++; i < cells.size(); i = next++) {
        if (Try(GetParam(), cells[i])) ++hits;
      }
    };
    std::vector<std::thread> threads;
    for (size_t i = 0; i < std::min(GetParam().at_once, cells.size()); ++i) {
      threads.emplace_back(work);
    }
    for (std::thread& thread : threads) thread.join();
    Trial::ExpectNoCgroups();
    std::cout << "cells: " << cells.size() << ", come to: " << hits << "\n";
    // How many rounds of signals there are differs from run to run, little
    // else.
    EXPECT_GE(hits * 5, static_cast<int>(cells.size()) * 4);
  }
};

TEST_P(FaultMatrixTest, SurvivesDeathAtEveryPoint) {
  TryAll(Deaths(Learn(GetParam())));
}

TEST_P(FaultMatrixTest, SurvivesFailuresOfCalls) {
  TryAll(Failures(Learn(GetParam())));
}

INSTANTIATE_TEST_SUITE_P(All, FaultMatrixTest, testing::ValuesIn(Scenarios()),
                         [](const testing::TestParamInfo<Scenario>& scenario) {
                           return scenario.param.name;
                         });

// The number of cells does not shrink unnoticed.
TEST(FaultMatrix, IsLarge) {
#ifdef NDEBUG
  GTEST_SKIP() << "fault points are compiled out";
#endif
  std::map<std::string, size_t> points;
  size_t deaths = 0;
  size_t failures = 0;
  for (const Scenario& scenario : Scenarios()) {
    const std::vector<std::string> of_scenario = Learn(scenario);
    points[scenario.program] += of_scenario.size();
    deaths += Deaths(of_scenario).size();
    failures += Failures(of_scenario).size();
  }
  for (const auto& [program, count] : points) {
    std::cout << program << ": " << count << " points to die at\n";
  }
  std::cout << "cells: " << deaths << " deaths, " << failures << " failures\n";
  EXPECT_GE(points["csa-spawn"], 25U);
  EXPECT_GE(points["csa-supervise"], 25U);
  EXPECT_GE(points["csa-kill"], 25U);
  EXPECT_GE(points["csa-gc"], 15U);
}

}  // namespace
}  // namespace csa
