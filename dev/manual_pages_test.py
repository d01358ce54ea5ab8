#!/usr/bin/env -S python3 -B
"""Checks that the manual pages say what the tools' --help says.

Usage: manual_pages_test.py FILE...: FILEs whose names end in .1 are pages, the
others tools, each of which is run with --help. Prints one line for each
difference: a tool without a page or a page without a tool, a missing section, an
option (or its value's name, or a command of csa) that one has and the other has
not.
"""

import re
import subprocess
import sys

SECTIONS = ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS',
            'ENVIRONMENT', 'FILES', 'EXAMPLES', 'SEE ALSO')


def base_name(path):
    return path.rpartition('/')[2]


def sections_of(page):
    """{title: text} of a page, in its order."""
    parts = re.split(r'^\.SH +(.+)\n', page, flags=re.M)
    return {title.strip('"'): text
            for title, text in zip(parts[1::2], parts[2::2])}


def tags_of(text):
    """The tags of the tagged paragraphs in `text`, as a reader sees them."""
    for line in re.findall(r'^\.TP\n\.[BI]+ (.+)$', text, re.M):
        words = re.findall(r'"([^"]*)"|(\S+)', line)
        yield ''.join(a or b for a, b in words).replace('\\-', '-')


def options_in_help(text):
    """"--cd DIR", "--project[=DIR]" and the like."""
    listed = text.partition('\nOptions:\n')[2].partition('\n\n')[0]
    for line in listed.splitlines():
        match = re.match(r'  ((?:-[a-z], )?--[a-z-]+(?: [A-Z=]+|\[=[A-Z]+\])?)(?: |$)', line)
        yield match[1] if match else f'a line that is no option: {line}'


def commands_in_help(text):
    listed = text.partition('\nCommands:\n')[2].partition('\n\n')[0]
    return re.findall(r'^  (\S+) ', listed, re.M)


def differences(name, text, page):
    """Yields how `page` differs from `text`, the help of the tool `name`."""
    sections = sections_of(page)
    present = [title for title in sections if title in SECTIONS]
    if present != list(SECTIONS):
        yield f'has the sections {present}, not {list(SECTIONS)}'
    if not sections.get('NAME', '').replace('\\-', '-').startswith(f'{name} - '):
        yield f'NAME does not begin with {name}'
    compared = [
        ('option', set(options_in_help(text)), 'OPTIONS'),
        ('command', set(commands_in_help(text)), 'COMMANDS'),
    ]
    for what, helped, title in compared:
        paged = set(tags_of(sections.get(title, '')))
        for missing in sorted(helped - paged):
            yield f'{what} {missing} is in --help, not under {title}'
        for surplus in sorted(paged - helped):
            yield f'{what} {surplus} is under {title}, not in --help'
    if not any(compared[0][1]):
        yield 'no options in --help'


def findings(files):
    pages = {base_name(file): file for file in files if file.endswith('.1')}
    tools = {base_name(file) + '.1': file
             for file in files if not file.endswith('.1')}
    for page in sorted(set(pages) - set(tools)):
        yield f'{page}: there is no such tool'
    for page in sorted(set(tools) - set(pages)):
        yield f'{page}: there is no such page'
    for page in sorted(set(pages) & set(tools)):
        text = subprocess.run([tools[page], '--help'], check=True, text=True,
                              capture_output=True).stdout
        with open(pages[page], encoding='utf-8') as file:
            for difference in differences(page[:-2], text, file.read()):
                yield f'{page}: {difference}'


def main(files):
    found = list(findings(files))
    for finding in found:
        print(finding)
    if not files:
        print('no tools and no pages are given')
    return 1 if found or not files else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
