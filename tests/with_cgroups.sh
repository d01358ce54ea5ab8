#!/usr/bin/env bash
# Runs a test on a system where csa may make cgroups. Bazel's sandbox is one
# where it may not.
set -euo pipefail
export CSA_TEST_CGROUPS=1
exec "$@"
