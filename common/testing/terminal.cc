#include "common/testing/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "absl/strings/match.h"
#include "common/os/process.h"
#include "gtest/gtest.h"

namespace csa {

Terminal::Terminal() : user_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
  EXPECT_TRUE(grantpt(user_.get()) == 0 && unlockpt(user_.get()) == 0);
  name_ = ptsname(user_.get());
}

ProgramOptions Terminal::As(int stream) const {
  return {.prepare = [name = name_, stream] {
    MoveTo(open(name.c_str(), O_RDWR | O_NOCTTY), stream);
  }};
}

void Terminal::Type(absl::string_view keys) const {
  EXPECT_EQ(write(user_.get(), keys.data(), keys.size()),
            static_cast<ssize_t>(keys.size()));
}

void Terminal::AwaitShown(absl::string_view text) const {
  std::string shown;
  std::array<char, 4096> bytes;
  while (!absl::StrContains(shown, text)) {
    const ssize_t got = read(user_.get(), bytes.data(), bytes.size());
    ASSERT_GT(got, 0) << shown;
    shown.append(bytes.data(), static_cast<size_t>(got));
  }
}

}  // namespace csa
