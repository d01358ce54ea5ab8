#include "tools/review/change.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/os/capture.h"
#include "common/os/directory.h"
#include "common/testing/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace csa {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// In a repository of its own, on the branch main.
class ChangeTest : public testing::Test {
 protected:
  ChangeTest() {
    for (const char* variable : {"GIT_DIR", "GIT_WORK_TREE"})
      unsetenv(variable);
    for (const char* variable : {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}) {
      setenv(variable, "/dev/null", 1);
    }
    for (const char* variable : {"GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME",
                                 "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"}) {
      setenv(variable, "tester", 1);
    }
    EXPECT_TRUE(EnterDirectory(scratch_.path()).ok());
    Git({"init", "--quiet", "--initial-branch=main"});
  }

  static void Git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    const absl::StatusOr<Captured> ended = Capture(arguments, "", 1 << 20);
    ASSERT_TRUE(ended.ok() && ended->wait_status == 0) << arguments[1];
  }

  void Commit(const std::string& file, const std::string& text) {
    WriteFile(scratch_.PathOf(file), text);
    Git({"add", file});
    Git({"commit", "--quiet", "--message", absl::StrCat("change ", file)});
  }

  static std::string MessageOf(const absl::StatusOr<Change>& change) {
    EXPECT_FALSE(change.ok());
    return std::string(change.status().message());
  }

  ScratchDirectory scratch_;
};

TEST_F(ChangeTest, WhatIsNotCommittedIsReviewed) {
  EXPECT_THAT(MessageOf(UncommittedChange()), HasSubstr("nothing to review"));
  WriteFile(scratch_.PathOf("first"), "before any commit\n");
  EXPECT_THAT(UncommittedChange()->text, HasSubstr("+before any commit"));
  Commit("a", "one\n");
  std::filesystem::remove(scratch_.PathOf("first"));
  EXPECT_THAT(MessageOf(UncommittedChange()), HasSubstr("nothing to review"));
  WriteFile(scratch_.PathOf("a"), "two\n");
  std::filesystem::create_directory(scratch_.PathOf("sub"));
  WriteFile(scratch_.PathOf("sub/new file"), "three\n");
  WriteFile(scratch_.PathOf("staged"), "four\n");
  Git({"add", "staged"});
  WriteFile(scratch_.PathOf(".gitignore"), "ignored\n");
  WriteFile(scratch_.PathOf("ignored"), "five\n");
  ASSERT_TRUE(EnterDirectory(scratch_.PathOf("sub")).ok());
  const absl::StatusOr<Change> change = UncommittedChange();
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_FALSE(change->cut);
  EXPECT_THAT(change->text,
              AllOf(HasSubstr("-one\n+two\n"), HasSubstr("+three\n"),
                    HasSubstr("+four\n"), HasSubstr("new file"),
                    Not(HasSubstr("five"))));
}

TEST_F(ChangeTest, ACommitIsReviewedWithItsMessage) {
  Commit("a", "one\n");
  Commit("b", "two\n");
  const absl::StatusOr<Change> change = CommittedChange("HEAD~1");
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_THAT(change->text, AllOf(HasSubstr("change a"), HasSubstr("+one"),
                                  Not(HasSubstr("two"))));
  EXPECT_THAT(MessageOf(CommittedChange("nowhere")),
              HasSubstr("git show failed"));
  EXPECT_THAT(MessageOf(CommittedChange("--output=x")),
              HasSubstr("is no revision"));
  EXPECT_FALSE(std::filesystem::exists(scratch_.PathOf("x")));
}

TEST_F(ChangeTest, ABranchAndARangeAreReviewed) {
  Commit("a", "one\n");
  Git({"checkout", "--quiet", "-b", "topic"});
  Commit("b", "two\n");
  Git({"checkout", "--quiet", "main"});
  Commit("a", "three\n");
  EXPECT_THAT(RangeOfChanges("main...topic")->text,
              AllOf(HasSubstr("+two"), Not(HasSubstr("three"))));
  EXPECT_THAT(RangeOfChanges("main..topic")->text, HasSubstr("-three"));
  EXPECT_THAT(MessageOf(RangeOfChanges("main")), HasSubstr("is no range"));
  Git({"checkout", "--quiet", "topic"});
  for (const char* base : {"", "main"}) {
    const absl::StatusOr<Change> change = BranchChange(base);
    ASSERT_TRUE(change.ok()) << change.status();
    EXPECT_THAT(change->text,
                AllOf(HasSubstr("+two"), Not(HasSubstr("three"))));
    EXPECT_EQ(change->what, "the changes of the branch since it left main");
  }
  Git({"branch", "--quiet", "--move", "main", "trunk"});
  EXPECT_THAT(MessageOf(BranchChange("")), HasSubstr("--branch=trunk"));
}

TEST_F(ChangeTest, FilesAreReviewedWithoutARepository) {
  std::filesystem::remove_all(scratch_.PathOf(".git"));
  WriteFile(scratch_.PathOf("a"), "one");
  WriteFile(scratch_.PathOf("b"), "two\n");
  const absl::StatusOr<Change> change = WholeFiles({"a", scratch_.PathOf("b")});
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->text, absl::StrCat("=== a ===\none\n=== ",
                                       scratch_.PathOf("b"), " ===\ntwo\n"));
  EXPECT_THAT(MessageOf(WholeFiles({"nowhere"})), HasSubstr("nowhere"));
  EXPECT_THAT(MessageOf(WholeFiles({})), HasSubstr("no file is named"));
  EXPECT_THAT(MessageOf(UncommittedChange()), HasSubstr("failed"));
}

