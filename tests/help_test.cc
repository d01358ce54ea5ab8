// Promise: csa help COMMAND opens the manual page where csa is installed with
// one, and says what --help does where it is not.

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/csa_test.h"

namespace csa {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class HelpTest : public CsaTest {
 protected:
  // Installs csa as dev/install does: the tools in bin, the pages of some of
  // them in share/man/man1.
  HelpTest() {
    for (const char* directory : {"bin", "share/man/man1"}) {
      std::filesystem::create_directories(scratch().PathOf(directory));
    }
    for (const char* tool : {"csa", "csa-wait", "csa-list", "csa-kill"}) {
      std::filesystem::copy(Tool(tool), scratch().PathOf("bin"));
    }
    for (const char* page : {"csa-wait.1", "csa-list.1"}) {
      std::filesystem::copy(absl::StrCat("docs/man/", page), PageOf(page));
    }
  }

  std::string PageOf(absl::string_view page) const {
    return scratch().PathOf(absl::StrCat("share/man/man1/", page));
  }

  // Runs the installed csa with a man that prints what it is given, or with
  // this PATH.
  Ended Help(std::vector<std::string> arguments,
             const std::string& path = "") const {
    const std::string man = scratch().PathOf("man");
    WriteFile(man, "#!/bin/sh\nprintf '<%s>' man \"$@\"\n");
    EXPECT_EQ(chmod(man.c_str(), 0700), 0);
    ProgramOptions options;
    options.environment = {{"PATH", path.empty() ? scratch().path() : path}};
    arguments.insert(arguments.begin(), scratch().PathOf("bin/csa"));
    return RunProgram(arguments, InTest(options));
  }
};

TEST_F(HelpTest, OpensThePageThatIsInstalledWithCsa) {
  const std::string wait = absl::StrCat(
      "<man><", std::filesystem::canonical(PageOf("csa-wait.1")).string(), ">");
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{
           {"help", "wait"},
           {"help", "session", "wait"},
           {"session", "help", "wait"},
           {"--format", "json", "help", "wait"},
           {"--cd=/", "help", "wait"},
           {"help", "--format=json", "wait"}}) {
    const Ended help = Help(words);
    EXPECT_EQ(help.output, wait) << words[0];
    EXPECT_EQ(help.exit_status, 0);
  }
  EXPECT_THAT(Help({"help", "ps"}).output, HasSubstr("man1/csa-list.1>"));
}

TEST_F(HelpTest, TheRealManShowsIt) {
  const Ended help = Help({"help", "wait"}, "/usr/bin:/bin");
  EXPECT_EQ(help.exit_status, 0) << help.error;
  EXPECT_THAT(help.output,
              AllOf(HasSubstr("CSA-WAIT(1)"), HasSubstr("wait for sessions")));
}

TEST_F(HelpTest, WithoutAPageItIsTheHelp) {
  const Ended help = Help({"--format=json", "help", "kill"});
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_THAT(help.output, StartsWith("Usage: csa-kill"));
}

TEST_F(HelpTest, WithoutManItIsTheHelp) {
  const Ended help = Help({"help", "wait"}, "/none");
  EXPECT_EQ(help.exit_status, 0);
  EXPECT_EQ(help.error, "");
  EXPECT_THAT(help.output, StartsWith("Usage: csa-wait"));
}

TEST_F(HelpTest, OtherwiseItIsTheHelpToo) {
  EXPECT_THAT(Help({"help"}).output, StartsWith("Usage: csa "));
  EXPECT_THAT(Help({"wait", "--help"}).output, StartsWith("Usage: csa-wait"));
  EXPECT_THAT(Help({"--help", "wait"}).output, StartsWith("Usage: csa-wait"));
}

TEST_F(HelpTest, OfNoCommandIsAnError) {
  const Ended help = Help({"help", "wiat"});
  EXPECT_EQ(help.exit_status, 125);
  EXPECT_EQ(help.output, "");
  EXPECT_THAT(help.error, AllOf(StartsWith("csa: unknown command 'wiat'"),
                                HasSubstr("did you mean wait?")));
}

}  // namespace
}  // namespace csa
