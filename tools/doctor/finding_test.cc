#include "tools/doctor/finding.h"

#include "gtest/gtest.h"

namespace csa {
namespace {

using Result = Finding::Result;

TEST(FormatFinding, IsOneLineInColumns) {
  EXPECT_EQ(FormatFinding({.check = "kernel", .found = "Linux 6.1.0"}),
            "ok       kernel             Linux 6.1.0");
  EXPECT_EQ(FormatFinding({.check = "pidfd_send_signal",
                           .result = Result::kWarning,
                           .found = "odd",
                           .advice = "do this"}),
            "warning  pidfd_send_signal  odd; do this");
  EXPECT_EQ(
      FormatFinding(
          {.check = "a", .result = Result::kError, .found = "\n\x1b[2J\xff"}),
      "error    a                  \\x0A\\x1B[2J\\xFF");
}

TEST(FormatFindingJson, HasTheFourKeys) {
  EXPECT_EQ(
      FormatFindingJson({.check = "kernel", .found = "a \"b\""}),
      R"({"check":"kernel","result":"ok","found":"a \"b\"","advice":null})");
  EXPECT_EQ(FormatFindingJson({.check = "a",
                               .result = Result::kError,
                               .found = "\xff",
                               .advice = "do this"}),
            "{\"check\":\"a\",\"result\":\"error\",\"found\":\"\xEF\xBF\xBD\","
            "\"advice\":\"do this\"}");
  EXPECT_EQ(FormatFindingJson({.check = "a", .result = Result::kWarning}),
            R"({"check":"a","result":"warning","found":"","advice":null})");
}

}  // namespace
}  // namespace csa
