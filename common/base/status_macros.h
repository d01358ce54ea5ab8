// The two macros that pass an error on to the caller.
//
// Abseil 20220623 ships none of its own.

#ifndef CSA_COMMON_BASE_STATUS_MACROS_H_
#define CSA_COMMON_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Evaluates `expression`, an absl::Status; returns it from the enclosing
// function unless it is OK.
#define CSA_RETURN_IF_ERROR(expression)      \
  do {                                       \
    absl::Status csa_status = (expression);  \
    if (!csa_status.ok()) return csa_status; \
  } while (false)

// Evaluates `expression`, an absl::StatusOr<T>; returns its status from the
// enclosing function unless it is OK, else moves the value into `target`, which
// may be a declaration. `target` must not contain a comma outside parentheses.
#define CSA_ASSIGN_OR_RETURN(target, expression)                        \
  CSA_ASSIGN_OR_RETURN_(CSA_CONCATENATE_(csa_value_, __LINE__), target, \
                        expression)

#define CSA_ASSIGN_OR_RETURN_(value, target, expression) \
  auto value = (expression);                             \
  if (!value.ok()) return std::move(value).status();     \
  target = *std::move(value)

#define CSA_CONCATENATE_(a, b) CSA_CONCATENATE_INNER_(a, b)
#define CSA_CONCATENATE_INNER_(a, b) a##b

#endif  // CSA_COMMON_BASE_STATUS_MACROS_H_
