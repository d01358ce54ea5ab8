#include "tools/list/list_options.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "common/cli/options.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// What a command line gives. Puts the flags back.
absl::StatusOr<ListOptions> Get(const std::vector<std::string>& arguments) {
  const absl::FlagSaver saver;
  EXPECT_TRUE(ParseOptions(arguments, OptionOrder::kAnywhere).ok());
  return GetListOptions(kNow);
}

TEST(GetListOptions, ListsTheNewestTwentyOfAll) {
  const ListOptions options = Get({}).value();
  EXPECT_EQ(options.count, 20U);
  EXPECT_EQ(options.selection.since, absl::InfinitePast());
  EXPECT_FALSE(options.ids || options.style.tree || options.style.colours);
  EXPECT_EQ(options.style.now, kNow);
}

TEST(GetListOptions, TakesWhatIsGiven) {
  const ListOptions options =
      Get({"-n5", "--ids", "--tree", "--since=2m", "--state=lost", "--tool=sh",
           "--label=a=1", "--label=b=2", "--project=/"})
          .value();
  EXPECT_EQ(options.count, 5U);
  EXPECT_TRUE(options.ids);
  EXPECT_TRUE(options.style.tree);
  EXPECT_EQ(options.selection.since, kNow - absl::Minutes(2));
  EXPECT_EQ(options.selection.state, "lost");
  EXPECT_EQ(options.selection.tool, "sh");
  EXPECT_EQ(options.selection.labels.size(), 2U);
  EXPECT_EQ(options.selection.project, "/");
  EXPECT_EQ(Get({"--all", "-n5"})->count, std::numeric_limits<size_t>::max());
}

TEST(GetListOptions, RefusesWhatMakesNoSense) {
  EXPECT_TRUE(absl::IsInvalidArgument(Get({"-n-1"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Get({"--state=odd"}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Get({"--label=k"}).status()));
}

}  // namespace
}  // namespace csa
