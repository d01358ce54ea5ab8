#include "common/cli/lines_option.h"

#include <string>

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

// What an option gives. Puts the flags back.
absl::StatusOr<std::optional<int64_t>> Get(const std::string& option) {
  const absl::FlagSaver saver;
  EXPECT_TRUE(ParseOptions({option}, OptionOrder::kAnywhere).ok());
  return LastLines();
}

TEST(LastLines, IsNothingUnlessItIsGiven) {
  EXPECT_EQ(LastLines().value(), std::nullopt);
  EXPECT_EQ(Get("--tail=3").value(), 3);
  EXPECT_EQ(Get("--tail=0").value(), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(Get("--tail=-1").status()));
}

}  // namespace
}  // namespace csa
