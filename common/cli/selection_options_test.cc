#include "common/cli/selection_options.h"

#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "common/os/directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// What a command line gives. Puts the flags back.
absl::StatusOr<SelectionOptions> Get(
    const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;
  EXPECT_TRUE(ParseOptions(arguments, OptionOrder::kAnywhere).ok());
  return GetSelectionOptions();
}

TEST(GetSelectionOptions, NothingIsEmpty) { EXPECT_TRUE(Get({})->empty()); }

TEST(GetSelectionOptions, EachLabelCounts) {
  EXPECT_THAT(Get({"--label=a=1", "--label", "b=x=y", "--label=a=2"})->labels,
              ElementsAre(Pair("a", "2"), Pair("b", "x=y")));
  EXPECT_TRUE(absl::IsInvalidArgument(Get({"--label=a"}).status()));
}

TEST(GetSelectionOptions, AProjectIsTheWorkingDirectorysUnlessItIsNamed) {
  EXPECT_EQ(Get({"--project"})->project, WorkingDirectory().value());
  EXPECT_EQ(Get({"--project=/usr/.."})->project, "/");
  EXPECT_FALSE(Get({"--project"})->empty());
  EXPECT_TRUE(absl::IsNotFound(Get({"--project=/no/such"}).status()));
}

}  // namespace
}  // namespace csa
