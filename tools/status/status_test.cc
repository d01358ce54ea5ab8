#include "tools/status/status.h"

#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace csa {
namespace {

using Json = nlohmann::json;
using Kind = SessionState::Kind;

constexpr char kId[] = "01ARYZ6S41TSV4RRFFQ69G5FAV";

Observation Running() {
  return {.id = kId,
          .state = {.kind = Kind::kRunning, .result = {}, .supervisor = 77},
          .age = absl::Seconds(303),
          .idle = absl::Seconds(12),
          .processes = 7,
          .memory = int64_t{340} << 20};
}

Observation Finished(SessionStatus status, int exit_code) {
  return {.id = kId,
          .state = {.kind = Kind::kFinished,
                    .result = {.id = kId,
                               .status = status,
                               .exit_code = exit_code,
                               .wall = absl::Seconds(12),
                               .strays = exit_code}},
          .age = absl::Seconds(303)};
}

TEST(FormatObservation, IsOneLine) {
  EXPECT_EQ(FormatObservation(Running()),
            "01ARYZ6S41TSV4RRFFQ69G5FAV running, pid 77, for 5m03s, last "
            "output 12s ago, processes 7, memory 340 MiB");
  EXPECT_EQ(FormatObservation(Finished(SessionStatus::kSuccess, 0)),
            "01ARYZ6S41TSV4RRFFQ69G5FAV success, exit code 0, took 12s");
  EXPECT_EQ(FormatObservation(Finished(SessionStatus::kFailure, 3)),
            "01ARYZ6S41TSV4RRFFQ69G5FAV failure, exit code 3, took 12s, "
            "strays 3");
  EXPECT_EQ(FormatObservation(
                {.id = kId, .state = {.kind = Kind::kLost, .result = {}}}),
            "01ARYZ6S41TSV4RRFFQ69G5FAV lost, exit code 1");
}

TEST(FormatObservation, SaysWhatCannotBeSeen) {
  Observation elsewhere = Running();
  elsewhere.state.supervisor = 0;
  elsewhere.idle.reset();
  elsewhere.processes.reset();
  EXPECT_EQ(FormatObservation(elsewhere),
            "01ARYZ6S41TSV4RRFFQ69G5FAV running, elsewhere, for 5m03s, no "
            "output yet");
}

TEST(FormatObservationJson, HasAllOfIt) {
  const Json json =
      Json::parse(FormatObservationJson(Running()), nullptr, false);
  EXPECT_EQ(json["state"], "running");
  EXPECT_TRUE(json["exit_code"].is_null());
  EXPECT_EQ(json["pid"], 77);
  EXPECT_EQ(json["idle_seconds"], 12.0);
  EXPECT_EQ(json["processes"], 7);
  const Json over =
      Json::parse(FormatObservationJson(Finished(SessionStatus::kKilled, 143)),
                  nullptr, false);
  EXPECT_EQ(over["status"], "killed");
  EXPECT_EQ(over["exit_code"], 143);
  EXPECT_TRUE(over["pid"].is_null());
  EXPECT_TRUE(over["processes"].is_null());
}

}  // namespace
}  // namespace csa
