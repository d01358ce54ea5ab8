#!/usr/bin/env -S python3 -B
"""Checks that each test that docs/security.md names exists.

Usage: security_page_test.py PAGE FILE...: FILEs are the sources of the tests.
Prints one line for each test that none of them has.
"""

import re
import sys

# `SuiteTest.WhatItShows`, as GoogleTest names it.
NAMED = re.compile(r'`([A-Z]\w+\.[A-Z]\w+)`')
DEFINED = re.compile(r'^TEST(?:_[FP])?\((\w+),\s*(\w+)\)', re.M)


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def main(page, *sources):
    named = set(NAMED.findall(read(page)))
    defined = {f'{suite}.{name}' for source in sources
               for suite, name in DEFINED.findall(read(source))}
    missing = sorted(named - defined)
    for test in missing:
        print(f'{page}: there is no test {test}')
    if not named:
        print(f'{page}: no test is named')
    return 1 if missing or not named else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
