#!/usr/bin/env -S python3 -B
"""Says how `bazel test` went, from the events that it wrote.

Usage: count_tests.py FILE, where FILE is that of --build_event_json_file.
Prints what failed with its logs, and last "N passed, N failed", which counts
test targets; one that did not build has failed. The counts are left out where
they would look like success and it was not. Exits 0 on success, else 1.
"""

import json
import sys
import urllib.parse

PASSED = ('FLAKY', 'PASSED')
TESTS_FAILED = 3  # Bazel's exit code when everything was built.


class Run:
    """What one `bazel test` did."""

    def __init__(self, events):
        self.tests = {}  # label: (status, logs)
        self.unbuilt = []  # other targets
        self.exit = 'CRASHED'
        for event in events:
            for kind, identity in event['id'].items():
                add = getattr(self, 'add_' + kind, None)
                if add:
                    add(identity.get('label'), event)

    def add_targetConfigured(self, label, event):
        if event.get('configured', {}).get('testSize'):
            self.tests[label] = ('NO STATUS', [])

    def add_targetCompleted(self, label, event):
        if event.get('completed', {}).get('success'):
            if label in self.tests:
                self.tests[label] = ('LEFT OUT', [])
        elif label in self.tests:
            self.tests[label] = ('FAILED TO BUILD', [])
        else:
            self.unbuilt.append(label)

    def add_testSummary(self, label, event):
        summary = event.get('testSummary', {})
        logs = [urllib.parse.unquote(urllib.parse.urlparse(log['uri']).path)
                for log in summary.get('failed', [])]
        self.tests[label] = (summary.get('overallStatus', 'NO STATUS'), logs)

    def add_buildFinished(self, _, event):
        code = event.get('finished', {}).get('exitCode', {})
        if code.get('code', 0) in (0, TESTS_FAILED):
            self.exit = None
        else:
            self.exit = code.get('name')

    def report(self):
        """Returns (lines to print, whether all went well)."""
        if not self.exit:
            # Built, and not run by a Bazel that came to its end: filtered.
            self.tests = {label: outcome for label, outcome in self.tests.items()
                          if outcome[0] != 'LEFT OUT'}
        failed = {label: outcome for label, outcome in self.tests.items()
                  if outcome[0] not in PASSED}
        lines = [f'FAILED TO BUILD: {label}' for label in self.unbuilt]
        for label, (status, logs) in sorted(failed.items()):
            lines += [f'{status}: {label}'] + [f'  {log}' for log in logs]
        if self.exit or self.unbuilt or not self.tests:
            lines.append(f'bazel test: {self.exit or "no tests"}')
            if not failed:
                return lines, False
        lines.append(f'{len(self.tests) - len(failed)} passed, '
                     f'{len(failed)} failed')
        return lines, not failed


def main(arguments):
    with open(arguments[0], encoding='utf-8') as file:
        lines, success = Run(json.loads(line) for line in file).report()
    print('\n'.join(lines))
    return 0 if success else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
