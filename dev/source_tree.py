"""The files of a source tree, for the checks in this directory."""

import os
import pathlib

# Neither ours nor source.
SKIPPED_DIRECTORIES = ('.git', '__pycache__', 'node_modules')


def read(root):
    """Returns {name: text} for every text file below `root`, sorted by name.

    Symbolic links, such as Bazel's bazel-bin, are left out.
    """
    files = {}
    for directory, subdirectories, names in os.walk(root):
        subdirectories[:] = sorted(
            d for d in subdirectories if d not in SKIPPED_DIRECTORIES)
        for name in sorted(names):
            path = pathlib.Path(directory, name)
            if path.is_symlink() or not path.is_file():
                continue
            try:
                text = path.read_text(encoding='utf-8')
            except UnicodeDecodeError:
                continue
            files[path.relative_to(root).as_posix()] = text
    return files


def root_of(anchor):
    """The directory that the file `anchor`, or what it links to, lies in."""
    return pathlib.Path(anchor).resolve().parent


def is_build_file(name):
    return name.rpartition('/')[2] in ('BUILD', 'BUILD.bazel')