TEST_F(ChangeTest, WhatIsTooLongIsCut) {
  std::string text;
  while (text.size() <= kMaxChangeBytes) text += "a line of some length\n";
  WriteFile(scratch_.PathOf("a"), text);
  for (const absl::StatusOr<Change>& change :
       {WholeFiles({"a"}), UncommittedChange()}) {
    ASSERT_TRUE(change.ok()) << change.status();
    EXPECT_TRUE(change->cut);
    EXPECT_LE(change->text.size(), kMaxChangeBytes + 1);
    EXPECT_TRUE(absl::EndsWith(change->text, "\n"));
  }
}

TEST_F(ChangeTest, NothingIsHidden) {
  Commit("a.c", "one\n");
  Commit(".gitattributes", "*.c -diff\n*.h binary\n");
  WriteFile(scratch_.PathOf("a.c"), "two\n");
  WriteFile(scratch_.PathOf("b.h"), "three\n");
  WriteFile(scratch_.PathOf("data"), std::string("x\0\xff four\n", 9));
  std::filesystem::create_directory(scratch_.PathOf("sub"));
  Git({"config", "diff.relative", "true"});
  ASSERT_TRUE(EnterDirectory(scratch_.PathOf("sub")).ok());
  const absl::StatusOr<Change> change = UncommittedChange();
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_FALSE(change->cut);
  EXPECT_THAT(change->text, AllOf(HasSubstr("-one\n+two\n"),
                                  HasSubstr("+three\n"), HasSubstr("four")));
}

TEST_F(ChangeTest, BeforeTheFirstCommitTheFilesCountToo) {
  WriteFile(scratch_.PathOf("a"), "staged\n");
  Git({"add", "a"});
  WriteFile(scratch_.PathOf("a"), "edited\n");
  EXPECT_THAT(UncommittedChange()->text,
              AllOf(HasSubstr("+edited"), HasSubstr("+staged")));
}

TEST_F(ChangeTest, WhatIsStagedIsNotHiddenByTheWorkingTree) {
  Commit("a", "one\n");
  WriteFile(scratch_.PathOf("a"), "staged\n");
  WriteFile(scratch_.PathOf("b"), "new\n");
  Git({"add", "a", "b"});
  WriteFile(scratch_.PathOf("a"), "one\n");
  std::filesystem::remove(scratch_.PathOf("b"));
  EXPECT_THAT(UncommittedChange()->text,
              AllOf(HasSubstr("+staged"), HasSubstr("+new")));
}

TEST_F(ChangeTest, NamesAreWhatTheySay) {
  Commit("a", "one\n");
  Git({"checkout", "--quiet", "-b", "topic"});
  Commit("a", "two\n");
  Git({"tag", "main"});
  EXPECT_THAT(BranchChange("")->text, HasSubstr("+two"));
  WriteFile(scratch_.PathOf("-"), "three\n");
  EXPECT_THAT(UncommittedChange()->text, HasSubstr("+three"));
  Git({"tag", "blob", "HEAD:a"});
  EXPECT_FALSE(CommittedChange("blob").ok());
}

TEST_F(ChangeTest, WhatCannotBeShownIsSaid) {
  Commit("a", "one\n");
  Git({"init", "--quiet", scratch_.PathOf("nested")});
  WriteFile(scratch_.PathOf("nested/file"), "two\n");
  const absl::StatusOr<Change> change = UncommittedChange();
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_TRUE(change->cut);
  EXPECT_THAT(change->text,
              HasSubstr("=== nested/ is new, and cannot be shown ==="));
}

// A hostile repository: what its attributes name may be configured.
TEST_F(ChangeTest, NothingThatTheRepositoryNamesIsExecuted) {
  const std::string ran = scratch_.PathOf("ran");
  WriteFile(scratch_.PathOf("evil.sh"),
            absl::StrCat("#!/bin/sh\ntouch ", ran, "\n"));
  std::filesystem::permissions(scratch_.PathOf("evil.sh"),
                               std::filesystem::perms::owner_all);
  Commit(".gitattributes", "* diff=evil filter=evil\n");
  for (const char* key :
       {"diff.external", "diff.evil.command", "diff.evil.textconv",
        "core.fsmonitor", "core.pager", "filter.evil.clean",
        "filter.evil.process", "filter.a=b.clean", "gpg.program"}) {
    Git({"config", key, scratch_.PathOf("evil.sh")});
  }
  Git({"config", "filter.evil.required", "true"});
  Git({"config", "log.showSignature", "true"});
  std::filesystem::create_directories(scratch_.PathOf(".git/hooks"));
  std::filesystem::copy(scratch_.PathOf("evil.sh"),
                        scratch_.PathOf(".git/hooks/post-index-change"));
  std::filesystem::remove(ran);  // git add may have run the monitor
  WriteFile(scratch_.PathOf("a"), "one\n");
  WriteFile(scratch_.PathOf(".gitattributes"), "* diff=evil filter=evil\n\n");
  EXPECT_THAT(UncommittedChange()->text, HasSubstr("+one"));
  EXPECT_TRUE(CommittedChange("HEAD").ok());
  EXPECT_FALSE(std::filesystem::exists(ran));
}

}  // namespace
}  // namespace csa
