#!/usr/bin/env bash
# Runs a test as the user nobody, who has no rights over others.
#
# In a user namespace: it needs no root, works in Bazel's sandbox, which has one
# user only, and what the test is given belongs to nobody there. All ids but
# nobody's are unknown in it, and there is no capability.
set -euo pipefail
export HOME=$TEST_TMPDIR USER=nobody
exec unshare --user --map-user=65534 --map-group=65534 "$@"
