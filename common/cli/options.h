// The command line: options declared with ABSL_FLAG, then operands.
//
// Abseil's own parser is not used: docs/adr/0005-own-option-parser.md.

#ifndef CSA_COMMON_CLI_OPTIONS_H_
#define CSA_COMMON_CLI_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace csa {

// The value of an option that may be given several times.
struct RepeatedOption {
  std::vector<std::string> values;
};
bool AbslParseFlag(absl::string_view text, RepeatedOption* option,
                   std::string* error);
std::string AbslUnparseFlag(const RepeatedOption& option);

// The value of an option that may stand without one: "--name" or
// "--name=VALUE".
struct OptionalValue {
  bool given = false;
  std::string value;  // empty where it stands alone
};
bool AbslParseFlag(absl::string_view text, OptionalValue* option,
                   std::string* error);
std::string AbslUnparseFlag(const OptionalValue& option);

// Where options may stand.
enum class OptionOrder {
  kAnywhere,        // also after operands, up to "--"
  kBeforeOperands,  // what follows the first operand is left as it is
};

// Sets the flags that `arguments` (without the program's name) give as
// "--name value", "--name=value" or, for a bool, "--name"; dashes in names
// stand for underscores. The value of an OptionalValue stands behind "=" only.
// "-n VALUE", "-nVALUE" or, for a bool, "-n" gives the option whose help text
// begins with "-n"; "-h" is "--help". Returns the operands. InvalidArgument for
// an unknown option (names the nearest one), a missing or empty value, or one
// that the flag refuses.
absl::StatusOr<std::vector<std::string>> ParseOptions(
    const std::vector<std::string>& arguments, OptionOrder order);

// One line for each option of this program, by name, with its help text. The
// text is "VALUE|what it does", "[=VALUE]|what it does" for an OptionalValue,
// or "what it does" for a bool, with "-n " in front where it has a short form;
// an option with an empty one is hidden. The last line has no newline.
std::string DescribeOptions();

}  // namespace csa

#endif  // CSA_COMMON_CLI_OPTIONS_H_
