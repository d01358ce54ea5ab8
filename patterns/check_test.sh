#!/bin/sh
# F45: every compiled workflow is what its pattern says, and no pattern has a
# warning.
#
# Usage: check_test.sh WEAVE WORKFLOW...: the workflows that csa comes with. Bazel
# starts it in the top directory.
set -eu
weave=$1
shift
"$weave" check --strict patterns
for workflow in "$@"; do
  name=$(basename "$(dirname "$workflow")")
  if ! grep -q "^name = \"$name\"$" "$workflow"; then
    echo "$workflow is not of the pattern $name" >&2
    exit 1
  fi
done
test "$#" -eq 18
