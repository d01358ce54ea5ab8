// What fault_point is in a release build: nothing. This is built with NDEBUG,
// and so is fault_point.cc here.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/os/fault_point.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

static_assert(!InjectFault("mkdir"), "decided by the compiler");
static_assert(WriteSize(7) == 7);

TEST(FaultPointRelease, LeavesNoTraceInTheProgram) {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  const std::string program(std::istreambuf_iterator<char>(file), {});
  // Put together here, so that this test does not find itself.
  const std::string variable = absl::StrCat("CSA_", "FAULT");
  EXPECT_FALSE(absl::StrContains(program, variable));
  EXPECT_TRUE(absl::StrContains(program, "LeavesNoTraceInTheProgram"));
}

}  // namespace
}  // namespace csa
