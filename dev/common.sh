# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: goes to the top of the tree.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Flags for Bazel where nobody watches: no colours, no progress, no cursor.
bazel_ui=()
if [[ ${CI:-} == true || ! -t 2 ]]; then
  bazel_ui=(--color=no --curses=no --noshow_progress)
fi

# Ends the script with a message.
die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# Prints the comment at the head of the script, without its first line.
usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "dev/${0##*/}"
}
