#!/usr/bin/env python3
"""A model for tests: does what the prompt itself says.

Usage: model_server.py

Speaks as much of OpenAI's Responses protocol as codex needs, on loopback only.
Prints its port on a line of its own and serves until its standard input ends.
The newest message of the user that holds directives says what to answer:

  [[reply TEXT]]   TEXT is the final answer ("done" where there is none)
  [[sh COMMAND]]   before that, have the agent's shell tool run COMMAND
  [[fail STATUS]]  refuse with this HTTP status
"""

import http.server
import json
import re
import sys
import threading

DIRECTIVE = re.compile(r'\[\[(reply|sh|fail) (.*?)\]\]', re.DOTALL)

# codex adds these up, and refuses an answer without them.
USAGE = {'input_tokens': 1, 'output_tokens': 1, 'total_tokens': 2}


def text_of(message):
    return ''.join(part.get('text', '') for part in message['content'])


def read_conversation(items):
    """Returns the directives that count, and whether a tool has run since."""
    directives, tool_has_run = {}, False
    for item in items:
        if item['type'] == 'function_call_output':
            tool_has_run = True
        elif item['type'] == 'message' and item['role'] == 'user':
            found = dict(DIRECTIVE.findall(text_of(item)))
            if found:
                directives, tool_has_run = found, False
    return directives, tool_has_run


def shell_call(command):
    # Longer than any test: the tool is not to be left in the background.
    arguments = {'cmd': command, 'yield_time_ms': 600_000}
    return {'type': 'function_call', 'call_id': 'call', 'name': 'exec_command',
            'arguments': json.dumps(arguments)}


def final_answer(text):
    return {'type': 'message', 'role': 'assistant', 'id': 'message',
            'content': [{'type': 'output_text', 'text': text}]}


def events_for(item):
    """The server-sent events of an answer that consists of one item."""
    response = {'id': 'response'}
    yield {'type': 'response.created', 'response': response}
    yield {'type': 'response.output_item.done', 'item': item}
    yield {'type': 'response.completed', 'response': response | {'usage': USAGE}}


class Model(http.server.BaseHTTPRequestHandler):

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        directives, tool_has_run = read_conversation(json.loads(body)['input'])
        if 'fail' in directives:
            self.refuse(int(directives['fail']))
        elif 'sh' in directives and not tool_has_run:
            self.stream(shell_call(directives['sh']))
        else:
            self.stream(final_answer(directives.get('reply', 'done')))

    def refuse(self, status):
        self.start(status, 'application/json')
        error = {'message': 'refused as the prompt asked for'}
        self.wfile.write(json.dumps({'error': error}).encode())

    def stream(self, item):
        self.start(200, 'text/event-stream')
        for event in events_for(item):
            text = f'event: {event["type"]}\ndata: {json.dumps(event)}\n\n'
            self.wfile.write(text.encode())

    def start(self, status, content_type):
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing: the agent's own log tells enough."""


def main():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == '__main__':
    main()
