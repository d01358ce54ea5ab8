// Amounts of memory or disk space as users write them.

#ifndef CSA_COMMON_CLI_SIZE_H_
#define CSA_COMMON_CLI_SIZE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// The bytes that "4096", "64K", "512M", "2G" or "1T" means: a whole number, and
// powers of 1024. What is zero, negative or too large is InvalidArgument.
absl::StatusOr<int64_t> ParseSize(absl::string_view text);

// For people: "512 B", "4.0 KiB", "340 MiB".
std::string FormatSize(int64_t bytes);

// The value of an option that takes such a size, or nothing where it is not
// given.
struct SizeOption {
  std::optional<int64_t> value;
};
bool AbslParseFlag(absl::string_view text, SizeOption* option,
                   std::string* error);
std::string AbslUnparseFlag(const SizeOption& option);

}  // namespace csa

#endif  // CSA_COMMON_CLI_SIZE_H_
