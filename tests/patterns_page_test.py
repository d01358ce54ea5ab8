#!/usr/bin/env -S python3 -B
"""Checks the examples and the drawing of docs/patterns.md.

Usage: patterns_page_test.py PAGE WEAVE FILE...: the FILEs called PATTERN.md are the
patterns that come with csa. Each block "markdown" of the page is compiled with
--strict, in a folder beside those of the patterns, so that it can include them;
before one without a frontmatter a name is put. The block "mermaid" must be what
weave draws of the pattern pr-bot, and a table must name each pattern.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# A fence of more backticks has others in it.
BLOCK = re.compile(r'^(`{3,})(\w+)\n(.*?)^\1$', re.M | re.S)
DRAWN = 'pr-bot'


def blocks_of(page, language):
    """Yields (line, text) of each block in that language."""
    for match in BLOCK.finditer(page):
        if match[2] == language:
            yield page.count('\n', 0, match.start()) + 1, match[3]


def folder_of(pattern):
    return os.path.basename(os.path.dirname(pattern))


def run(*command):
    return subprocess.run(command, text=True, check=False, capture_output=True)


def example_findings(page, weave, patterns):
    with tempfile.TemporaryDirectory() as directory:
        for pattern in patterns:
            os.mkdir(f'{directory}/{folder_of(pattern)}')
            shutil.copy(pattern, f'{directory}/{folder_of(pattern)}/')
        os.mkdir(directory + '/example')
        file = directory + '/example/PATTERN.md'
        count = 0
        for line, text in blocks_of(page, 'markdown'):
            count += 1
            if not text.startswith('---\n'):
                text = '---\nname = "example"\n---\n' + text
            with open(file, 'w', encoding='utf-8') as out:
                out.write(text)
            ended = run(weave, 'compile', '--strict', file)
            if ended.returncode != 0:
                yield f'the example in line {line}: {ended.stderr}'
        if count == 0:
            yield 'there are no examples'


def drawing_findings(page, weave, patterns):
    drawings = [text for _, text in blocks_of(page, 'mermaid')]
    files = [pattern for pattern in patterns if folder_of(pattern) == DRAWN]
    if len(drawings) != 1 or len(files) != 1:
        yield f'{len(drawings)} drawings, and {len(files)} patterns {DRAWN}'
        return
    drawn = run(weave, 'show', '--format=mermaid', files[0])
    if drawn.returncode != 0 or drawn.stdout != drawings[0]:
        yield (f'the drawing of {DRAWN} is not what weave show --format mermaid '
               f'prints:\n{drawn.stdout}{drawn.stderr}')


def table_findings(page, patterns):
    named = set(re.findall(r'^\| `([\w-]+)` \| [^|]+ \| (?:`[^|]+` )?\|$', page, re.M))
    for missing in sorted({folder_of(pattern) for pattern in patterns} - named):
        yield f'the table of patterns has no {missing}'


def main(page, weave, *files):
    with open(page, encoding='utf-8') as file:
        text = file.read()
    weave = os.path.abspath(weave)
    patterns = [file for file in files if os.path.basename(file) == 'PATTERN.md']
    found = [*example_findings(text, weave, patterns),
             *drawing_findings(text, weave, patterns),
             *table_findings(text, patterns)]
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
